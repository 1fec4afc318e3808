"""Loans as operators see them. What they decide, they decide by commands."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.forms import ActionForm

from bank import money
from bank.admin import ReadOnlyAdmin, register_kernel_pages
from bank.context import Order, Unit
from bank.execution import Result, execute
from bank.http.principal import principal
from bank.recorded import Origin
from loans import queries
from loans.context import LOANS
from loans.domain.loan import GROUNDS, LOAN, ApproveLoan, Command, RejectLoan, RequestDisbursement
from loans.models import Loan, Posting, Repayment

register_kernel_pages("loans")

MAX_CHOSEN = 500


def shown(amount_minor: int, currency: str) -> str:
    return f"{money.to_decimal(amount_minor, currency)} {currency}"


class GroundsForm(ActionForm):
    """The grounds of a rejection, one of those checked here; the other actions do not read them."""

    grounds = forms.ChoiceField(label="", required=False, choices=list(GROUNDS.items()))


@admin.register(Loan)
class LoanPages(ReadOnlyAdmin):
    list_display = (
        *("id", "product", "status_label", "code", "principal", "outstanding", "next_due_on"),
        *("customer_id", "applied_on"),
    )
    list_filter = ("status", "product", "currency", "next_due_on")
    search_fields = ("id__exact", "customer_id__exact", "account_id__exact")
    search_help_text = "The id of a loan, a customer or an account"
    ordering = ("-applied_on", "id")
    fields = (
        *("id", "customer_id", "account_id", "product", "status_label", "code", "applied_on", "disbursed_on"),
        *("principal", "rate_bps", "term_months", "instalment", "outstanding", "on_its_way", "next_due_on"),
        *("version", "schedule", "history"),
    )
    actions = ("approve", "reject", "pay_out_again")
    action_form = GroundsForm

    LABELS = {
        "applied": "info",
        "approved": "warning",
        "disbursing": "info",
        "active": "success",
        "rejected": "danger",
    }

    @admin.display(description="status", ordering="status")
    def status_label(self, loan: Loan) -> str:
        return loan.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(ordering="principal_minor")
    def principal(self, loan: Loan) -> str:
        return shown(loan.principal_minor, loan.currency)

    @admin.display(ordering="outstanding_minor")
    def outstanding(self, loan: Loan) -> str:
        return shown(loan.outstanding_minor, loan.currency)

    @admin.display(description="instalment")
    def instalment(self, loan: Loan) -> str:
        return shown(loan.instalment_minor, loan.currency)

    @admin.display(description="on its way")
    def on_its_way(self, loan: Loan) -> str:
        return shown(loan.on_its_way_minor, loan.currency)

    @admin.display(description="schedule")
    def schedule(self, loan: Loan) -> SafeString:
        rows = [
            (
                instalment.number,
                instalment.due_on,
                shown(instalment.amount_minor, loan.currency),
                f"interest {shown(instalment.interest_minor, loan.currency)}",
                f"paid {shown(parts.interest_minor + parts.principal_minor, loan.currency)}",
            )
            for instalment, parts in queries.schedule(loan, starts_on=localdate())
        ]
        cells = (
            (format_html_join("", '<td class="pr-6 whitespace-nowrap">{}</td>', ((cell,) for cell in row)),)
            for row in rows
        )
        return format_html("<table>{}</table>", format_html_join("", "<tr>{}</tr>", cells))

    @admin.display(description="history")
    def history(self, loan: Loan) -> SafeString:
        events = f"{reverse('admin:loans_event_changelist')}?q={LOAN.stream(str(loan.pk))}"
        repayments = f"{reverse('admin:loans_repayment_changelist')}?loan_id={loan.pk}"
        return format_html('<a href="{}">Repayments</a> · <a href="{}">Events</a>', repayments, events)

    @admin.action(description="Approve and pay out", permissions=["view"])
    def approve(self, request: HttpRequest, chosen: "QuerySet[Loan]") -> None:
        order(self, request, chosen, lambda key: ApproveLoan(key, localdate()))

    @admin.action(description="Reject", permissions=["view"])
    def reject(self, request: HttpRequest, chosen: "QuerySet[Loan]") -> None:
        grounds = request.POST.get("grounds")
        if not grounds:
            self.message_user(request, "Say on which grounds.", messages.ERROR)
            return
        order(self, request, chosen, lambda key: RejectLoan(key, localdate(), grounds))

    @admin.action(description="Pay out again", permissions=["view"])
    def pay_out_again(self, request: HttpRequest, chosen: "QuerySet[Loan]") -> None:
        order(self, request, chosen, lambda key: RequestDisbursement(key, None, localdate()))


def order(
    pages: ReadOnlyAdmin, request: HttpRequest, chosen: "QuerySet[Loan]", command: Callable[[str], Command]
) -> None:
    """One command for each loan chosen, and what became of them as messages."""
    origin = Origin(principal(str(request.user.pk), None, is_operator=True).actor)
    keys = [str(key) for key in chosen.values_list("pk", flat=True)[:MAX_CHOSEN]]
    units = [Unit(Order(LOAN, key, command(key)), id=uuid4(), origin=origin) for key in keys]
    for line, level in told(execute(LOANS, units)):
        pages.message_user(request, line, level)


def told(results: list[Result]) -> list[tuple[str, Any]]:
    changed = sum(result.outcome == "applied" for result in results)
    lines: list[tuple[str, Any]] = [(f"{changed} of {len(results)} loans changed.", messages.SUCCESS)]
    return lines + [(reason, messages.WARNING) for reason in sorted({r.reason for r in results if r.reason})]


@admin.register(Repayment)
class RepaymentPages(ReadOnlyAdmin):
    list_display = ("id", "loan_id", "amount", "status_label", "code", "requested_on", "repaid_on")
    list_filter = ("status", "currency", "requested_on")
    search_fields = ("id__exact", "loan_id__exact", "customer_id__exact")
    search_help_text = "The id of a repayment, a loan or a customer"
    ordering = ("-requested_at",)
    fields = (*list_display, "account_id", "customer_id", "interest", "principal", "requested_at")

    LABELS = {"requested": "info", "applied": "success", "declined": "warning"}

    @admin.display(description="status", ordering="status")
    def status_label(self, repayment: Repayment) -> str:
        return repayment.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(ordering="amount_minor")
    def amount(self, repayment: Repayment) -> str:
        return shown(repayment.amount_minor, repayment.currency)

    @admin.display(description="interest")
    def interest(self, repayment: Repayment) -> str:
        return shown(repayment.interest_minor, repayment.currency)

    @admin.display(description="principal")
    def principal(self, repayment: Repayment) -> str:
        return shown(repayment.principal_minor, repayment.currency)


@admin.register(Posting)
class PostingPages(ReadOnlyAdmin):
    list_display = ("booked_on", "debit", "credit", "amount", "type", "loan_id")
    list_filter = ("debit", "credit", "currency")
    search_fields = ("loan_id__exact",)
    search_help_text = "The id of a loan"
    ordering = ("-id",)
    fields = (*list_display, "version", "recorded_at")

    @admin.display(ordering="amount_minor")
    def amount(self, posting: Posting) -> str:
        return shown(posting.amount_minor, posting.currency)
