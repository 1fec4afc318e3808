"""A loan repaid, in every interleaving."""

import sys
from dataclasses import replace

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.money import DebitMoney
from accounts.domain.chart import CASH
from bank.context import Context, Order
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan.payoff import RequestPayoff
from loans.domain.loan.repayments import RequestRepayment
from loans.domain.loan.write_off import WriteOffLoan
from loans.domain.repayment import REPAYMENT, BeginRepayment
from loans.originations import ORIGINATIONS
from loans.sagas import LOAN_REPAYMENT
from tests.model import test_origination
from tests.model.conftest import Count
from tests.model.exploring import Asked, Model, explore
from tests.model.people import TODAY, deaf, may, without_views
from tests.model.promises import (
    all_of,
    at_most_once,
    books_agree,
    ended,
    loans_and_accounts_agree,
    nothing_in_flight,
)
from tests.model.world import World

CHECKED = (LOAN_REPAYMENT,)


def contexts() -> list[Context]:
    """After it was paid out: how that comes about is checked by itself."""
    books, lender = without_views(ACCOUNTS, LOANS)
    heard = {type_: one for type_, one in lender.subscriptions.items() if type_ not in ORIGINATIONS}
    return [books, replace(lender, subscriptions=heard, sagas=())]


def of_account(what: str, command: object, account_id: str = "a1") -> Asked:
    return may(ACCOUNTS, what, Order(ACCOUNT, account_id, command))


def of_loan(what: str, command: object) -> Asked:
    return may(LOANS, what, Order(LOAN, "l1", command))


FREEZE = of_account("a court freezes the account", FreezeAccount("a1", "both", "legal_order"))

# Repaid.


def owing() -> World:
    return Model(test_origination.contexts()).quiet(test_origination.begun())


def repayment(id: str, amount_minor: int) -> Asked:
    wanted = RequestRepayment(id, "l1", None, amount_minor, "EUR", TODAY)
    begin = Order(REPAYMENT, id, BeginRepayment(id, "l1", "c1"))
    return may(LOANS, f"the customer repays {amount_minor}", Order(LOAN, "l1", wanted), begin)


def payoff(id: str) -> Asked:
    begin = Order(REPAYMENT, id, BeginRepayment(id, "l1", "c1"))
    return may(LOANS, "the customer pays it off", Order(LOAN, "l1", RequestPayoff(id, "l1", None, TODAY)), begin)


REPAYING = [
    repayment("r1", 700_00),
    repayment("r2", 600_00),
    payoff("r3"),
    of_account("the customer takes out 300.00", DebitMoney("a1", 300_00, "EUR", CASH, TODAY)),
    FREEZE,
    of_loan("one operator writes it off", WriteOffLoan("l1", TODAY, "operator:1")),
    of_loan("another operator writes it off", WriteOffLoan("l1", TODAY, "operator:2", "operator:1")),
]


def nothing_set_aside(world: World) -> str:
    left = world.state(LOANS, LOAN, "l1").open_repayments
    return f"still set aside on the loan: {left}" if left else ""


repaid = all_of(ended(LOAN_REPAYMENT), nothing_in_flight, nothing_set_aside, loans_and_accounts_agree)


def test_a_repayment_is_taken_up_or_never_taken(count: Count) -> None:
    always = all_of(books_agree, at_most_once(LOAN_REPAYMENT))
    found = explore(owing(), Model(contexts(), REPAYING), repaid, always)
    count(LOAN_REPAYMENT, "two, a payoff and a write-off", found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def test_an_amount_that_nobody_releases_is_found_and_told() -> None:
    everybody = deaf(contexts(), "loans", "loans.CollectionDeclined.v1")
    told = explore(owing(), Model(everybody, [REPAYING[0], FREEZE]), repaid).counter_example
    sys.stdout.write(told)
    assert "when accounts hears RepaymentRequested(" in told
    assert told.endswith("then loan-repayment r1 began 1 times and ended 0 times")
