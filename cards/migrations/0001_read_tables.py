from django.db import migrations, models

from cards import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            sql.read("tables.sql"),
            state_operations=[
                migrations.CreateModel(
                    name="Card",
                    fields=[
                        ("card_id", models.TextField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("customer_id", models.TextField()),
                        ("account_id", models.TextField()),
                        ("currency", models.TextField()),
                        ("token", models.TextField()),
                        ("last_four", models.TextField()),
                        ("status", models.TextField()),
                        ("blocked_for", models.TextField()),
                        ("per_payment_limit_minor", models.BigIntegerField()),
                        ("per_day_limit_minor", models.BigIntegerField()),
                        ("counted_on", models.DateField()),
                        ("spent_minor", models.BigIntegerField()),
                        ("issued_on", models.DateField()),
                        ("expires_on", models.DateField()),
                        ("version", models.IntegerField()),
                    ],
                    options={
                        "db_table": "cards_card",
                        "indexes": [models.Index(fields=["customer_id"], name="cards_card_customer")],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
                    fields=[
                        ("payment_id", models.TextField(primary_key=True, serialize=False)),
                        ("card_id", models.TextField()),
                        ("account_id", models.TextField()),
                        ("customer_id", models.TextField()),
                        ("merchant", models.TextField()),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.TextField()),
                        ("status", models.TextField()),
                        ("code", models.TextField()),
                        ("captured_minor", models.BigIntegerField()),
                        ("refunded_minor", models.BigIntegerField()),
                        ("requested_on", models.DateField()),
                        ("expires_on", models.DateField()),
                        ("requested_at", models.DateTimeField()),
                        ("authorized_at", models.DateTimeField(null=True)),
                        ("captured_at", models.DateTimeField(null=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("version", models.IntegerField()),
                    ],
                    options={
                        "db_table": "cards_payment",
                        "indexes": [
                            models.Index(fields=["customer_id", "-requested_at"], name="cards_payment_customer"),
                            models.Index(
                                condition=models.Q(("status__in", ("requested", "authorized"))),
                                fields=["expires_on"],
                                name="cards_payment_open",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
                    fields=[
                        ("refund_id", models.TextField(primary_key=True, serialize=False)),
                        ("payment_id", models.TextField()),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.TextField()),
                        ("requested_at", models.DateTimeField()),
                        ("settled_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "cards_refund",
                        "indexes": [models.Index(fields=["payment_id"], name="cards_refund_payment")],
                    },
                ),
            ],
        )
    ]
