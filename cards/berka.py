"""The cards of the Berka data set (PKDD'99): debit cards, each of the account and the client it was issued to.

Their numbers are not in the data. What kind of card it is, junior, classic or gold, is what may be paid with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from bank.business_day import Report
from bank.context import Order, Unit
from bank.importing import ORIGIN, Imported, Row, count, day, do, fingerprint, id_of, read
from cards.context import CARDS
from cards.domain.card import CARD, ActivateCard, IssueDebitCard
from cards.domain.card.rules import last_day

CURRENCY = "CZK"
LIMITS_MINOR = {"junior": (2_000_00, 5_000_00), "classic": (20_000_00, 50_000_00), "gold": (100_000_00, 250_000_00)}
"""For one payment, and for a day."""


@dataclass(frozen=True, slots=True)
class CardLine:
    number: int
    customer_id: str
    account_id: str
    limits_minor: tuple[int, int]
    issued_on: date

    @property
    def card_id(self) -> str:
        return id_of("card", str(self.number))


def import_books(directory: Path, report: Report) -> Mapping[str, Imported]:
    units = map(issuing, cards(directory))
    return {"cards": do(CARDS, "cards", units, count(directory / "card.asc"), report)}


def cards(directory: Path) -> Iterator[CardLine]:
    disposing = read(directory / "disp.asc", lambda row: (row["disp_id"], (row["client_id"], row["account_id"])))
    holders = dict(disposing)

    def card(row: Row) -> CardLine:
        client, account = holders[row["disp_id"]]
        return CardLine(
            number=int(row["card_id"]),
            customer_id=id_of("client", client),
            account_id=id_of("account", account),
            limits_minor=LIMITS_MINOR[row["type"]],
            issued_on=day(row["issued"]),
        )

    return read(directory / "card.asc", card)


def issuing(line: CardLine) -> Unit:
    per_payment_minor, per_day_minor = line.limits_minor
    issue = IssueDebitCard(
        card_id=line.card_id,
        customer_id=line.customer_id,
        account_id=line.account_id,
        currency=CURRENCY,
        token=f"tok_{UUID(line.card_id).hex}",
        last_four=f"{line.number % 10_000:04d}",
        per_payment_limit_minor=per_payment_minor,
        per_day_limit_minor=per_day_minor,
        issued_on=line.issued_on,
        expires_on=last_day(line.issued_on),
    )
    orders = (Order(CARD, line.card_id, order) for order in (issue, ActivateCard(line.card_id)))
    said = fingerprint(line.customer_id, line.account_id, line.limits_minor, line.issued_on)
    return Unit(*orders, id=UUID(line.card_id), origin=ORIGIN, fingerprint=said)
