"""What we read of Cards."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CardIssued:
    card_id: str
    kind: str
    account_id: str
    currency: str
    last_four: str
    per_payment_limit_minor: int
    per_day_limit_minor: int
    issued_on: date
    expires_on: date
    credit_limit_minor: int = 0


@dataclass(frozen=True, slots=True)
class CardActivated:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardBlocked:
    cause: str


@dataclass(frozen=True, slots=True)
class CardUnblocked:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardReplaced:
    last_four: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardExpired:
    expired_on: date


@dataclass(frozen=True, slots=True)
class CardCancelled:
    cancelled_on: date


@dataclass(frozen=True, slots=True)
class PaymentLimitsChanged:
    per_payment_limit_minor: int
    per_day_limit_minor: int


@dataclass(frozen=True, slots=True)
class CreditLimitChanged:
    credit_limit_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SpendReserved:
    payment_id: str


@dataclass(frozen=True, slots=True)
class SpendReleased:
    payment_id: str


@dataclass(frozen=True, slots=True)
class CreditReserved:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CreditReleased:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CardCharged:
    amount_minor: int
    authorized_minor: int


@dataclass(frozen=True, slots=True)
class CardCredited:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CardInterestCharged:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class StatementClosed:
    balance_minor: int
    minimum_due_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True, slots=True)
class StatementOverdue:
    missing_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentAuthorized:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    merchant: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentCaptured:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentReversed:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentExpired:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentRefunded:
    payment_id: str
    amount_minor: int
    currency: str
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class CardPaymentRequested:
    payment_id: str
    card_id: str
    account_id: str
    amount_minor: int
    currency: str
    merchant: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentAuthorized:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentDeclined:
    payment_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class CardPaymentCaptured:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentSettled:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentReversed:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentExpired:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentRefunded:
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class CardPaymentRefundSettled:
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BillPaymentRequested:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BillPaymentCollected:
    payment_id: str


@dataclass(frozen=True, slots=True)
class BillPaymentApplied:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BillPaymentDeclined:
    payment_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class BillPaymentRejected:
    payment_id: str
    code: str


@dataclass(frozen=True, slots=True)
class BillPaymentReturned:
    payment_id: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class BillPaymentRefunded:
    payment_id: str
    amount_minor: int
    currency: str
    code: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class CardPayoutRequested:
    payout_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PayoutCredited:
    payout_id: str


@dataclass(frozen=True, slots=True)
class CardPayoutSettled:
    payout_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPayoutDeclined:
    payout_id: str
    amount_minor: int
    currency: str
    code: str
