"""Processes which Customers begins. A mobile number is changed by choreography or orchestration, as settings say."""

from datetime import timedelta

from bank.sagas.choreography import Choreography, Step
from bank.sagas.orchestration import Saga, SagaStep
from customers.domain.number_change.saga import (
    AccountContactAsked,
    AccountContactRestoreAsked,
    CardContactAsked,
    CardContactRestoreAsked,
    FormerNumberReleaseAsked,
    LoanContactAsked,
    LoanContactRestoreAsked,
    NumberChangeCoordinated,
    ProfileRestoreAsked,
)

# Nothing is undone: nobody remembers on request. Every context waits for its outbox, so the deadline is as long as a
# broker may be away without anybody being called.
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

# Whether coordinated or not, it begins and ends with the same events, and the contexts say the same between.
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

# The profile is changed as it begins, in the unit that claims the new number.
NUMBER_CHANGE_SAGA = Saga(
    name="number_change_saga",
    begins=("NumberChangeCoordinated.v1", NumberChangeCoordinated),
    steps=(
        SagaStep("profile", at="customers", undo=("ProfileRestoreAsked.v1", ProfileRestoreAsked), by_hand=False),
        SagaStep(
            "accounts",
            at="accounts",
            do=("AccountContactAsked.v1", AccountContactAsked),
            undo=("AccountContactRestoreAsked.v1", AccountContactRestoreAsked),
        ),
        SagaStep(
            "cards",
            at="cards",
            do=("CardContactAsked.v1", CardContactAsked),
            undo=("CardContactRestoreAsked.v1", CardContactRestoreAsked),
        ),
        SagaStep(
            "loans",
            at="loans",
            do=("LoanContactAsked.v1", LoanContactAsked),
            undo=("LoanContactRestoreAsked.v1", LoanContactRestoreAsked),
        ),
        SagaStep(
            "former_number",
            at="customers",
            do=("FormerNumberReleaseAsked.v1", FormerNumberReleaseAsked),
            by_hand=False,
        ),
    ),
    pivot="loans",
    deadline=timedelta(minutes=10),
)
