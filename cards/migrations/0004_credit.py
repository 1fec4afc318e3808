from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cards", "0003_card_life"),
    ]

    operations = [
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("card_id", models.TextField()),
                ("version", models.IntegerField()),
                ("type", models.TextField()),
                ("debit", models.TextField()),
                ("credit", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("booked_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "cards_posting",
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("card_id", models.TextField()),
                ("number", models.IntegerField()),
                ("currency", models.TextField()),
                ("opening_minor", models.BigIntegerField()),
                ("balance_minor", models.BigIntegerField()),
                ("interest_minor", models.BigIntegerField()),
                ("minimum_due_minor", models.BigIntegerField()),
                ("closed_on", models.DateField()),
                ("due_on", models.DateField()),
                ("overdue_minor", models.BigIntegerField(db_default=0)),
            ],
            options={
                "db_table": "cards_statement",
            },
        ),
        migrations.AddField(
            model_name="card",
            name="authorized_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="card",
            name="credit_limit_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="card",
            name="is_late",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="card",
            name="minimum_left_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="card",
            name="next_closing_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="card",
            name="outstanding_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="card",
            name="payment_due_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="card",
            name="rate_bps",
            field=models.IntegerField(db_default=0),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(
                condition=models.Q(("kind", "credit")), fields=["next_closing_on"], name="cards_card_closing"
            ),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(
                condition=models.Q(("is_late", False), ("minimum_left_minor__gt", 0)),
                fields=["payment_due_on"],
                name="cards_card_due",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["card_id"], name="cards_posting_card"),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["recorded_at"], name="cards_posting_recorded"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(fields=("card_id", "number"), name="cards_statement_number"),
        ),
    ]
