"""What operators do in the console with a loan that is repaid: from which account, how much, all of it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localdate

from bank.context import Order, Unit
from bank.execution import execute
from bank.history.eventstore import load
from bank.money import to_decimal
from loans import handlers
from loans.context import LOANS
from loans.domain.borrower import BORROWER, RequireBorrower
from loans.domain.loan import LOAN, ApplyForLoan
from loans.domain.loan.approval import ApproveLoan
from loans.domain.loan.payoff import quote
from loans.inbound import AccountOpened, CustomerVerified
from loans.models import Loan, Repayment
from tests import factories
from tests.loans import steps
from tests.loans.facts import DAY, PRINCIPAL

pytestmark = pytest.mark.django_db(databases=["loans", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


@pytest.fixture
def loan_id() -> str:
    """Paid out today: 1200.00 EUR."""
    loan_id, customer_id = str(uuid4()), str(uuid4())
    apply = ApplyForLoan(loan_id, customer_id, str(uuid4()), "personal", PRINCIPAL, "EUR", 12, DAY)
    approve = ApproveLoan(loan_id, localdate(), "operator:1", str(uuid4()))
    borrower = Order(BORROWER, customer_id, RequireBorrower(customer_id))
    verified = handlers.verify(CustomerVerified(customer_id, DAY, 1))
    execute(LOANS, [verified, Unit(Order(LOAN, loan_id, apply)), Unit(Order(LOAN, loan_id, approve), borrower)])
    steps.pay_out(loan_id, localdate())
    return loan_id


def order(operator: Client, loan_id: str, action: str, **answers: str) -> str:
    answer = operator.post(f"/admin/loans/loan/{loan_id}/{action}/", answers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def owed(loan_id: str, days: int = 0) -> int:
    state, _ = load(LOANS, LOAN, loan_id)
    return quote(state, localdate() + timedelta(days=days)).amount_minor


def test_an_operator_repays_from_the_account_of_the_loan_or_another(operator: Client, loan_id: str) -> None:
    assert "1 of 1 loans changed." in order(operator, loan_id, "repay", amount="100.5")
    other = str(uuid4())
    order(operator, loan_id, "repay", amount="20.00", account=other)
    asked = {str(one.account_id): one.amount_minor for one in Repayment.objects.all()}
    assert asked == {str(Loan.objects.get().account_id): 100_50, other: 20_00}


@pytest.mark.parametrize(("action", "answers"), [("repay", {"amount": "20.00"}), ("pay-off", {})])
def test_nothing_is_repaid_from_anothers_account(
    operator: Client, loan_id: str, action: str, answers: dict[str, str]
) -> None:
    anothers, in_crowns = str(uuid4()), str(uuid4())
    own = str(Loan.objects.get().customer_id)
    execute(LOANS, [handlers.know_account(AccountOpened(anothers, str(uuid4()), "EUR"))])
    execute(LOANS, [handlers.know_account(AccountOpened(in_crowns, own, "CZK"))])
    assert "The account belongs to another customer." in order(operator, loan_id, action, account=anothers, **answers)
    assert "The account is kept in another currency." in order(operator, loan_id, action, account=in_crowns, **answers)
    assert not Repayment.objects.exists()


def test_a_repayment_that_is_sent_twice_is_asked_for_once(operator: Client, loan_id: str) -> None:
    form = operator.get(f"/admin/loans/loan/{loan_id}/repay/").content.decode()
    (key,) = re.findall(r'name="once" value="([^"]+)"', form)
    for _ in range(2):
        assert "1 of 1 loans changed." in order(operator, loan_id, "repay", amount="100.00", once=key)
    assert Repayment.objects.get().amount_minor == 100_00


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("NaN", "An amount is a decimal string such as"),
        ("-1.00", "The smallest amount here is 0.01 EUR."),
        ("1.001", "EUR has 2 decimal places."),
        ("", "This field is required."),
        ("1000000.00", "This is more than is still owed"),
    ],
)
def test_what_cannot_be_repaid_is_not_asked_for(operator: Client, loan_id: str, typed: str, said: str) -> None:
    assert said in order(operator, loan_id, "repay", amount=typed)
    assert not Repayment.objects.exists()


def test_an_operator_pays_a_loan_off_for_what_is_quoted(operator: Client, loan_id: str) -> None:
    assert "1 of 1 loans changed." in order(operator, loan_id, "pay-off")
    assert Repayment.objects.get().amount_minor == owed(loan_id)
    assert "A repayment is on its way." in order(operator, loan_id, "pay-off")


def test_what_pays_a_loan_off_on_a_day_is_quoted_and_nothing_is_changed(operator: Client, loan_id: str) -> None:
    day = localdate() + timedelta(days=45)
    before = Loan.objects.get().version
    assert f"{to_decimal(owed(loan_id, 45), 'EUR')} EUR" in order(operator, loan_id, "payoff-quote", on=day.isoformat())
    assert "Enter a valid date." in order(operator, loan_id, "payoff-quote", on="some day")
    assert Loan.objects.get().version == before
    assert not Repayment.objects.exists()


def test_only_an_active_loan_is_quoted(operator: Client) -> None:
    loan_id = str(uuid4())
    apply = ApplyForLoan(loan_id, str(uuid4()), str(uuid4()), "personal", PRINCIPAL, "EUR", 12, DAY)
    execute(LOANS, [Unit(Order(LOAN, loan_id, apply))])
    said = order(operator, loan_id, "payoff-quote", on=localdate().isoformat())
    assert "Only an active loan is paid off" in said
