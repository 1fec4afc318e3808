from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_posting_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="reference",
            field=models.TextField(default=""),
        ),
    ]
