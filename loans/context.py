"""Everything Loans decides, shows and hears."""

from bank.context import Context, Subscription
from bank.sagas import driving
from loans import queries
from loans.domain.borrower import BORROWER
from loans.domain.borrower.contact import LOAN_CONTACT
from loans.domain.borrower.erasure import ERASURE
from loans.domain.loan import LOAN
from loans.domain.payout import PAYOUT
from loans.domain.repayment import REPAYMENT
from loans.handlers import (
    apply_repayment,
    begin_erasure,
    close,
    collect,
    decline_collection,
    decline_repayment,
    end_erasure,
    know_account,
    reinstate,
    reject,
    suspend,
    verify,
)
from loans.handlers.contacts import CONTACTS
from loans.inbound import (
    AccountOpened,
    BorrowerErasureBegun,
    CollectionDeclined,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    DebitDeclined,
    MoneyDebited,
    RepaymentCollected,
)
from loans.originations import ORIGINATIONS
from loans.projections import ERASURES, LEDGER, LOANS_TABLE, REPAYMENTS_TABLE
from loans.sagas import LOAN_ORIGINATION, LOAN_ORIGINATION_SAGA, LOAN_REPAYMENT

LOANS = Context(
    name="loans",
    deciders=(LOAN, REPAYMENT, PAYOUT, BORROWER, ERASURE, LOAN_CONTACT, LOAN_ORIGINATION_SAGA.decider),
    inline_projections=(LOANS_TABLE, REPAYMENTS_TABLE, LEDGER, ERASURES, driving.table(LOAN_ORIGINATION_SAGA)),
    subscriptions={
        "accounts.AccountOpened.v1": Subscription(AccountOpened, know_account, "know_account"),
        "accounts.MoneyDebited.v1": Subscription(MoneyDebited, collect, "collect"),
        "accounts.DebitDeclined.v1": Subscription(DebitDeclined, decline_collection, "decline_collection"),
        "customers.CustomerVerified.v1": Subscription(CustomerVerified, verify, "verify"),
        "customers.CustomerRejected.v1": Subscription(CustomerRejected, reject, "reject"),
        "customers.CustomerSuspended.v1": Subscription(CustomerSuspended, suspend, "suspend"),
        "customers.CustomerReinstated.v1": Subscription(CustomerReinstated, reinstate, "reinstate"),
        "customers.CustomerClosed.v1": Subscription(CustomerClosed, close, "close"),
        "loans.RepaymentCollected.v1": Subscription(RepaymentCollected, apply_repayment, "apply_repayment"),
        "loans.CollectionDeclined.v1": Subscription(CollectionDeclined, decline_repayment, "decline_repayment"),
        "customers.CustomerErasureRequested.v1": Subscription(CustomerErasureRequested, begin_erasure, "begin_erasure"),
        "loans.BorrowerErasureBegun.v1": Subscription(BorrowerErasureBegun, end_erasure, "end_erasure"),
        **ORIGINATIONS,
        **CONTACTS,
    },
    choreographies=(LOAN_ORIGINATION, LOAN_REPAYMENT),
    sagas=(LOAN_ORIGINATION_SAGA,),
    books=queries.books,
)
