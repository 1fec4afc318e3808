"""What we read of Accounts."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    kind: str
    currency: str
    iban: str
    branch: str
    overdraft_limit_minor: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    amount_minor: int
    currency: str
    contra: str
    process_id: str | None = None
    reference: str = ""
    refund_id: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    amount_minor: int
    currency: str
    contra: str
    process_id: str | None = None
    unarranged: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FundsHeld:
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """`amount_minor` is debited; `held_minor` is what was still on hold for it."""

    hold_id: str
    process_id: str
    amount_minor: int
    held_minor: int
    currency: str
    unarranged: bool


@dataclass(frozen=True, slots=True)
class HoldReleased:
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldDeclined:
    hold_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    side: str
    because: str


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    """Of any reason where none is said."""

    side: str
    because: str | None = None


@dataclass(frozen=True, slots=True)
class OverdraftArranged:
    overdraft_limit_minor: int


@dataclass(frozen=True, slots=True)
class TermsChanged:
    interest_bps: int


@dataclass(frozen=True, slots=True)
class InterestAccrued:
    accrued_on: date


@dataclass(frozen=True, slots=True)
class InterestPosted:
    posted_on: date


@dataclass(frozen=True, slots=True)
class FeeAssessed:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FeesCollected:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class AccountBecameDormant:
    since: date


@dataclass(frozen=True, slots=True)
class AccountReactivated:
    reactivated_on: date


@dataclass(frozen=True, slots=True)
class AccountClosed:
    closed_on: date


@dataclass(frozen=True, slots=True)
class TransitReceived:
    process_id: str


@dataclass(frozen=True, slots=True)
class TransitCleared:
    process_id: str
    contra: str


@dataclass(frozen=True, slots=True)
class TransitReturned:
    process_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class DebitCancelled:
    process_id: str


@dataclass(frozen=True, slots=True)
class DebitDeclined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class CreditDeclined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class PaymentFileAccepted:
    message_id: str
    format: str
    lines: int
    amount_minor: int
    currency: str
    accepted_on: date


@dataclass(frozen=True, slots=True)
class PaymentLinesExecuted:
    """Lines up to `through` have been executed; the others count those new since before."""

    through: int
    accepted: int
    refused: int
    accepted_minor: int


@dataclass(frozen=True, slots=True)
class PaymentFileGivenUp:
    refused: int


@dataclass(frozen=True, slots=True)
class PaymentFileCompleted:
    """The totals of the whole file."""

    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class TransitReturnDeclined:
    process_id: str
    code: str
