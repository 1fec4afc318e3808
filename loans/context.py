"""Everything Loans decides, shows and hears."""

from bank.context import Context, Subscription
from loans import queries
from loans.contacts import CONTACTS
from loans.domain.borrower import BORROWER
from loans.domain.contact import LOAN_CONTACT
from loans.domain.erasure import ERASURE
from loans.domain.loan import LOAN
from loans.domain.payout import PAYOUT
from loans.domain.repayment import REPAYMENT
from loans.handlers import (
    activate,
    apply_repayment,
    begin_erasure,
    close,
    collect,
    decline_collection,
    decline_repayment,
    end_erasure,
    fail_disbursement,
    know_account,
    reinstate,
    reject,
    suspend,
    verify,
)
from loans.inbound import (
    AccountOpened,
    BorrowerErasureBegun,
    CollectionDeclined,
    CreditDeclined,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    DebitDeclined,
    MoneyCredited,
    MoneyDebited,
    RepaymentCollected,
)
from loans.projections import ERASURES, LEDGER, LOANS_TABLE, REPAYMENTS_TABLE
from loans.sagas import LOAN_DISBURSEMENT, LOAN_REPAYMENT

LOANS = Context(
    name="loans",
    deciders=(LOAN, REPAYMENT, PAYOUT, BORROWER, ERASURE, LOAN_CONTACT),
    inline_projections=(LOANS_TABLE, REPAYMENTS_TABLE, LEDGER, ERASURES),
    subscriptions={
        "accounts.AccountOpened.v1": Subscription(AccountOpened, know_account, "know_account"),
        "accounts.MoneyCredited.v1": Subscription(MoneyCredited, activate, "activate"),
        "accounts.CreditDeclined.v1": Subscription(CreditDeclined, fail_disbursement, "fail_disbursement"),
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
        **CONTACTS,
    },
    choreographies=(LOAN_DISBURSEMENT, LOAN_REPAYMENT),
    books=queries.books,
)
