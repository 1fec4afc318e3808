"""The views' tables are made by SQL; the models after it only let Django read them."""

from django.db import migrations, models

from bankview import sql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(sql.read("tables.sql")),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "generation",
                        "customer_id",
                        "time",
                        "stream",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                ("customer_id", models.TextField()),
                ("time", models.DateTimeField()),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
                ("kind", models.TextField()),
                ("text", models.TextField()),
            ],
            options={
                "verbose_name_plural": "activities",
                "db_table": "bankview_activity",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CustomerBankView",
            fields=[
                ("customer_id", models.TextField(primary_key=True, serialize=False)),
                ("generation", models.SmallIntegerField()),
                ("revision", models.BigIntegerField()),
                ("mobile_number", models.TextField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "customer bank view",
                "db_table": "bankview_customer",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "generation",
                        "customer_id",
                        "part",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                ("customer_id", models.TextField()),
                ("part", models.TextField()),
                ("id", models.TextField()),
                ("version", models.IntegerField()),
                ("shown_by", models.DateTimeField()),
                ("state", models.TextField()),
                ("document", models.TextField()),
            ],
            options={
                "db_table": "bankview_part",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("generation", models.SmallIntegerField()),
                ("name", models.TextField()),
                ("correlation_id", models.UUIDField(null=True)),
                ("customer_id", models.TextField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("deadline", models.DateTimeField(null=True)),
                ("outcome", models.TextField()),
                ("turned_version", models.IntegerField()),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "processes",
                "db_table": "bankview_process",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ProcessStep",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "generation",
                        "process_id",
                        "stream",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                ("process_id", models.TextField()),
                ("stream", models.TextField()),
                ("version", models.IntegerField()),
                ("type", models.TextField()),
                ("time", models.DateTimeField()),
                ("actor", models.TextField()),
                ("detail", models.TextField()),
            ],
            options={
                "db_table": "bankview_process_step",
                "managed": False,
            },
        ),
    ]
