from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_customer_may_be_empty"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="subject",
            field=models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True),
        ),
    ]
