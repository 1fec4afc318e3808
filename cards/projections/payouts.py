"""The read table of payouts, written like those in `projections`."""

from collections.abc import Sequence
from typing import Any

from bank.columns import write
from bank.context import Changed, Cursor, InlineProjection
from bank.recorded import Recorded
from cards.domain.card.credit_facts import CardPayoutDeclined, CardPayoutRequested, CardPayoutSettled

INSERT_PAYOUTS = """
    insert into cards_payout (payout_id, card_id, customer_id, account_id, amount_minor, currency, requested_on,
        requested_at, status, code)
    select u.*, 'requested', ''
    from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::date[],
                %b::timestamptz[])
        u(payout_id, card_id, customer_id, account_id, amount_minor, currency, requested_on, requested_at)
    on conflict (payout_id) do nothing
"""

END_PAYOUTS = """
    update cards_payout p set status = u.status, code = u.code, ended_at = u.ended_at
    from unnest(%b::text[], %b::text[], %b::text[], %b::timestamptz[]) u(payout_id, status, code, ended_at)
    where p.payout_id = u.payout_id
"""


def project_payouts(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    requested: list[tuple[Any, ...]] = []
    ended: list[tuple[Any, ...]] = []
    for one in events:
        match one.event:
            case CardPayoutRequested() as e:
                about = (e.payout_id, e.card_id, e.customer_id, e.account_id, e.amount_minor, e.currency)
                requested.append((*about, e.requested_on, one.recorded_at))
            case CardPayoutSettled(payout_id=id):
                ended.append((id, "settled", "", one.recorded_at))
            case CardPayoutDeclined(payout_id=id, code=code):
                ended.append((id, "declined", code, one.recorded_at))
    write(cursor, INSERT_PAYOUTS, requested)
    write(cursor, END_PAYOUTS, ended)


PAYOUTS_TABLE = InlineProjection(name="card-payouts", tables=("cards_payout",), project=project_payouts)
