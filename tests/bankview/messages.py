"""Messages as the kernel hands them to a fold."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from bank.recorded import Message
from bankview.inbound import accounts, cards, customers, loans

CUSTOMER = "11111111-1111-4111-8111-111111111111"
ACCOUNT = "22222222-2222-4222-8222-222222222222"
CARD = "33333333-3333-4333-8333-333333333333"
PAYMENT = "44444444-4444-4444-8444-444444444444"
FILE = "66666666-6666-4666-8666-666666666666"
LOAN = "55555555-5555-4555-8555-555555555555"
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

_seconds = count()


def message(
    type: str,
    stream: str,
    version: int,
    data: Any,
    *,
    customer_id: str | None = CUSTOMER,
    correlation_id: UUID | None = None,
    time: datetime | None = None,
) -> Message[Any]:
    at = time or NOON + timedelta(milliseconds=next(_seconds))
    return Message(
        id=uuid4(),
        source=type.partition(".")[0],
        type=f"{type}.v1",
        stream=stream,
        version=version,
        time=at,
        on=at.date(),
        epoch=1,
        customer_id=customer_id,
        correlation_id=correlation_id or uuid4(),
        causation_id=uuid4(),
        command_id=uuid4(),
        actor="operator:1",
        data=data,
    )


def customer_opened(version: int = 1) -> Message[Any]:
    data = customers.CustomerOpened("Ada Lovelace", "ada@example.org", "+491701234567", TODAY)
    return message("customers.CustomerOpened", f"customer-{CUSTOMER}", version, data)


def account_opened(version: int = 1, account_id: str = ACCOUNT) -> Message[Any]:
    data = accounts.AccountOpened(account_id, "savings", "EUR", "DE00", "10000", 0, TODAY)
    return message("accounts.AccountOpened", f"account-{account_id}", version, data)


def credited(version: int, amount_minor: int, process_id: str | None = None) -> Message[Any]:
    data = accounts.MoneyCredited(amount_minor, "EUR", "cash", process_id)
    return message("accounts.MoneyCredited", f"account-{ACCOUNT}", version, data)


def held(version: int, amount_minor: int) -> Message[Any]:
    data = accounts.FundsHeld(PAYMENT, amount_minor, "EUR")
    return message("accounts.FundsHeld", f"account-{ACCOUNT}", version, data)


def captured(version: int, amount_minor: int, held_minor: int) -> Message[Any]:
    data = accounts.HoldCaptured(PAYMENT, PAYMENT, amount_minor, held_minor, "EUR", False)
    return message("accounts.HoldCaptured", f"account-{ACCOUNT}", version, data)


def released(version: int, amount_minor: int) -> Message[Any]:
    data = accounts.HoldReleased(PAYMENT, amount_minor, "EUR")
    return message("accounts.HoldReleased", f"account-{ACCOUNT}", version, data)


def card_issued() -> Message[Any]:
    data = cards.CardIssued(CARD, "debit", ACCOUNT, "EUR", "4242", 100_00, 500_00, TODAY, date(2030, 11, 30))
    return message("cards.CardIssued", f"card-{CARD}", 1, data)


def payment_requested(payment_id: str = PAYMENT, **envelope: Any) -> Message[Any]:
    data = cards.CardPaymentRequested(payment_id, CARD, ACCOUNT, 12_00, "EUR", "Bakery", TODAY)
    return message("cards.CardPaymentRequested", f"payment-{payment_id}", 1, data, **envelope)


def payment_became(name: str, version: int, **envelope: Any) -> Message[Any]:
    """`name` is one of Authorized, Captured, Settled, Reversed, Expired."""
    data = getattr(cards, f"CardPayment{name}")(PAYMENT, 12_00, "EUR")
    return message(f"cards.CardPayment{name}", f"payment-{PAYMENT}", version, data, **envelope)


def payment_declined(version: int, code: str) -> Message[Any]:
    data = cards.CardPaymentDeclined(PAYMENT, 12_00, "EUR", code)
    return message("cards.CardPaymentDeclined", f"payment-{PAYMENT}", version, data)


def file_accepted(file_id: str = FILE, **envelope: Any) -> Message[Any]:
    data = accounts.PaymentFileAccepted("Salaries", "csv", 3, 6_00, "EUR", TODAY)
    return message("accounts.PaymentFileAccepted", f"paymentfile-{file_id}", 1, data, **envelope)


def file_became(name: str, version: int, *figures: int) -> Message[Any]:
    """`name` is one of PaymentLinesExecuted, PaymentFileGivenUp, PaymentFileCompleted."""
    return message(f"accounts.{name}", f"paymentfile-{FILE}", version, getattr(accounts, name)(*figures))


def loan_applied() -> Message[Any]:
    data = loans.LoanApplied(LOAN, ACCOUNT, "personal", 5_000_00, "EUR", 590, 24, TODAY)
    return message("loans.LoanApplied", f"loan-{LOAN}", 1, data)


def settled_payment() -> list[Message[Any]]:
    """Everything three contexts say about one payment of 12.00 that settles, as it happens."""
    process = f"process-{PAYMENT}"
    received = accounts.TransitReceived(PAYMENT)
    cleared = accounts.TransitCleared(PAYMENT, "card-settlement")
    return [
        payment_requested(),
        held(3, 12_00),
        payment_became("Authorized", 2),
        payment_became("Captured", 3),
        captured(4, 12_00, 12_00),
        message("accounts.TransitReceived", process, 1, received, customer_id=None),
        payment_became("Settled", 4),
        message("accounts.TransitCleared", process, 2, cleared, customer_id=None),
    ]


def of_types(messages: Iterable[Message[Any]], types: Iterable[str]) -> list[Message[Any]]:
    """What the kernel passes to a projection: the types it declares."""
    known = set(types)
    return [message for message in messages if message.type in known]
