"""What a customer reads in the activity feed: one sentence for each event worth one."""

from collections.abc import Callable, Mapping
from typing import Any

from bank.money import to_decimal
from bankview.inbound.accounts import (
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    AccountUnfrozen,
    MoneyCredited,
    MoneyDebited,
    OverdraftArranged,
    PaymentFileCompleted,
    TermsChanged,
)
from bankview.inbound.cards import (
    BillPaymentApplied,
    BillPaymentDeclined,
    BillPaymentRefunded,
    BillPaymentRequested,
    CardActivated,
    CardBlocked,
    CardCancelled,
    CardExpired,
    CardInterestCharged,
    CardIssued,
    CardPaymentAuthorized,
    CardPaymentDeclined,
    CardPaymentExpired,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentReversed,
    CardPaymentSettled,
    CardPayoutDeclined,
    CardPayoutSettled,
    CardReplaced,
    CardUnblocked,
    CreditLimitChanged,
    CreditPaymentAuthorized,
    CreditPaymentCaptured,
    CreditPaymentExpired,
    CreditPaymentRefunded,
    CreditPaymentReversed,
    PaymentLimitsChanged,
    StatementClosed,
    StatementOverdue,
)
from bankview.inbound.customers import (
    AddressChanged,
    CustomerClosed,
    CustomerOpened,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    EmailChanged,
    MobileNumberChanged,
    NameChanged,
)
from bankview.inbound.loans import (
    InstalmentOverdue,
    LateFeeCharged,
    LoanApplied,
    LoanApproved,
    LoanClosed,
    LoanDisbursed,
    LoanRecovered,
    LoanRejected,
    LoanRepaid,
    LoanTakenOver,
    LoanWithdrawn,
    LoanWrittenOff,
    OriginationFailed,
    RepaymentDeclined,
)


def money(event: Any) -> str:
    return minor(event.amount_minor, event.currency)


def minor(amount_minor: int, currency: str) -> str:
    return f"{to_decimal(amount_minor, currency)} {currency}"


def stated(event: Any) -> str | None:
    if event.balance_minor <= 0:
        return None
    owed, least = minor(event.balance_minor, event.currency), minor(event.minimum_due_minor, event.currency)
    return f"Your card statement is {owed}: pay it, or at least {least}, by {event.due_on}"


def words(code: str) -> str:
    return code.replace("_", " ")


SENTENCES: Mapping[type, Callable[[Any], str | None]] = {
    CustomerOpened: lambda e: "You became a customer",
    NameChanged: lambda e: "Your name was changed",
    EmailChanged: lambda e: "Your e-mail address was changed",
    AddressChanged: lambda e: "Your address was changed",
    MobileNumberChanged: lambda e: "Your mobile number was changed",
    CustomerVerified: lambda e: "Your identity was verified",
    CustomerRejected: lambda e: f"Your identity was not verified ({words(e.reason)})",
    CustomerSuspended: lambda e: "The bank begins nothing new with you for the time being",
    CustomerReinstated: lambda e: "The bank does business with you again",
    CustomerClosed: lambda e: "You are no longer a customer",
    AccountOpened: lambda e: f"Your {e.kind} account was opened",
    MoneyCredited: lambda e: booked(e, CAME_IN, "{} came in"),
    MoneyDebited: lambda e: booked(e, WENT_OUT, "{} went out"),
    AccountFrozen: lambda e: "Your account was frozen",
    AccountUnfrozen: lambda e: "A freeze of your account was lifted",
    OverdraftArranged: lambda e: "Your overdraft was changed",
    TermsChanged: lambda e: "The terms of your account were changed",
    AccountBecameDormant: lambda e: "Your account has not been used for a year",
    AccountReactivated: lambda e: "Your account is in use again",
    AccountClosed: lambda e: "Your account was closed",
    CardIssued: lambda e: f"Your {e.kind} card ending in {e.last_four} was issued",
    CardActivated: lambda e: "Your card was activated",
    CardBlocked: lambda e: f"Your card was blocked ({words(e.cause)})",
    CardUnblocked: lambda e: "Your card was unblocked",
    CardReplaced: lambda e: f"Your card was replaced by one ending in {e.last_four}",
    CardExpired: lambda e: "Your card has expired",
    CardCancelled: lambda e: "Your card was cancelled",
    CreditLimitChanged: lambda e: f"Your card lends up to {minor(e.credit_limit_minor, e.currency)}",
    PaymentLimitsChanged: lambda e: "Your card's limits were changed",
    CardPaymentRequested: lambda e: f"Card payment of {money(e)} at {e.merchant}",
    CardPaymentAuthorized: lambda e: f"Card payment of {money(e)} authorized",
    CardPaymentDeclined: lambda e: f"Card payment of {money(e)} declined ({words(e.code)})",
    CardPaymentSettled: lambda e: f"Card payment of {money(e)} settled",
    CardPaymentReversed: lambda e: f"Card payment of {money(e)} reversed",
    CardPaymentExpired: lambda e: f"Card payment of {money(e)} expired",
    CardPaymentRefunded: lambda e: f"{money(e)} is on its way back from {e.merchant}",
    CreditPaymentAuthorized: lambda e: f"Card payment of {money(e)} at {e.merchant} authorized",
    CreditPaymentCaptured: lambda e: f"Card payment of {money(e)} settled",
    CreditPaymentReversed: lambda e: f"Card payment of {money(e)} reversed",
    CreditPaymentExpired: lambda e: f"Card payment of {money(e)} expired",
    CreditPaymentRefunded: lambda e: f"{money(e)} came back to your card from {e.merchant}",
    CardInterestCharged: lambda e: f"Interest of {money(e)} charged to your card",
    StatementClosed: lambda e: stated(e),
    StatementOverdue: lambda e: f"{minor(e.missing_minor, e.currency)} of your card's minimum was not paid in time",
    PaymentFileCompleted: lambda e: f"Your file of payments: {e.accepted:,} executed, {e.refused:,} refused",
    BillPaymentRequested: lambda e: f"{money(e)} of your card's bill asked from your account",
    BillPaymentApplied: lambda e: f"{money(e)} of your card's bill paid",
    BillPaymentDeclined: lambda e: f"{money(e)} of your card's bill could not be paid ({words(e.code)})",
    BillPaymentRefunded: lambda e: returned(e),
    CardPayoutSettled: lambda e: f"{money(e)} that the bank owed on your card was paid to your account",
    CardPayoutDeclined: lambda e: (
        f"{money(e)} that the bank owes on your card could not be paid to your account ({words(e.code)})"
    ),
    LoanApplied: lambda e: f"You applied for a {words(e.product)} loan",
    LoanApproved: lambda e: "Your loan was approved",
    OriginationFailed: lambda e: f"Your loan did not come about ({words(e.code)})",
    LoanRejected: lambda e: "Your loan was not approved",
    LoanWithdrawn: lambda e: "You withdrew your application for a loan",
    LoanTakenOver: lambda e: f"Your {words(e.product)} loan was taken over",
    LoanDisbursed: lambda e: f"Your loan of {money(e)} was paid out",
    RepaymentDeclined: lambda e: f"Repayment of {money(e)} declined ({words(e.code)})",
    LoanRepaid: lambda e: f"{money(e)} of your loan repaid",
    LoanWrittenOff: lambda e: "The bank no longer expects your loan to be repaid; it is still owed",
    LoanRecovered: lambda e: f"{money(e)} of your loan repaid",
    InstalmentOverdue: lambda e: overdue(e),
    LateFeeCharged: lambda e: f"Late fee of {money(e)} on your loan",
    LoanClosed: lambda e: "Your loan is paid back",
}


CAME_IN: Mapping[str, str | None] = {
    "cash": "{} paid in",
    "other-banks": "{} from another bank",
    "transfer-clearing": "Transfer of {} from another account",
    "card-settlement": "Refund of {} from {reference}",
    "interest-paid": "Interest of {}",
    "transit:loan-disbursements": None,
    "transit:bill-payments": None,
    "due-from-cards": None,
    "suspense": "{} given back by the bank",
}
WENT_OUT: Mapping[str, str | None] = {
    "cash": "{} paid out",
    "other-banks": "{} to another bank",
    "transfer-clearing": "Transfer of {} to another account",
    "interest-earned": "Interest of {} charged",
    "fees-earned": "Fee of {}",
    "transit:loan-repayments": None,
    "transit:bill-payments": None,
    "transit:loan-disbursements": None,
}
"""By where the money came from or went. None: Loans or Cards says it better."""


def booked(event: Any, by_contra: Mapping[str, str | None], otherwise: str) -> str | None:
    form = by_contra.get(event.contra, otherwise)
    if form is None:
        return None
    said = form.format(money(event), reference=event.reference)
    return said if not event.reference or "{reference}" in form else f"{said}: {event.reference}"


def returned(event: BillPaymentRefunded) -> str:
    if event.by_hand:
        return f"{money(event)} for your card's bill could not be given back: the bank sees to it ({words(event.code)})"
    return f"{money(event)} for your card's bill came back ({words(event.code)})"


def overdue(event: InstalmentOverdue) -> str:
    unpaid = f"{to_decimal(event.overdue_minor, event.currency)} {event.currency}"
    return f"{unpaid} of your loan was due on {event.due_on} and is overdue"


def sentence(event: Any) -> str | None:
    """None: nothing a customer needs to read about, or said better by another context's event."""
    say = SENTENCES.get(type(event))
    return say(event) if say else None
