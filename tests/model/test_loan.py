"""A loan paid out and repaid, in every interleaving."""

import sys

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount, UnfreezeAccount
from accounts.domain.account_closing import CloseAccount
from accounts.domain.account_money import DebitMoney
from accounts.domain.chart import CASH
from bank.context import Context, Order
from loans.context import LOANS
from loans.domain.loan import LOAN, ApplyForLoan
from loans.domain.loan_approval import ApproveLoan, WithdrawLoan
from loans.domain.loan_disbursement import RequestDisbursement
from loans.domain.loan_payoff import RequestPayoff
from loans.domain.loan_repayments import RequestRepayment
from loans.domain.loan_write_off import WriteOffLoan
from loans.domain.repayment import REPAYMENT, BeginRepayment
from loans.sagas import LOAN_DISBURSEMENT, LOAN_REPAYMENT
from tests.model.conftest import Count
from tests.model.exploring import Asked, Model, explore
from tests.model.people import TODAY, deaf, did, may, with_account, without_views
from tests.model.promises import (
    all_of,
    at_most_once,
    books_agree,
    ended,
    loans_and_accounts_agree,
    nothing_in_flight,
)
from tests.model.world import World

CHECKED = (LOAN_DISBURSEMENT, LOAN_REPAYMENT)
PRINCIPAL, HAD = 1200_00, 20_00


def contexts() -> list[Context]:
    return without_views(ACCOUNTS, LOANS)


def applied() -> World:
    apply = ApplyForLoan("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 12, TODAY)
    with_two = with_account(balance_minor=10_00, account_id="a2", world=with_account(balance_minor=HAD))
    return Model(contexts()).quiet(did(with_two, LOANS, "applied", Order(LOAN, "l1", apply)))


def approved(world: World) -> World:
    return did(world, LOANS, "approved", Order(LOAN, "l1", ApproveLoan("l1", TODAY, "operator:1")))


def of_account(what: str, command: object, account_id: str = "a1") -> Asked:
    return may(ACCOUNTS, what, Order(ACCOUNT, account_id, command))


def of_loan(what: str, command: object) -> Asked:
    return may(LOANS, what, Order(LOAN, "l1", command))


FREEZE = of_account("a court freezes the account", FreezeAccount("a1", "both", "legal_order"))
UNFREEZE = of_account("the account is free again", UnfreezeAccount("a1", "both"))

# Paid out.


def paid_out_once(world: World) -> str:
    """However often it was asked for."""
    loan = world.state(LOANS, LOAN, "l1")
    credits = [one for one in world.said if one.type == "accounts.MoneyCredited.v1" and one.event.process_id == "l1"]
    if len(credits) > 1:
        return f"the loan was paid out {len(credits)} times"
    if loan.status == "active" and not credits:
        return "the loan runs, and nobody was paid"
    return "the loan was withdrawn, and paid out" if loan.status == "withdrawn" and credits else ""


disbursed = all_of(ended(LOAN_DISBURSEMENT), nothing_in_flight, loans_and_accounts_agree)
DISBURSING = [
    FREEZE,
    UNFREEZE,
    of_account("the customer takes out all he has", DebitMoney("a1", HAD, "EUR", CASH, TODAY)),
    of_account("the customer closes the account", CloseAccount("a1", TODAY)),
    of_loan("it is asked for again", RequestDisbursement("l1", "a1", TODAY)),
    of_loan("it is asked for to another account", RequestDisbursement("l1", "a2", TODAY)),
    of_loan("the customer withdraws", WithdrawLoan("l1", TODAY)),
]


def test_a_loan_is_paid_out_once_or_not_at_all(count: Count) -> None:
    model = Model(contexts(), DISBURSING)
    found = explore(approved(applied()), model, disbursed, all_of(books_agree, paid_out_once))
    count(LOAN_DISBURSEMENT, "asked for again", found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def test_a_transit_that_nobody_clears_is_found_and_told() -> None:
    """Nothing is undone of a disbursement, so it is a step that is taken away."""
    everybody = deaf(contexts(), "accounts", "loans.LoanDisbursed.v1")
    told = explore(approved(applied()), Model(everybody), disbursed).counter_example
    sys.stdout.write(told)
    assert told.endswith("then in flight: {'transit:loan-disbursements': 120000}")


# Repaid.


def owing() -> World:
    return Model(contexts()).quiet(approved(applied()))


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
    of_loan("another operator writes it off", WriteOffLoan("l1", TODAY, "operator:2")),
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
