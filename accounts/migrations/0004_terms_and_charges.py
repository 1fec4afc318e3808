from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_hold_reference"),
    ]

    operations = [
        *[
            migrations.AddField("account", name, field(default=0), preserve_default=False)
            for name, field in {
                "interest_bps": models.IntegerField,
                "overdraft_bps": models.IntegerField,
                "monthly_fee_minor": models.BigIntegerField,
                "fees_due_minor": models.BigIntegerField,
                "accrued_minor": models.BigIntegerField,
            }.items()
        ],
        migrations.AddField("account", "active_on", models.DateField(null=True)),
        migrations.RunSQL("update accounts_account set active_on = opened_on", migrations.RunSQL.noop),
        migrations.AlterField("account", "active_on", models.DateField()),
    ]
