"""The console's pages of Loans: they show, and act by commands alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.test import Client
from django.utils.timezone import localdate

from bank.context import Order, Unit
from bank.execution import execute
from bank.models import Event
from loans import handlers, queries
from loans.admin import LoanPages
from loans.context import LOANS
from loans.domain.loan import LOAN, ApplyForLoan
from loans.inbound import AccountOpened, CustomerSuspended, CustomerVerified
from loans.models import Loan, Posting
from tests import factories
from tests.loans import steps
from tests.loans.facts import DAY, PRINCIPAL

pytestmark = pytest.mark.django_db(databases=["loans", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def applied(principal_minor: int = PRINCIPAL) -> str:
    loan_id, customer_id = str(uuid4()), str(uuid4())
    command = ApplyForLoan(loan_id, customer_id, str(uuid4()), "personal", principal_minor, "EUR", 12, DAY)
    verified = handlers.verify(CustomerVerified(customer_id, DAY, 1))
    execute(LOANS, [verified, Unit(Order(LOAN, loan_id, command))])
    return loan_id


def act(operator: Client, action: str, *loan_ids: str, **more: str) -> str:
    chosen = {"_selected_action": list(loan_ids), "index": "0", "action": action, **more}
    return operator.post("/admin/loans/loan/", chosen, follow=True).content.decode()


def status(loan_id: str) -> str:
    loan = queries.loan(loan_id)
    assert loan is not None
    return loan.status


def page(operator: Client, path: str) -> str:
    answer = operator.get(f"/admin/loans/{path}")
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_loan_is_shown_with_its_schedule(operator: Client) -> None:
    loan_id = applied()
    assert "1200.00 EUR" in page(operator, "loan/?status=applied")
    shown = page(operator, f"loan/{loan_id}/change/")
    assert "104.89 EUR" in shown
    assert "8.90 % a year" in shown
    assert "104.89 EUR" in LoanPages(Loan, site).instalment(Loan.objects.get())


def test_an_operator_approves_several_by_command_and_hears_what_was_refused(operator: Client) -> None:
    first, second = applied(), applied()
    assert "2 of 2 loans changed." in act(operator, "approve", first, second)
    assert {status(first), status(second)} == {"originating"}
    event = Event.objects.using("loans").filter(type="OriginationRequested.v1").first()
    assert event is not None
    assert '"actor":"operator:' in event.metadata
    said = act(operator, "approve", first)
    assert "0 of 1 loans changed." in said
    assert "Only an application is approved" in said


def test_the_operator_who_approved_first_is_not_the_second(operator: Client) -> None:
    loan_id = applied(25_000_01)
    act(operator, "approve", loan_id)
    assert "operator:" in page(operator, f"loan/{loan_id}/change/")
    assert "needs another operator" in act(operator, "approve", loan_id)
    assert status(loan_id) == "awaiting_second_approval"
    other = factories.operator()
    act(other, "approve", loan_id)
    assert status(loan_id) == "originating"


def test_a_loan_to_a_suspended_customer_is_not_approved(operator: Client) -> None:
    loan_id = applied()
    customer_id = str(Loan.objects.get(pk=loan_id).customer_id)
    execute(LOANS, [handlers.suspend(CustomerSuspended(customer_id, DAY, 2))])
    assert "This customer is suspended" in act(operator, "approve", loan_id)
    assert status(loan_id) == "applied"


def test_an_operator_withdraws_for_the_customer(operator: Client) -> None:
    loan_id = applied()
    act(operator, "withdraw", loan_id)
    assert status(loan_id) == "withdrawn"


def test_an_operator_rejects_for_a_reason(operator: Client) -> None:
    loan_id = applied()
    act(operator, "reject", loan_id, reason="documents")
    loan = queries.loan(loan_id)
    assert loan is not None
    assert (loan.status, loan.code) == ("rejected", "documents")


def test_an_operator_pays_out_to_another_account_what_failed(operator: Client) -> None:
    loan_id, account_id = applied(), str(uuid4())
    act(operator, "approve", loan_id)
    assert steps.origination_of(loan_id) in page(operator, f"loan/{loan_id}/change/")
    steps.fail(loan_id, "account_frozen")
    assert status(loan_id) == "applied"
    assert "Say which one." in act(operator, "choose_account", loan_id)
    heard_of(account_id, str(Loan.objects.get(pk=loan_id).customer_id))
    operator.post(f"/admin/loans/loan/{loan_id}/choose-account/", {"account": account_id})
    assert str(Loan.objects.get(pk=loan_id).account_id) == account_id
    act(operator, "approve", loan_id)
    assert status(loan_id) == "originating"


def heard_of(account_id: str, customer_id: str, currency: str = "EUR") -> None:
    execute(LOANS, [handlers.know_account(AccountOpened(account_id, customer_id, currency))])


def test_a_loan_is_paid_out_to_no_account_but_the_customers(operator: Client) -> None:
    loan_id, anothers, in_crowns = applied(), str(uuid4()), str(uuid4())
    loan = Loan.objects.get(pk=loan_id)
    heard_of(anothers, str(uuid4()))
    heard_of(in_crowns, str(loan.customer_id), "CZK")
    for account_id, reason in (
        (anothers, "The account belongs to another customer."),
        (in_crowns, "The account is kept in another currency."),
        (str(uuid4()), "Loans knows no such account."),
    ):
        said = operator.post(f"/admin/loans/loan/{loan_id}/choose-account/", {"account": account_id}, follow=True)
        assert reason in said.content.decode()
    assert Loan.objects.get(pk=loan_id).account_id == loan.account_id


def test_an_operator_chooses_what_is_collected_from_an_account_of_the_customer(operator: Client) -> None:
    loan_id, account_id, anothers = applied(), str(uuid4()), str(uuid4())
    act(operator, "approve", loan_id)
    steps.pay_out(loan_id)
    loan = Loan.objects.get(pk=loan_id)
    assert not loan.collects
    owners = {account_id: str(loan.customer_id), anothers: str(uuid4())}
    execute(LOANS, [handlers.know_account(AccountOpened(id, owner, "EUR")) for id, owner in owners.items()])
    path = f"/admin/loans/loan/{loan_id}/choose-collection/"
    assert b"take what is due" in operator.get(path).content
    refused = operator.post(path, {"account": anothers, "collects": "on"}, follow=True).content.decode()
    assert "The account belongs to another customer." in refused
    operator.post(path, {"account": account_id, "collects": "on"})
    loan.refresh_from_db()
    assert (str(loan.account_id), loan.collects) == (account_id, True)
    operator.post(path, {"account": ""})
    loan.refresh_from_db()
    assert (str(loan.account_id), loan.collects) == (account_id, False)


def test_loans_are_listed_by_days_past_due(operator: Client) -> None:
    loan_id = applied()
    act(operator, "approve", loan_id)
    steps.pay_out(loan_id, localdate() - timedelta(days=100))
    assert loan_id in page(operator, "loan/?past_due=61-90")
    assert loan_id not in page(operator, "loan/?past_due=31-60")


def test_two_operators_write_a_loan_off(operator: Client) -> None:
    loan_id = applied()
    act(operator, "approve", loan_id)
    steps.pay_out(loan_id)
    act(operator, "write_off", loan_id)
    assert "operator:" in page(operator, f"loan/{loan_id}/change/")
    assert "Another operator is needed" in act(operator, "write_off", loan_id)
    other = factories.operator()
    assert "agree with that, or withdraw it" in act(other, "write_off", loan_id)
    proposed_by = Loan.objects.get(pk=loan_id).write_off_proposed_by
    detail = f"/admin/loans/loan/{loan_id}"
    other.post(f"{detail}/withdraw-write-off/", {}, follow=True)
    assert Loan.objects.get(pk=loan_id).write_off_proposed_by == ""
    act(operator, "write_off", loan_id)
    other.post(f"{detail}/agree-to-write-off/", {"proposed_by": proposed_by}, follow=True)
    assert status(loan_id) == "written_off"
    assert "loan-losses" in page(operator, f"posting/?loan_id={loan_id}")


def test_postings_are_listed_with_both_legs(operator: Client) -> None:
    loan_id = applied()
    act(operator, "approve", loan_id)
    steps.pay_out(loan_id)
    shown = page(operator, f"posting/?loan_id={loan_id}")
    assert "principal-receivable" in shown
    assert "due-to-accounts" in shown
    assert str(Posting.objects.earliest("id")).endswith(" 1200.00 EUR")
    assert page(operator, "repayment/")


@pytest.mark.parametrize("path", ["loan/add/", "posting/add/", "repayment/add/"])
def test_nothing_is_added_by_hand(operator: Client, path: str) -> None:
    assert operator.get(f"/admin/loans/{path}").status_code == 403
    assert Client().get("/admin/loans/loan/").status_code == 302
