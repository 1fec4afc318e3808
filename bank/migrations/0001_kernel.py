"""The kernel's tables are made by SQL; the models after it only let Django read them."""

import django.contrib.postgres.fields
from django.db import migrations, models

from bank import sql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(sql.read("tables.sql")),
        migrations.CreateModel(
            name="CommandRow",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("fingerprint", models.BinaryField()),
                ("outcome", models.TextField()),
                ("code", models.TextField()),
                ("reason", models.TextField()),
                ("streams", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("versions", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "bank_command",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("id", models.BooleanField(primary_key=True, serialize=False)),
                ("epoch", models.IntegerField()),
            ],
            options={
                "db_table": "bank_epoch",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
                ("type", models.TextField()),
                ("data", models.TextField()),
                ("metadata", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("position", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "bank_event",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FeedCursor",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "consumer", "source", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("consumer", models.TextField()),
                ("source", models.TextField()),
                ("epoch", models.IntegerField()),
                ("position", models.BigIntegerField()),
                ("stopped", models.TextField()),
            ],
            options={
                "db_table": "bank_cursor",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("stream", models.TextField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("hash", models.BinaryField()),
                ("state", models.TextField()),
                ("state_version", models.IntegerField()),
            ],
            options={
                "db_table": "bank_head",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField()),
                ("lane", models.SmallIntegerField()),
                ("aggregatetype", models.TextField()),
                ("aggregateid", models.TextField()),
                ("type", models.TextField()),
                ("payload", models.TextField()),
                ("attempts", models.SmallIntegerField()),
                ("retry_at", models.DateTimeField(null=True)),
                ("blocked_at", models.DateTimeField(null=True)),
                ("error", models.TextField()),
            ],
            options={
                "verbose_name": "outbox message",
                "db_table": "bank_outbox",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ParkedMessage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("consumer", models.TextField()),
                ("source", models.TextField()),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
                ("message_id", models.UUIDField()),
                ("type", models.TextField()),
                ("customer_id", models.TextField(null=True)),
                ("message", models.TextField()),
                ("error", models.TextField()),
                ("attempts", models.IntegerField()),
                ("parked_at", models.DateTimeField()),
                ("retry_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "parked message",
                "db_table": "bank_parked",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Projection",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("live", models.SmallIntegerField()),
                ("shadow", models.SmallIntegerField(null=True)),
                ("previous", models.SmallIntegerField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "bank_projection",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RebuildCursor",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "projection",
                        "generation",
                        "source",
                        "shard",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("projection", models.TextField()),
                ("generation", models.SmallIntegerField()),
                ("source", models.TextField()),
                ("shard", models.TextField()),
                ("position", models.BigIntegerField()),
            ],
            options={
                "db_table": "bank_rebuild",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "projection",
                        "generation",
                        "source",
                        "stream",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("projection", models.TextField()),
                ("generation", models.SmallIntegerField()),
                ("source", models.TextField()),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
            ],
            options={
                "db_table": "bank_seen",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
                ("state", models.TextField()),
                ("state_version", models.IntegerField()),
            ],
            options={
                "db_table": "bank_snapshot",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                ("customer_id", models.TextField(primary_key=True, serialize=False)),
                ("master_key", models.TextField()),
                ("wrapped", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "bank_subject_key",
                "managed": False,
            },
        ),
    ]
