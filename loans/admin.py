"""Loans as operators see them. What they decide, they decide by commands."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from bank.console import cells
from bank.console.fields import AmountField, DayField
from bank.console.formats import NOTHING, links, list_of, page_of, shown, table
from bank.console.kernel_pages import register_kernel_pages
from bank.console.operators import AgreementForm, ChosenForm, OrderingAdmin, Questions, answers, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from bank.decider import Refused
from loans import queries
from loans.context import LOANS
from loans.domain.borrower import BORROWER, RequireBorrower
from loans.domain.loan import LOAN
from loans.domain.loan.approval import GROUNDS, ApproveLoan, RejectLoan, WithdrawLoan
from loans.domain.loan.arrears import BUCKETS
from loans.domain.loan.payoff import PayoffQuote
from loans.domain.loan.write_off import WithdrawWriteOff, WriteOffLoan
from loans.models import Loan, Posting, Repayment
from loans.orders import choose_account, choose_collection, pay_off, payoff_quote, repay

register_kernel_pages("loans")

CHOICES = list(GROUNDS.items())


class ReasonForm(Questions):
    reason = forms.ChoiceField(
        choices=[("", "–"), *CHOICES],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Say for which reason."},
    )


class AccountForm(Questions):
    account = forms.UUIDField(
        label="the customer's account", widget=UnfoldAdminTextInputWidget, error_messages={"required": "Say which one."}
    )


class CollectionForm(Questions):
    collects = forms.BooleanField(
        required=False, label="take what is due from the account", widget=UnfoldBooleanSwitchWidget, initial=True
    )
    account = forms.UUIDField(
        required=False,
        label="the customer's account",
        help_text="The loan's account stays unless given.",
        widget=UnfoldAdminTextInputWidget,
    )


class PayoffForm(Questions):
    account = forms.UUIDField(
        required=False,
        label="from the account",
        help_text="The loan's account unless given.",
        widget=UnfoldAdminTextInputWidget,
    )


class RepaymentForm(PayoffForm):
    amount = AmountField()

    field_order = ("amount", "account")


class DayForm(Questions):
    on = DayField(label="day")


class RejectionForm(ChosenForm):
    """The reason of a rejection, one of those checked here; the other actions do not read them."""

    reason = forms.ChoiceField(label="", required=False, choices=CHOICES)


class PastDue(admin.SimpleListFilter):
    title = "days past due"
    parameter_name = "past_due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(bucket, bucket) for bucket in BUCKETS]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        wanted = self.value()
        return queryset.filter(queries.in_bucket(wanted, localdate())) if wanted in BUCKETS else queryset


@admin.register(Loan)
class LoanPages(OrderingAdmin):
    context = LOANS
    list_display = (
        *("short_id", "product", "status_label", "code", "principal", "outstanding", "next_due_on", "past_due"),
        *("owner", "applied_on"),
    )
    list_filter = (PastDue, "status", "product", "currency", "next_due_on")
    search_fields = ("id__exact", "customer_id__exact", "account_id__exact")
    search_help_text = "The id of a loan, a customer or an account"
    ordering = ("-applied_on", "id")
    fields = (
        *("whole_id", "customer", "account", "product", "status_label", "code", "first_approval", "applied_on"),
        *("disbursed_on", "principal", "rate", "term_months", "instalment", "outstanding", "late", "payoff"),
        *("recovered", "write_off_by", "on_its_way", "collects", "next_due_on", "past_due"),
        *("version", "schedule", "more"),
    )
    actions = ("approve", "reject", "withdraw", "choose_account", "write_off")
    actions_detail = (
        {"title": "Application", "items": ("approve", "reject", "withdraw", "choose_account")},
        {"title": "Repay", "items": ("repay", "pay_off", "show_payoff", "choose_collection")},
        {"title": "Write off", "items": ("write_off", "agree_to_write_off", "withdraw_write_off")},
    )
    action_form = RejectionForm

    LABELS = {
        "applied": "info",
        "awaiting_second_approval": "warning",
        "approved": "info",
        "originating": "info",
        "active": "success",
        "rejected": "danger",
        "withdrawn": "danger",
        "written_off": "danger",
    }

    recovered = cells.money("recovered_minor", "recovered after the write-off")
    principal = cells.money("principal_minor", "principal", sorts=True)
    outstanding = cells.money("outstanding_minor", "outstanding", sorts=True)
    on_its_way = cells.money("on_its_way_minor", "on its way")
    owner = cells.page("customers", "customer", "customer_id", "customer")
    account = cells.page("accounts", "account", "account_id", "account", whole=True)
    short_id = cells.short_id("id")

    status_label = cells.label("status", LABELS)

    @admin.display(description="first approval by")
    def first_approval(self, loan: Loan) -> str:
        return loan.first_approval_by or NOTHING

    @admin.display(description="write-off proposed by")
    def write_off_by(self, loan: Loan) -> str:
        return loan.write_off_proposed_by or NOTHING

    @admin.display(description="instalment")
    def instalment(self, loan: Loan) -> SafeString:
        """What is owed a month; before the pay-out, what the schedule would ask today."""
        if loan.instalment_minor:
            return shown(loan.instalment_minor, loan.currency)
        due = [instalment.amount_minor for instalment, _ in queries.schedule(loan, starts_on=localdate())]
        return shown(due[0], loan.currency) if due else NOTHING

    @admin.display(description="rate")
    def rate(self, loan: Loan) -> str:
        return f"{loan.rate_bps / 100:.2f} % a year"

    @admin.display
    def customer(self, loan: Loan) -> SafeString:
        view = page_of("bankview", "customerbankview", loan.customer_id, "Bank view")
        return links(page_of("customers", "customer", loan.customer_id), view)

    @admin.display(description="days past due", ordering="next_due_on")
    def past_due(self, loan: Loan) -> str:
        return str(queries.days_past_due(loan, localdate()) or NOTHING)

    @admin.display(description="to pay it off today")
    def payoff(self, loan: Loan) -> SafeString | str:
        if loan.status != "active":
            return NOTHING
        return shown(payoff_quote(loan, localdate()).amount_minor, loan.currency)

    @admin.display(description="of it late fees and penalty interest")
    def late(self, loan: Loan) -> SafeString:
        return shown(loan.fee_minor + loan.penalty_minor, loan.currency)

    @admin.display(description="schedule")
    def schedule(self, loan: Loan) -> SafeString:
        rows = [
            (
                instalment.number,
                instalment.due_on,
                shown(instalment.amount_minor, loan.currency),
                shown(instalment.interest_minor, loan.currency),
                shown(parts.interest_minor + parts.principal_minor, loan.currency),
            )
            for instalment, parts in queries.schedule(loan, starts_on=localdate())
        ]
        return table(rows, headers=("", "due", "amount", "of it interest", "paid"))

    @admin.display(description="see also")
    def more(self, loan: Loan) -> SafeString:
        return links(
            list_of("loans", "repayment", "Repayments", loan_id=loan.pk),
            list_of("loans", "posting", "Postings", loan_id=loan.pk),
            *origination(loan.origination_id),
            list_of("loans", "event", "Events", q=LOAN.stream(str(loan.pk))),
        )

    @gives_order("Approve and pay out")
    def approve(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        approval = Order(LOAN, key, ApproveLoan(key, localdate(), asked["by"], str(uuid4())))
        loan = queries.loan(key)
        if loan is None:
            return (approval,)
        customer_id = str(loan.customer_id)
        return approval, Order(BORROWER, customer_id, RequireBorrower(customer_id))

    @gives_order("Reject", asks=ReasonForm)
    def reject(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(LOAN, key, RejectLoan(key, localdate(), asked["reason"]))

    @gives_order("Withdraw for the customer")
    def withdraw(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(LOAN, key, WithdrawLoan(key, localdate()))

    @gives_order("Propose to write off")
    def write_off(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(LOAN, key, WriteOffLoan(key, localdate(), asked["by"]))

    @gives_order("Agree to write off", asks=AgreementForm)
    def agree_to_write_off(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(LOAN, key, WriteOffLoan(key, localdate(), asked["by"], asked["proposed_by"]))

    @gives_order("Withdraw the proposed write-off")
    def withdraw_write_off(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(LOAN, key, WithdrawWriteOff(key, localdate(), asked["by"]))

    @gives_order("Pay out to another account", asks=AccountForm)
    def choose_account(self, key: str, asked: dict[str, Any]) -> Order:
        return choose_account(Loan.objects.get(pk=key), str(asked["account"]))

    @gives_order("Choose what is collected", asks=CollectionForm)
    def choose_collection(self, key: str, asked: dict[str, Any]) -> Order:
        return choose_collection(Loan.objects.get(pk=key), asked["account"], collects=asked["collects"])

    @gives_order("Repay", asks=RepaymentForm)
    def repay(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        loan, repayment_id = Loan.objects.get(pk=key), str(uuid5(asked["id"], "repayment"))
        amount, account = asked["amount"], asked["account"]
        return repay(loan, repayment_id, account, amount_minor=amount, currency=loan.currency, today=localdate())

    @gives_order("Pay off today", asks=PayoffForm)
    def pay_off(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        repayment_id = str(uuid5(asked["id"], "repayment"))
        return pay_off(Loan.objects.get(pk=key), repayment_id, asked["account"], today=localdate())

    @action(description="Payoff quote", url_path="payoff-quote", permissions=["view"])  # type: ignore[untyped-decorator]
    def show_payoff(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What pays it off on a day. It changes nothing."""
        loan: Loan | None = self.get_object(request, object_id)
        if loan is None:
            raise Http404
        form, answer = DayForm(answers(request), initial={"on": localdate()}), ""
        if form.is_valid():
            try:
                answer = quoted(payoff_quote(loan, form.cleaned_data["on"]), loan.currency)
            except Refused as refused:
                form.add_error(None, refused.reason)
        return self.asking(request, loan, form, "Payoff quote", answer=answer)


def quoted(quote: PayoffQuote, currency: str) -> SafeString:
    parts = (
        ("pays the loan off", quote.amount_minor),
        ("of it principal", quote.principal_minor),
        ("of it interest to that day", quote.interest_minor),
        ("of it late fees", quote.fee_minor),
        ("of it penalty interest", quote.penalty_minor),
        ("interest that falls away", quote.waived_minor),
    )
    return table([(name, shown(minor, currency)) for name, minor in parts])


def origination(id: UUID | None) -> tuple[SafeString, ...]:
    """Both views of the last one: the tracker's and the saga's."""
    if id is None:
        return ()
    return page_of("bankview", "process", id, "Steps of the pay-out"), page_of("loans", "sagarow", id, "Its saga")


@admin.register(Repayment)
class RepaymentPages(ReadOnlyAdmin):
    list_display = ("short_id", "loan", "amount", "status_label", "code", "requested_on", "repaid_on")
    list_filter = ("status", "currency", "requested_on")
    search_fields = ("id__exact", "loan_id__exact", "customer_id__exact")
    search_help_text = "The id of a repayment, a loan or a customer"
    ordering = ("-requested_at",)
    fields = (
        *("whole_id", "loan", "amount", "interest", "principal", "late", "status_label", "code", "account", "customer"),
        *("requested_on", "requested_at", "repaid_on", "more"),
    )

    LABELS = {"requested": "info", "applied": "success", "declined": "warning"}

    amount = cells.money("amount_minor", "amount", sorts=True)
    interest = cells.money("interest_minor", "interest")
    principal = cells.money("principal_minor", "principal")
    loan = cells.page("loans", "loan", "loan_id", "loan")
    account = cells.page("accounts", "account", "account_id", "account", whole=True)
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)
    short_id = cells.short_id("id")

    @admin.display(description="see also")
    def more(self, repayment: Repayment) -> SafeString:
        return page_of("bankview", "process", repayment.pk, "Steps")

    status_label = cells.label("status", LABELS)

    @admin.display(description="late fees and penalty interest")
    def late(self, repayment: Repayment) -> SafeString:
        return shown(repayment.fee_minor + repayment.penalty_minor, repayment.currency)


@admin.register(Posting)
class PostingPages(ReadOnlyAdmin):
    list_display = ("booked_on", "debit", "credit", "amount", "type", "loan")
    list_filter = ("debit", "credit", "currency")
    search_fields = ("loan_id__exact",)
    search_help_text = "The id of a loan"
    ordering = ("-recorded_at", "-id")
    fields = (*list_display, "version", "recorded_at")

    amount = cells.money("amount_minor", "amount", sorts=True)
    loan = cells.page("loans", "loan", "loan_id", "loan")
