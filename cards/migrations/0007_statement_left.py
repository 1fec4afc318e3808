from django.db import migrations

FILL = """
    update cards_card c
    set statement_left_minor = (h.credit->>'revolving_minor')::bigint + (h.credit->>'billed_minor')::bigint
    from (select stream, state::json->'credit' as credit from bank_head where stream like 'card-%') h
    where h.stream = 'card-' || c.card_id and c.kind = 'credit'
        and h.credit->>'revolving_minor' is not null and h.credit->>'billed_minor' is not null
"""
"""What was left of a statement when the column came: rows were 0 until their next event."""


class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0001_kernel"),
        ("cards", "0006_payouts"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
