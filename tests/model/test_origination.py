"""The origination of a loan in every interleaving: it comes about everywhere, or nothing is left of it."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount, OpenAccount
from accounts.domain.account.money import CreditMoney
from accounts.domain.chart import CASH
from accounts.domain.process import PROCESS, Decline
from accounts.domain.process.facts import TransitReturned
from accounts.inbound import LoanCreditReturnAsked
from bank.context import Context, Order, Unit, step_id
from bank.recorded import Message
from bank.sagas.orchestration import undo_id
from bank.sagas.progress import Resolve
from customers.context import CUSTOMERS
from customers.domain.clearance import CLEARANCE
from customers.domain.customer import CUSTOMER, OpenCustomer, SuspendCustomer, VerifyCustomer
from loans.context import LOANS
from loans.domain.borrower import BORROWER, HearKyc
from loans.domain.loan import LOAN, ApplyForLoan
from loans.domain.loan.approval import ApproveLoan
from loans.originations import ORIGINATIONS
from loans.sagas import LOAN_ORIGINATION, LOAN_ORIGINATION_SAGA
from tests.model.conftest import Count
from tests.model.exploring import Model, explore
from tests.model.people import deaf, may
from tests.model.promises import all_of, at_most_once, books_agree
from tests.model.world import EMPTY, World, execute

CHECKED = (LOAN_ORIGINATION, LOAN_ORIGINATION_SAGA)
DAY = date(2026, 3, 1)
PRINCIPAL, SAVED = 1_200_00, 20_00
PATIENCE = 1
"""How often a saga asks, so that the worlds stay few: what happens at the limit happens at any."""

HEARD = {
    "customers": ("loans.ClearanceAsked.v1", "loans.ClearanceWithdrawalAsked.v1"),
    "accounts": ("loans.LoanCreditAsked.v1", "loans.LoanCreditReturnAsked.v1", "loans.LoanDisbursed.v1"),
    "loans": tuple(ORIGINATIONS),
}


def contexts() -> list[Context]:
    """As far as this process is concerned."""
    return [
        replace(
            context,
            subscriptions={type_: context.subscriptions[type_] for type_ in HEARD[context.name]},
            inline_projections=(),
        )
        for context in (CUSTOMERS, ACCOUNTS, LOANS)
    ]


def begun(*, suspended: bool = False, known: bool = True, frozen: Any = None) -> World:
    """The loan has been approved by who must; `known`: Loans has heard that the customer is verified."""
    opened = OpenCustomer("c1", "Anna Meier", "anna@bank.example", "+35699000001", "key", DAY)
    world = done(EMPTY, CUSTOMERS, CUSTOMER, "c1", opened)
    world = done(world, CUSTOMERS, CUSTOMER, "c1", VerifyCustomer("c1", DAY))
    if suspended:
        world = done(world, CUSTOMERS, CUSTOMER, "c1", SuspendCustomer("c1", "fraud", DAY))
    account = OpenAccount("a1", "c1", "savings", "EUR", "MT00", "001", DAY)
    world = done(world, ACCOUNTS, ACCOUNT, "a1", account)
    world = done(world, ACCOUNTS, ACCOUNT, "a1", CreditMoney("a1", SAVED, "EUR", CASH, DAY))
    if frozen:
        world = done(world, ACCOUNTS, ACCOUNT, "a1", FreezeAccount("a1", frozen, "legal_order"))
    if known:
        world = done(world, LOANS, BORROWER, "c1", HearKyc("c1", "verified", DAY, 1))
    applied = ApplyForLoan("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 12, DAY)
    world = done(world, LOANS, LOAN, "l1", applied)
    return done(world, LOANS, LOAN, "l1", ApproveLoan("l1", DAY, "operator:1", "o1"))


def done(world: World, context: Context, decider: Any, key: str, command: Any) -> World:
    return execute(world, context, Unit(Order(decider, key, command), id=step_id(key, type(command).__name__)))


def promise(world: World) -> str:
    """All of it has happened or nothing; or the saga stands in the operators' queue, its money in transit by name."""
    loan, account = world.state(LOANS, LOAN, "l1"), world.state(ACCOUNTS, ACCOUNT, "a1")
    reserved = world.state(LOANS, BORROWER, "c1").exposure_minor("EUR")
    transit, clearance = world.state(ACCOUNTS, PROCESS, "o1").open_minor, world.state(CUSTOMERS, CLEARANCE, "o1")
    progress = world.state(LOANS, LOAN_ORIGINATION_SAGA.decider, "o1")
    money = (account.balance_minor - SAVED, transit, reserved)
    match progress.status:
        case "completed":
            return (
                "" if (loan.status, money) == ("active", (PRINCIPAL, 0, PRINCIPAL)) else f"it came about, but {money=}"
            )
        case "compensated":
            is_left = money != (0, 0, 0) or clearance.status == "given" or loan.status != "applied"
            return f"it was undone, but {money=} {loan.status=}" if is_left else ""
        case "stuck":
            return "" if money == (PRINCIPAL, PRINCIPAL, PRINCIPAL) else f"it cannot go on, and {money=}"
        case "compensation_failed":
            return "" if money[0] == money[1] else f"it cannot be undone, and {money=}"
        case _:
            return "the origination never ends"


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    patient = LOAN_ORIGINATION_SAGA.limit
    object.__setattr__(LOAN_ORIGINATION_SAGA, "limit", PATIENCE)
    yield
    object.__setattr__(LOAN_ORIGINATION_SAGA, "limit", patient)


@pytest.mark.parametrize(
    "how",
    [{}, {"suspended": True}, {"known": False}, {"frozen": "credit"}, {"frozen": "debit"}],
    ids=["nobody declines", "customers declines", "loans declines", "accounts declines", "it cannot be taken back"],
)
def test_every_interleaving_ends_with_a_loan_or_with_nothing_left_of_it(
    how: dict[str, Any], count: Count, request: pytest.FixtureRequest
) -> None:
    always = all_of(books_agree, at_most_once(LOAN_ORIGINATION))
    found = explore(begun(**how), Model(contexts()), promise, always)
    count(LOAN_ORIGINATION_SAGA, request.node.callspec.id, found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def test_nobody_says_of_a_loan_that_it_came_about_while_its_activation_is_parked() -> None:
    everybody = deaf(contexts(), "loans", "loans.ActivationAsked.v1")
    two = [Order(LOAN_ORIGINATION_SAGA.decider, "o1", Resolve(f"operator:{number}")) for number in (1, 2)]
    people = [may(LOANS, f"operator {number} resolves it", order) for number, order in enumerate(two, start=1)]
    found = explore(Model(everybody).quiet(begun()), Model(everybody, people), promise)
    assert not found.counter_example, found.counter_example
    assert found.ends


def test_a_compensation_taken_away_is_found_and_told_as_given_when_then() -> None:
    """Accounts says that it has taken the money back, and has not."""
    everybody = contexts()
    asked = "loans.LoanCreditReturnAsked.v1"
    forgetful = replace(everybody[1].subscriptions[asked], react=pretend)
    everybody[1] = replace(everybody[1], subscriptions={**everybody[1].subscriptions, asked: forgetful})
    found = explore(begun(), Model(everybody), promise)
    sys.stdout.write(found.counter_example)
    assert "when accounts hears LoanCreditReturnAsked(" in found.counter_example
    assert found.counter_example.splitlines()[-1].startswith("then it was undone, but money=(120000, 120000, 0)")


def pretend(message: Message[LoanCreditReturnAsked]) -> Unit:
    loan = message.data
    answer = Decline(TransitReturned(loan.saga_id, "loan-disbursements", 0, loan.currency, DAY))
    return Unit(Order(PROCESS, loan.saga_id, answer), id=undo_id(loan.saga_id, "credit", loan.attempt))
