from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cards", "0004_credit"),
    ]

    operations = [
        migrations.AddField(
            model_name="card",
            name="on_its_way_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="card",
            name="statement_left_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.CreateModel(
            name="BillPayment",
            fields=[
                ("payment_id", models.TextField(primary_key=True, serialize=False)),
                ("card_id", models.TextField()),
                ("customer_id", models.TextField()),
                ("account_id", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("status", models.TextField()),
                ("code", models.TextField()),
                ("requested_on", models.DateField()),
                ("requested_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "cards_bill_payment",
                "indexes": [
                    models.Index(fields=["card_id", "-requested_at", "-payment_id"], name="cards_bill_payment_card"),
                    models.Index(
                        condition=models.Q(("status", "requested")), fields=["due_at"], name="cards_bill_payment_due"
                    ),
                ],
            },
        ),
    ]
