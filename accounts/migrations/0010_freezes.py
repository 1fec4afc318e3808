from django.db import migrations, models

SIDE = """
    update accounts_account a
    set {side}_freezes = coalesce((
        select string_agg(distinct e.data::json->>'because', ',' order by e.data::json->>'because')
        from bank_event e
        where e.stream = 'account-' || a.id and e.type = 'AccountFrozen.v1'
            and e.data::json->>'side' in ('{side}', 'both')
            and e.version > coalesce((
                select max(u.version) from bank_event u
                where u.stream = e.stream and u.type = 'AccountUnfrozen.v1'
                    and u.data::json->>'side' in ('{side}', 'both')
            ), 0)
    ), '')
    where a.{side}_frozen
"""
"""Until now an unfreeze lifted whatever was frozen, so only what was frozen after the last one is in force."""


class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0001_kernel"),
        ("accounts", "0009_given_up_files"),
    ]

    operations = [
        migrations.AddField("account", "debit_freezes", models.TextField(default="")),
        migrations.AddField("account", "credit_freezes", models.TextField(default="")),
        migrations.RunSQL(SIDE.format(side="debit"), migrations.RunSQL.noop),
        migrations.RunSQL(SIDE.format(side="credit"), migrations.RunSQL.noop),
    ]
