from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loans", "0006_write_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="loan",
            name="origination_id",
            field=models.UUIDField(null=True),
        ),
    ]
