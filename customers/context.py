"""Everything Customers decides, shows and hears."""

from bank.context import Context, Subscription
from bank.sagas import driving
from customers.domain.clearance import CLEARANCE
from customers.domain.confirmation import CONFIRMATION
from customers.domain.customer import CUSTOMER
from customers.domain.holdings import HOLDINGS
from customers.domain.mail_server import MAIL_SERVER
from customers.domain.mobile import MOBILE
from customers.domain.notices import NOTICES
from customers.domain.number_change import NUMBER_CHANGE
from customers.handlers import (
    begin_account,
    begin_card,
    begin_loan,
    clear,
    confirm_accounts,
    confirm_cards,
    confirm_loans,
    end_account,
    end_card,
    end_loan,
    tell,
    withdraw_clearance,
)
from customers.inbound import (
    Account,
    Amount,
    Card,
    ClearanceAsked,
    ClearanceWithdrawalAsked,
    Declined,
    Erased,
    Loan,
    Overdue,
    Stopped,
)
from customers.number_changes import NUMBER_CHANGE_ANSWERS
from customers.projections import CONTACTS, ERASURES, NOTICES_TABLE
from customers.sagas import CUSTOMER_ERASURE, MOBILE_NUMBER_CHANGE, NUMBER_CHANGE_SAGA

TOLD = {
    "cards.CardPaymentSettled.v1": (Amount, "payment_settled"),
    "cards.CreditPaymentCaptured.v1": (Amount, "payment_settled"),
    "cards.CardPaymentDeclined.v1": (Declined, "payment_declined"),
    "cards.BillPaymentApplied.v1": (Amount, "bill_paid"),
    "cards.BillPaymentDeclined.v1": (Declined, "bill_declined"),
    "cards.BillPaymentRefunded.v1": (Declined, "bill_declined"),
    "loans.LoanDisbursed.v1": (Amount, "loan_disbursed"),
    "loans.RepaymentDeclined.v1": (Declined, "repayment_declined"),
    "loans.CollectionStopped.v1": (Stopped, "collection_stopped"),
    "loans.InstalmentOverdue.v1": (Overdue, "instalment_overdue"),
}
"""What customers are told of by e-mail, and as which kind of notice (`notifying.TEXTS`); of another mobile number, see
`number_changes`."""

CUSTOMERS = Context(
    name="customers",
    deciders=(
        *(CUSTOMER, MOBILE, CONFIRMATION, HOLDINGS, NOTICES, MAIL_SERVER),
        *(NUMBER_CHANGE, NUMBER_CHANGE_SAGA.decider, CLEARANCE),
    ),
    inline_projections=(CONTACTS, ERASURES, NOTICES_TABLE, driving.table(NUMBER_CHANGE_SAGA)),
    subscriptions={
        "accounts.AccountOpened.v1": Subscription(Account, begin_account, "begin_account"),
        "cards.CardIssued.v1": Subscription(Card, begin_card, "begin_card"),
        "cards.CardCancelled.v1": Subscription(Card, end_card, "end_card"),
        "cards.CardExpired.v1": Subscription(Card, end_card, "end_card"),
        "accounts.AccountHolderErased.v1": Subscription(Erased, confirm_accounts, "confirm_accounts"),
        "cards.CardholderErased.v1": Subscription(Erased, confirm_cards, "confirm_cards"),
        "loans.BorrowerErased.v1": Subscription(Erased, confirm_loans, "confirm_loans"),
        "accounts.AccountClosed.v1": Subscription(Account, end_account, "end_account"),
        "loans.LoanApplied.v1": Subscription(Loan, begin_loan, "begin_loan"),
        "loans.LoanTakenOver.v1": Subscription(Loan, begin_loan, "begin_loan"),
        "loans.LoanRejected.v1": Subscription(Loan, end_loan, "end_loan"),
        "loans.LoanWithdrawn.v1": Subscription(Loan, end_loan, "end_loan"),
        "loans.LoanClosed.v1": Subscription(Loan, end_loan, "end_loan"),
        "loans.ClearanceAsked.v1": Subscription(ClearanceAsked, clear, "clear"),
        "loans.ClearanceWithdrawalAsked.v1": Subscription(
            ClearanceWithdrawalAsked, withdraw_clearance, "withdraw_clearance"
        ),
        **NUMBER_CHANGE_ANSWERS,
        **{type: Subscription(data, tell(kind), f"tell_{kind}", whole=True) for type, (data, kind) in TOLD.items()},
    },
    choreographies=(CUSTOMER_ERASURE, MOBILE_NUMBER_CHANGE),
    sagas=(NUMBER_CHANGE_SAGA,),
)
