"""Loans over HTTP. Customers apply, withdraw and repay; operators approve and reject."""

from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from bank.context import Order
from bank.history.eventstore import load
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import Principal, acting_for, listing_for, operator_only, visible
from bank.http.problems import too_early
from bank.http.views import BankView
from loans import orders, queries
from loans.api.schemas import (
    AccountBody,
    ApplyBody,
    ArrearsOut,
    CollectionBody,
    LoanBooksOut,
    LoanFilter,
    LoanOut,
    PayoffBody,
    PayoffFilter,
    PayoffQuoteOut,
    RejectBody,
    RepayBody,
    RepaymentOut,
    ScheduleOut,
    WriteOffBody,
    arrears_out,
    books_out,
    loan_out,
    payoff_quote_out,
    repayment_out,
    schedule_out,
)
from loans.context import LOANS
from loans.domain.borrower import BORROWER, RequireBorrower
from loans.domain.loan import LOAN, ApplyForLoan
from loans.domain.loan.approval import ApproveLoan, RejectLoan, WithdrawLoan
from loans.domain.loan.write_off import WithdrawWriteOff, WriteOffLoan

LOAN_AT = "/api/v1/loans/{loan}"


class Loans(BankView):
    @command(LOANS, ApplyBody, location=LOAN_AT, status=201)
    def post(self, asked: Asked) -> Do:
        """Apply for a loan.

        It is paid out to an account of the same customer, whom the bank must have verified. What happened just now may
        not be known here yet: 409 `account_not_known` and `customer_not_verified` are worth a retry.
        """
        loan_id, principal = asked.new_id("loan"), asked.body["principal"]
        customer_id, account_id = (
            acting_for(asked.principal, asked.body.get("customer_id")),
            str(asked.body["account_id"]),
        )
        orders.require_account(account_id, customer_id, principal.currency)
        require_heard_of(customer_id)
        application = ApplyForLoan(
            loan_id=loan_id,
            customer_id=customer_id,
            account_id=account_id,
            product=asked.body["product"],
            principal_minor=principal.amount_minor,
            currency=principal.currency,
            term_months=asked.body["term_months"],
            applied_on=localdate(),
            collects=asked.body["collect_on_due_date"],
        )
        return Do(Order(LOAN, loan_id, application), lending_to(customer_id))

    @listing(LoanOut, LoanFilter)
    def get(self, wanted: Wanted) -> Page:
        """The loans of a customer; for operators, of all unless one is named."""
        customer_id = wanted.filters.get("customer_id")
        rows = queries.loans(
            customer_id=listing_for(wanted.principal, customer_id),
            status=wanted.filters.get("status"),
            past_due=wanted.filters.get("past_due"),
            today=localdate(),
            after=wanted.after,
            limit=wanted.fetch,
        )
        return wanted.page([loan_out(row, localdate()) for row in rows], key=by_id)


class Loan(BankView):
    @read(LoanOut)
    def get(self, wanted: Wanted, loan_id: UUID) -> Shown:
        """One loan: its terms, where it stands, what is still owed."""
        loan = known(wanted.principal, loan_id)
        return Shown(loan_out(loan, localdate()), version=loan.version)


class Schedule(BankView):
    @read(ScheduleOut)
    def get(self, wanted: Wanted, loan_id: UUID) -> Shown:
        """The instalments, with what has been paid of each."""
        return Shown(schedule_out(known(wanted.principal, loan_id), localdate()))


class Approvals(BankView):
    @command(LOANS, location=LOAN_AT, status=202)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Approve an application; its origination begins then, and `/operations/{origination_id}` shows the steps.

        Above the product's limit the first approval only waits for that of another operator. A loan that cannot be paid
        out is an application again, and says why.
        """
        operator_only(asked.principal)
        loan = known(asked.principal, loan_id)
        approval = ApproveLoan(str(loan_id), localdate(), asked.principal.actor, asked.new_id("origination"))
        return Do(Order(LOAN, str(loan_id), approval), lending_to(str(loan.customer_id)))


class Rejections(BankView):
    @command(LOANS, RejectBody, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Reject an application."""
        operator_only(asked.principal)
        known(asked.principal, loan_id)
        return Do(Order(LOAN, str(loan_id), RejectLoan(str(loan_id), localdate(), asked.body["reason"])))


class Withdrawals(BankView):
    @command(LOANS, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Withdraw an application."""
        known(asked.principal, loan_id)
        return Do(Order(LOAN, str(loan_id), WithdrawLoan(str(loan_id), localdate())))


class PayoutAccounts(BankView):
    @command(LOANS, AccountBody, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Name another account of the customer, for an application that is not decided yet or could not be paid out."""
        return Do(orders.choose_account(known(asked.principal, loan_id), str(asked.body["account_id"])))


class Collections(BankView):
    @command(LOANS, CollectionBody, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Choose the account from which what is due of an active loan is collected, or that nothing is.

        What is on its way comes from where it was asked for. From an account that was closed meanwhile the bank stops
        collecting by itself, and tells the customer.
        """
        loan = known(asked.principal, loan_id)
        collects = asked.body["collect_on_due_date"]
        return Do(orders.choose_collection(loan, asked.body.get("account_id"), collects=collects))


class WriteOffs(BankView):
    @command(LOANS, WriteOffBody, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Propose that a loan be written off; another operator who agrees does it.

        A proposal stands for seven days. The loan is still owed, and what is repaid then is a recovery.
        """
        operator_only(asked.principal)
        known(asked.principal, loan_id)
        write_off = WriteOffLoan(str(loan_id), localdate(), asked.principal.actor, asked.body.get("agrees_with"))
        return Do(Order(LOAN, str(loan_id), write_off))


class WriteOffWithdrawals(BankView):
    @command(LOANS, location=LOAN_AT)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Withdraw the proposal to write a loan off, one's own or another's."""
        operator_only(asked.principal)
        known(asked.principal, loan_id)
        return Do(Order(LOAN, str(loan_id), WithdrawWriteOff(str(loan_id), localdate(), asked.principal.actor)))


class Repayments(BankView):
    @command(LOANS, RepayBody, location="/api/v1/loan-repayments/{repayment}", status=202)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Repay a part of a loan, or all that is owed, from an account.

        What is paid early pays the next instalments, each with its interest: a repayment in part saves none, nor does
        one of all that is owed. Only the payoff (`POST /loans/{id}/payoff`) makes interest fall away.
        """
        loan, paid = known(asked.principal, loan_id), asked.body["amount"]
        repayment_id = asked.new_id("repayment")
        repaying = orders.repay(
            loan,
            repayment_id,
            asked.body.get("account_id"),
            amount_minor=paid.amount_minor,
            currency=paid.currency,
            today=localdate(),
        )
        return Do(*repaying)

    @listing(RepaymentOut)
    def get(self, wanted: Wanted, loan_id: UUID) -> Page:
        """The repayments of a loan, those on their way and those declined included."""
        known(wanted.principal, loan_id)
        rows = queries.repayments(loan_id, after=wanted.after, limit=wanted.fetch)
        return wanted.page([repayment_out(row) for row in rows], key=by_id)


class PayoffQuotes(BankView):
    @read(PayoffQuoteOut, PayoffFilter)
    def get(self, wanted: Wanted, loan_id: UUID) -> Shown:
        """What pays an active loan off on a day, today unless one is named."""
        loan = known(wanted.principal, loan_id)
        on = wanted.filters.get("on") or localdate()
        return Shown(payoff_quote_out(loan, orders.payoff_quote(loan, on), on))


class Payoffs(BankView):
    @command(LOANS, PayoffBody, location="/api/v1/loan-repayments/{repayment}", status=202)
    def post(self, asked: Asked, loan_id: UUID) -> Do:
        """Pay a loan off today, for what the payoff quote says, from an account.

        The interest that would have come after today falls away; that of instalments paid ahead is not paid back.
        """
        loan, repayment_id = known(asked.principal, loan_id), asked.new_id("repayment")
        paying_off = orders.pay_off(loan, repayment_id, asked.body.get("account_id"), today=localdate())
        return Do(*paying_off)


class Repayment(BankView):
    @read(RepaymentOut)
    def get(self, wanted: Wanted, repayment_id: UUID) -> Shown:
        """One repayment: on its way, applied or declined."""
        return Shown(repayment_out(visible(wanted.principal, queries.repayment(repayment_id))))


class Arrears(BankView):
    @read(ArrearsOut)
    def get(self, wanted: Wanted) -> Shown:
        """How many loans are past due today and what is owed of them, by days past due."""
        operator_only(wanted.principal)
        return Shown(arrears_out(localdate()))


class Books(BankView):
    @read(LoanBooksOut)
    def get(self, wanted: Wanted) -> Shown:
        """Whether Loans' books agree, and what Loans owes Accounts."""
        operator_only(wanted.principal)
        return Shown(books_out())


def require_heard_of(customer_id: str) -> None:
    """Raises 409 while Loans has not heard that the bank knows who this is: it may just have been verified."""
    borrower, _ = load(LOANS, BORROWER, customer_id)
    if borrower.kyc == "pending" and borrower.standing == "active":
        raise too_early(
            "customer_not_verified",
            "The bank has not verified who this customer is. If it did just now, try again shortly with the same key.",
        )


def lending_to(customer_id: str) -> Order:
    """Refuses the unit when nothing is lent to this customer."""
    return Order(BORROWER, customer_id, RequireBorrower(customer_id))


def known(principal: Principal, loan_id: UUID) -> queries.LoanRow:
    """Raises 404 unless there is such a loan and the principal may see it."""
    return visible(principal, queries.loan(loan_id))


def by_id(row: Any) -> tuple[str]:
    return (str(row["id"]),)
