"""Where each orchestrated saga stands, and when it is looked at again: a read table, rebuilt from events like any other."""

from django.db import migrations, models

TABLE = """
create table bank_saga (
    id          text        primary key,
    name        text        not null,
    customer_id text        not null,
    status      text        not null,
    step        text        not null,
    participant text        not null,
    awaited     uuid,
    turn        integer     not null,
    code        text        not null,
    proposed    text        not null,
    proposed_by text        not null,
    begun_at    timestamptz not null,
    changed_at  timestamptz not null,
    due_at      timestamptz,
    overdue_at  timestamptz
);
create index bank_saga_due on bank_saga (due_at) where due_at is not null;
create index bank_saga_begun on bank_saga (begun_at);
create index bank_saga_customer on bank_saga (customer_id);
"""


class Migration(migrations.Migration):
    dependencies = [("bank", "0002_command_times")]

    operations = [
        migrations.RunSQL(TABLE, "drop table bank_saga"),
        migrations.CreateModel(
            name="SagaRow",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("customer_id", models.TextField()),
                ("status", models.TextField()),
                ("step", models.TextField()),
                ("participant", models.TextField()),
                ("awaited", models.UUIDField(null=True)),
                ("turn", models.IntegerField()),
                ("code", models.TextField()),
                ("proposed", models.TextField()),
                ("proposed_by", models.TextField()),
                ("begun_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("overdue_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "bank_saga",
                "managed": False,
            },
        ),
    ]
