"""The processes that cross contexts, as the tracker knows them: what may happen, and which process an event belongs to.

A choreography has no coordinator, so nobody but the tracker sees one whole. Its declarations are restated here from the
contexts that begin the processes; a test compares them. The beginning and the ends of a process stand on one stream, so
their order is known; the steps between come from anywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bank.sagas.choreography import BY_HAND, Choreography, Step
from bankview.inbound import accounts, cards, common, customers, loans

DEBIT_CARD_PAYMENT = Choreography(
    name="debit-card-payment",
    starts="cards.CardPaymentRequested.v1",
    steps=(
        Step("cards.SpendReserved.v1", undone_by="cards.SpendReleased.v1"),
        Step("accounts.FundsHeld.v1", undone_by="accounts.HoldReleased.v1"),
        Step("cards.CardPaymentAuthorized.v1", undone_by="cards.CardPaymentReversed.v1"),
        Step("cards.CardPaymentCaptured.v1", undone_by="cards.CardPaymentRefunded.v1"),
        Step("accounts.HoldCaptured.v1", undone_by="accounts.MoneyCredited.v1"),
    ),
    ends={
        "cards.CardPaymentSettled.v1": "settled",
        "cards.CardPaymentDeclined.v1": "declined",
        "cards.CardPaymentReversed.v1": "reversed",
        "cards.CardPaymentExpired.v1": "expired",
    },
    deadline=timedelta(days=9),
)

CARD_REFUND = Choreography(
    name="card-refund",
    starts="cards.CardPaymentRefunded.v1",
    steps=(Step("accounts.MoneyCredited.v1"),),
    ends={"cards.CardPaymentRefundSettled.v1": "refunded"},
    deadline=timedelta(minutes=5),
)

BILL_PAID_FROM_SAVINGS = Choreography(
    name="bill-paid-from-savings",
    starts="cards.BillPaymentRequested.v1",
    steps=(
        Step("accounts.MoneyDebited.v1", undone_by="accounts.MoneyCredited.v1"),
        Step("cards.BillPaymentCollected.v1", undone_by="cards.BillPaymentReturned.v1"),
    ),
    ends={
        "cards.BillPaymentApplied.v1": "settled",
        "cards.BillPaymentDeclined.v1": "declined",
        "cards.BillPaymentRefunded.v1": "refunded",
    },
    turns=("cards.BillPaymentRejected.v1",),
    by_hand=("cards.BillPaymentRefunded.v1",),
    deadline=timedelta(minutes=15),
)

CARD_BALANCE_PAYOUT = Choreography(
    name="card-balance-payout",
    starts="cards.CardPayoutRequested.v1",
    steps=(
        Step("accounts.MoneyCredited.v1"),
        Step("cards.PayoutCredited.v1"),
    ),
    ends={
        "cards.CardPayoutSettled.v1": "settled",
        "cards.CardPayoutDeclined.v1": "declined",
    },
    deadline=timedelta(minutes=5),
)

LOAN_ORIGINATION = Choreography(
    name="loan-origination",
    starts="loans.OriginationRequested.v1",
    steps=(
        Step("customers.CustomerCleared.v1", undone_by="customers.ClearanceWithdrawn.v1"),
        Step("loans.LimitReserved.v1", undone_by="loans.LimitReleased.v1"),
        Step("loans.LoanApproved.v1", undone_by="loans.ApprovalWithdrawn.v1"),
        Step("accounts.MoneyCredited.v1", undone_by="accounts.TransitReturned.v1"),
    ),
    ends={
        "loans.LoanDisbursed.v1": "disbursed",
        "loans.OriginationFailed.v1": "failed",
    },
    deadline=timedelta(minutes=15),
)

LOAN_REPAYMENT = Choreography(
    name="loan-repayment",
    starts="loans.RepaymentRequested.v1",
    steps=(
        Step("accounts.MoneyDebited.v1"),
        Step("loans.RepaymentCollected.v1"),
    ),
    ends={
        "loans.LoanRepaid.v1": "repaid",
        "loans.LoanRecovered.v1": "recovered",
        "loans.RepaymentDeclined.v1": "declined",
    },
    deadline=timedelta(minutes=5),
)

CUSTOMER_ERASURE = Choreography(
    name="customer-erasure",
    starts="customers.CustomerErasureRequested.v1",
    steps=(
        Step("accounts.AccountHolderErased.v1"),
        Step("cards.CardholderErased.v1"),
        Step("loans.BorrowerErased.v1"),
    ),
    ends={"customers.ErasureCertified.v1": "erased"},
    deadline=timedelta(hours=1),
)

MOBILE_NUMBER_CHANGE = Choreography(
    name="mobile-number-change",
    starts="customers.NumberChangeRequested.v1",
    steps=(
        Step("accounts.AccountContactChanged.v1", undone_by="accounts.AccountContactRestored.v1"),
        Step("cards.CardContactChanged.v1", undone_by="cards.CardContactRestored.v1"),
        Step("loans.LoanContactChanged.v1", undone_by="loans.LoanContactRestored.v1"),
    ),
    ends={
        "customers.NumberChanged.v1": "changed",
        "customers.NumberChangeUndone.v1": "undone",
    },
    turns=("customers.NumberChangeRejected.v1",),
    deadline=timedelta(minutes=10),
)

CHOREOGRAPHIES = (
    CUSTOMER_ERASURE,
    DEBIT_CARD_PAYMENT,
    CARD_REFUND,
    BILL_PAID_FROM_SAVINGS,
    CARD_BALANCE_PAYOUT,
    LOAN_ORIGINATION,
    LOAN_REPAYMENT,
    MOBILE_NUMBER_CHANGE,
)

SUCCEEDED = ("settled", "disbursed", "repaid", "recovered", "erased", "changed")
"""Outcomes with which every step stands. What is given back later, such as a refund in part or of everything, is
business of its own and stands in the timeline: it does not make undone what was settled."""


SUSPENSE, NOTHING_RETURNED = "suspense", "nothing_returned"


@dataclass(frozen=True, slots=True)
class Heard:
    """How an event is read: the class of its data, and the process it belongs to (None: to no process).

    `within` is another process, in whose timeline it stands too, and which it neither begins nor ends. `instead` is
    what it says instead of what its name says: then it undoes no step, and what ends with it ends so.
    """

    data: type
    process: Callable[[Any], str | None]
    detail: Callable[[Any], str] = lambda event: ""
    within: Callable[[Any], str | None] = lambda event: None
    instead: Callable[[Any], str] = lambda event: ""


def by_payment(event: Any) -> str | None:
    return str(event.payment_id)


def by_hold(event: Any) -> str | None:
    return str(event.hold_id)


def by_process(event: Any) -> str | None:
    return None if event.process_id is None else str(event.process_id)


def by_refund(event: Any) -> str | None:
    return str(event.refund_id)


def by_payout(event: Any) -> str | None:
    return str(event.payout_id)


def by_refund_or_process(event: Any) -> str | None:
    return by_process(event) if event.refund_id is None else by_refund(event)


def refunded(event: Any) -> str | None:
    """The payment of which a credit is the refund."""
    return None if event.refund_id is None else by_process(event)


def by_origination(event: Any) -> str | None:
    """What came about, or ended, without one belongs to no process."""
    return str(event.origination_id) if event.origination_id else None


def by_repayment(event: Any) -> str | None:
    return str(event.repayment_id)


def by_customer(event: Any) -> str | None:
    return str(event.customer_id)


def code(event: Any) -> str:
    return str(event.code)


def of_suspense(event: Any) -> str:
    return SUSPENSE if event.contra == SUSPENSE else ""


def by_hand(event: Any) -> str:
    return BY_HAND if event.by_hand else ""


def nothing_returned(event: Any) -> str:
    return "" if event.amount_minor else NOTHING_RETURNED


HEARD: Mapping[str, Heard] = {
    "customers.CustomerErasureRequested.v1": Heard(customers.CustomerErasureRequested, by_customer),
    "accounts.AccountHolderErased.v1": Heard(common.Erased, by_customer),
    "cards.CardholderErased.v1": Heard(common.Erased, by_customer),
    "loans.BorrowerErased.v1": Heard(common.Erased, by_customer),
    "customers.ErasureCertified.v1": Heard(customers.ErasureCertified, by_customer),
    "cards.CardPaymentRequested.v1": Heard(cards.CardPaymentRequested, by_payment),
    "cards.SpendReserved.v1": Heard(cards.SpendReserved, by_payment),
    "cards.SpendReleased.v1": Heard(cards.SpendReleased, by_payment),
    "accounts.FundsHeld.v1": Heard(accounts.FundsHeld, by_hold),
    "accounts.HoldDeclined.v1": Heard(accounts.HoldDeclined, by_hold, code),
    "cards.CardPaymentAuthorized.v1": Heard(cards.CardPaymentAuthorized, by_payment),
    "cards.CardPaymentDeclined.v1": Heard(cards.CardPaymentDeclined, by_payment, code),
    "cards.CardPaymentCaptured.v1": Heard(cards.CardPaymentCaptured, by_payment),
    "accounts.HoldCaptured.v1": Heard(accounts.HoldCaptured, by_process),
    "accounts.TransitReceived.v1": Heard(accounts.TransitReceived, by_process),
    "cards.CardPaymentSettled.v1": Heard(cards.CardPaymentSettled, by_payment),
    "accounts.TransitCleared.v1": Heard(accounts.TransitCleared, by_process, of_suspense),
    "cards.CardPaymentReversed.v1": Heard(cards.CardPaymentReversed, by_payment),
    "cards.CardPaymentExpired.v1": Heard(cards.CardPaymentExpired, by_payment),
    "accounts.HoldReleased.v1": Heard(accounts.HoldReleased, by_hold),
    "cards.CardPaymentRefunded.v1": Heard(cards.CardPaymentRefunded, by_refund, within=by_payment),
    "accounts.MoneyCredited.v1": Heard(accounts.MoneyCredited, by_refund_or_process, of_suspense, within=refunded),
    "accounts.MoneyDebited.v1": Heard(accounts.MoneyDebited, by_process),
    "cards.CardPaymentRefundSettled.v1": Heard(cards.CardPaymentRefundSettled, by_refund, within=by_payment),
    "cards.BillPaymentRequested.v1": Heard(cards.BillPaymentRequested, by_payment),
    "cards.BillPaymentCollected.v1": Heard(cards.BillPaymentCollected, by_payment),
    "cards.BillPaymentApplied.v1": Heard(cards.BillPaymentApplied, by_payment),
    "cards.BillPaymentDeclined.v1": Heard(cards.BillPaymentDeclined, by_payment, code),
    "cards.BillPaymentRejected.v1": Heard(cards.BillPaymentRejected, by_payment, code),
    "cards.BillPaymentReturned.v1": Heard(cards.BillPaymentReturned, by_payment, instead=by_hand),
    "cards.BillPaymentRefunded.v1": Heard(cards.BillPaymentRefunded, by_payment, code, instead=by_hand),
    "cards.CardPayoutRequested.v1": Heard(cards.CardPayoutRequested, by_payout),
    "cards.PayoutCredited.v1": Heard(cards.PayoutCredited, by_payout),
    "cards.CardPayoutSettled.v1": Heard(cards.CardPayoutSettled, by_payout),
    "cards.CardPayoutDeclined.v1": Heard(cards.CardPayoutDeclined, by_payout, code),
    "accounts.TransitReturned.v1": Heard(accounts.TransitReturned, by_process, instead=nothing_returned),
    "accounts.DebitCancelled.v1": Heard(accounts.DebitCancelled, by_process),
    "accounts.DebitDeclined.v1": Heard(accounts.DebitDeclined, by_process, code),
    "accounts.CreditDeclined.v1": Heard(accounts.CreditDeclined, by_process, code),
    "loans.OriginationRequested.v1": Heard(loans.OriginationRequested, by_origination),
    "customers.CustomerCleared.v1": Heard(customers.ClearanceStep, by_process),
    "customers.ClearanceDeclined.v1": Heard(customers.ClearanceDeclined, by_process, code),
    "customers.ClearanceWithdrawn.v1": Heard(customers.ClearanceStep, by_process),
    "loans.LimitReserved.v1": Heard(loans.OriginationStep, by_origination),
    "loans.LimitDeclined.v1": Heard(loans.LimitDeclined, by_origination, code),
    "loans.LimitReleased.v1": Heard(loans.OriginationStep, by_origination),
    "loans.LoanApproved.v1": Heard(loans.LoanApproved, by_origination),
    "loans.ApprovalWithdrawn.v1": Heard(loans.ApprovalWithdrawn, by_origination),
    "accounts.TransitReturnDeclined.v1": Heard(accounts.TransitReturnDeclined, by_process, code),
    "loans.LoanDisbursed.v1": Heard(loans.LoanDisbursed, by_origination),
    "loans.OriginationFailed.v1": Heard(loans.OriginationFailed, by_origination, code),
    "loans.RepaymentRequested.v1": Heard(loans.RepaymentRequested, by_repayment),
    "loans.RepaymentCollected.v1": Heard(loans.RepaymentCollected, by_repayment),
    "loans.CollectionDeclined.v1": Heard(loans.CollectionDeclined, by_repayment, code),
    "loans.LoanRepaid.v1": Heard(loans.LoanRepaid, by_repayment),
    "loans.LoanRecovered.v1": Heard(loans.LoanRecovered, by_repayment),
    "loans.RepaymentDeclined.v1": Heard(loans.RepaymentDeclined, by_repayment, code),
    "customers.NumberChangeRequested.v1": Heard(common.NumberChangeStep, by_process),
    "customers.NumberChangeRejected.v1": Heard(common.NumberChangeRefused, by_process, code),
    "customers.NumberChanged.v1": Heard(common.NumberChangeStep, by_process),
    "customers.NumberChangeUndone.v1": Heard(common.NumberChangeStep, by_process),
    **{
        f"{said}.v1": Heard(common.NumberChangeStep, by_process)
        for copy in ("accounts.AccountContact", "cards.CardContact", "loans.LoanContact")
        for said in (f"{copy}Changed", f"{copy}Restored")
    },
    **{
        f"{copy}ChangeDeclined.v1": Heard(common.NumberChangeRefused, by_process, code)
        for copy in ("accounts.AccountContact", "cards.CardContact", "loans.LoanContact")
    },
}

STARTS: Mapping[str, Choreography] = {choreography.starts: choreography for choreography in CHOREOGRAPHIES}
ENDS: Mapping[str, str] = {event: outcome for one in CHOREOGRAPHIES for event, outcome in one.ends.items()}
BY_NAME: Mapping[str, Choreography] = {choreography.name: choreography for choreography in CHOREOGRAPHIES}


@dataclass(frozen=True, slots=True)
class StepState:
    """A declared step of one process: `waiting`, `done`, `undone`, or `skipped` when the process ended without it."""

    event: str
    undone_by: str | None
    state: str
    time: datetime | None


def happened(events: Iterable[Mapping[str, Any]]) -> dict[str, datetime]:
    """Each type's first time, of a timeline in its order. What it says instead of its name has not happened."""
    times: dict[str, datetime] = {}
    for event in events:
        if event["detail"] not in (BY_HAND, NOTHING_RETURNED):
            times.setdefault(event["type"], event["time"])
    return times


def steps(choreography: Choreography, heard: Mapping[str, datetime], *, ended: bool) -> list[StepState]:
    """How far a process is. `heard` gives each event type's first time."""
    stands = any(end in heard and outcome in SUCCEEDED for end, outcome in choreography.ends.items())
    return [_step(step, heard, ended, stands) for step in choreography.steps]


def _step(step: Step, heard: Mapping[str, datetime], ended: bool, stands: bool) -> StepState:
    if step.event not in heard:
        return StepState(step.event, step.undone_by, "skipped" if ended else "waiting", None)
    undone = not stands and step.undone_by in heard
    return StepState(step.event, step.undone_by, "undone" if undone else "done", heard[step.event])
