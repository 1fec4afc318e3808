"""Everything Accounts decides, shows and hears."""

from accounts.domain.account import ACCOUNT
from accounts.domain.business_day import BUSINESS_DAY
from accounts.domain.holder import HOLDER
from accounts.domain.holder.contact import ACCOUNT_CONTACT
from accounts.domain.holder.erasure import ERASURE
from accounts.domain.payment_file import PAYMENT_FILE
from accounts.domain.process import PROCESS
from accounts.domain.standing_order import STANDING_ORDER
from accounts.handlers.card_payments import (
    capture_for_payment,
    hold_for_payment,
    refund_payment,
    release_for_payment,
    settle_payment,
)
from accounts.handlers.contacts import CONTACTS
from accounts.handlers.credit_cards import (
    clear_bill,
    credit_payout,
    debit_for_bill,
    give_back_bill,
    pay_scheme,
    take_back_from_scheme,
)
from accounts.handlers.customers import (
    begin_erasure,
    close_holder,
    end_erasure,
    reinstate_holder,
    reject_holder,
    suspend_holder,
    verify_holder,
)
from accounts.handlers.loans import (
    clear_disbursement,
    clear_recovery,
    clear_repayment,
    debit_for_repayment,
    pay_out_loan,
    take_back_loan,
)
from accounts.inbound import (
    BillPaymentApplied,
    BillPaymentRejected,
    BillPaymentRequested,
    CardPaymentCaptured,
    CardPaymentEnded,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentSettled,
    CardPayoutRequested,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    HolderErasureBegun,
    LoanCreditAsked,
    LoanCreditReturnAsked,
    LoanDisbursed,
    LoanRecovered,
    LoanRepaid,
    RepaymentRequested,
)
from accounts.projections import BUSINESS_DAYS, ERASURES, LEDGER, PAYMENT_FILES, STANDING_ORDERS
from accounts.queries import ledger
from bank.context import Context, Subscription

ACCOUNTS = Context(
    name="accounts",
    deciders=(ACCOUNT, PROCESS, HOLDER, BUSINESS_DAY, ERASURE, PAYMENT_FILE, STANDING_ORDER, ACCOUNT_CONTACT),
    inline_projections=(LEDGER, BUSINESS_DAYS, PAYMENT_FILES, STANDING_ORDERS, ERASURES),
    subscriptions={
        "cards.CardPaymentRequested.v1": Subscription(CardPaymentRequested, hold_for_payment, "hold_for_payment"),
        "cards.CardPaymentCaptured.v1": Subscription(CardPaymentCaptured, capture_for_payment, "capture_for_payment"),
        "cards.CardPaymentSettled.v1": Subscription(CardPaymentSettled, settle_payment, "settle_payment"),
        "cards.CardPaymentReversed.v1": Subscription(CardPaymentEnded, release_for_payment, "release_for_payment"),
        "cards.CardPaymentExpired.v1": Subscription(CardPaymentEnded, release_for_payment, "release_for_payment"),
        "cards.CardPaymentRefunded.v1": Subscription(CardPaymentRefunded, refund_payment, "refund_payment"),
        "cards.CreditPaymentCaptured.v1": Subscription(CreditPaymentCaptured, pay_scheme, "pay_scheme"),
        "cards.CreditPaymentRefunded.v1": Subscription(
            CreditPaymentRefunded, take_back_from_scheme, "take_back_from_scheme"
        ),
        "cards.BillPaymentRequested.v1": Subscription(BillPaymentRequested, debit_for_bill, "debit_for_bill"),
        "cards.BillPaymentApplied.v1": Subscription(BillPaymentApplied, clear_bill, "clear_bill"),
        "cards.BillPaymentRejected.v1": Subscription(BillPaymentRejected, give_back_bill, "give_back_bill"),
        "cards.CardPayoutRequested.v1": Subscription(CardPayoutRequested, credit_payout, "credit_payout"),
        "loans.LoanCreditAsked.v1": Subscription(LoanCreditAsked, pay_out_loan, "pay_out_loan"),
        "loans.LoanCreditReturnAsked.v1": Subscription(
            LoanCreditReturnAsked, take_back_loan, "take_back_loan", whole=True
        ),
        "loans.LoanDisbursed.v1": Subscription(LoanDisbursed, clear_disbursement, "clear_disbursement"),
        "loans.RepaymentRequested.v1": Subscription(RepaymentRequested, debit_for_repayment, "debit_for_repayment"),
        "loans.LoanRepaid.v1": Subscription(LoanRepaid, clear_repayment, "clear_repayment"),
        "loans.LoanRecovered.v1": Subscription(LoanRecovered, clear_recovery, "clear_recovery"),
        "customers.CustomerVerified.v1": Subscription(CustomerVerified, verify_holder, "verify_holder"),
        "customers.CustomerRejected.v1": Subscription(CustomerRejected, reject_holder, "reject_holder"),
        "customers.CustomerSuspended.v1": Subscription(CustomerSuspended, suspend_holder, "suspend_holder"),
        "customers.CustomerReinstated.v1": Subscription(CustomerReinstated, reinstate_holder, "reinstate_holder"),
        "customers.CustomerClosed.v1": Subscription(CustomerClosed, close_holder, "close_holder"),
        "customers.CustomerErasureRequested.v1": Subscription(CustomerErasureRequested, begin_erasure, "begin_erasure"),
        "accounts.HolderErasureBegun.v1": Subscription(HolderErasureBegun, end_erasure, "end_erasure"),
        **CONTACTS,
    },
    books=ledger.books,
)
