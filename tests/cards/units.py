"""Units of Cards, executed on the real database."""

from datetime import date
from uuid import uuid4

from bank.context import Order, Unit
from bank.execution import execute
from bank.outcomes import Result
from cards.context import CARDS
from cards.domain import card as cards_domain
from cards.domain import payment as payments_domain
from cards.domain.bill_payment import BILL_PAYMENT, BeginBillPayment
from cards.domain.card import CARD, ActivateCard, IssueDebitCard, ReserveSpend
from cards.domain.card.bill import RequestBillPayment
from cards.domain.card.credit import ChargeCard, IssueCreditCard
from cards.domain.funding import FUNDING, KnowAccount
from cards.domain.payment import PAYMENT, AuthorizeOnCredit, RequestPayment

DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 9)


def run(*units: Unit) -> list[Result]:
    return execute(CARDS, units)


def run_card(command: cards_domain.Command) -> Result:
    return run(Unit(Order(CARD, command.card_id, command)))[0]


def run_payment(command: payments_domain.Command) -> Result:
    return run(Unit(Order(PAYMENT, command.payment_id, command)))[0]


def known_account(account_id: str, customer_id: str, *, currency: str = "EUR") -> None:
    run(Unit(Order(FUNDING, account_id, KnowAccount(account_id, customer_id, currency))))


def active_card(*, customer_id: str | None = None, account_id: str | None = None) -> str:
    card_id = str(uuid4())
    issue = IssueDebitCard(
        card_id=card_id,
        customer_id=customer_id or str(uuid4()),
        account_id=account_id or str(uuid4()),
        currency="EUR",
        token="tok_1",
        last_four="4242",
        per_payment_limit_minor=500_00,
        per_day_limit_minor=800_00,
        issued_on=DAY,
        expires_on=date(2030, 3, 31),
    )
    run(Unit(Order(CARD, card_id, issue)), Unit(Order(CARD, card_id, ActivateCard(card_id))))
    return card_id


def credit_card(*, customer_id: str | None = None, credit_limit_minor: int = 1_000_00, rate_bps: int = 3650) -> str:
    """Active, its statements closed on the first of the month."""
    card_id = str(uuid4())
    issue = IssueCreditCard(
        card_id=card_id,
        customer_id=customer_id or str(uuid4()),
        currency="EUR",
        token="tok_1",
        last_four="4242",
        credit_limit_minor=credit_limit_minor,
        rate_bps=rate_bps,
        statement_day=1,
        per_payment_limit_minor=1_000_00,
        per_day_limit_minor=1_000_00,
        issued_on=DAY,
        expires_on=date(2030, 3, 31),
    )
    run(Unit(Order(CARD, card_id, issue)), Unit(Order(CARD, card_id, ActivateCard(card_id))))
    return card_id


def buy(card_id: str, amount_minor: int, on: date = DAY) -> str:
    """Authorized, captured and charged."""
    payment_id = str(uuid4())
    authorize = AuthorizeOnCredit(payment_id, card_id, "c1", amount_minor, "EUR", "Kiosk", True, on, on)
    run(
        Unit(
            Order(CARD, card_id, ReserveSpend(card_id, payment_id, amount_minor, "EUR", on)),
            Order(PAYMENT, payment_id, authorize),
        ),
        Unit(Order(CARD, card_id, ChargeCard(card_id, payment_id, amount_minor, amount_minor, "EUR", on))),
    )
    return payment_id


def pay_bill(card_id: str, amount_minor: int, on: date = DAY) -> str:
    """Asked for, and not answered yet."""
    payment_id = str(uuid4())
    request = RequestBillPayment(payment_id, card_id, str(uuid4()), on, amount_minor=amount_minor)
    begin = BeginBillPayment(payment_id, card_id, "c1")
    run(Unit(Order(CARD, card_id, request), Order(BILL_PAYMENT, payment_id, begin)))
    return payment_id


def paying(
    card_id: str, amount_minor: int = 20_00, *, payment_id: str | None = None, auto_capture: bool = True
) -> Unit:
    payment_id = payment_id or str(uuid4())
    request = RequestPayment(
        payment_id=payment_id,
        card_id=card_id,
        account_id="a1",
        customer_id="c1",
        amount_minor=amount_minor,
        currency="EUR",
        merchant="Kiosk",
        auto_capture=auto_capture,
        requested_on=DAY,
        expires_on=LAST_DAY,
    )
    return Unit(
        Order(CARD, card_id, ReserveSpend(card_id, payment_id, amount_minor, "EUR", DAY)),
        Order(PAYMENT, payment_id, request),
    )
