"""Several who repay one loan at the same moment never repay more than is owed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from bank.context import Unit
from bank.execution import execute
from bank.outcomes import Result
from loans import queries
from loans.context import LOANS
from tests.loans.facts import INTEREST, PRINCIPAL
from tests.loans.test_books import active_loan, collected, off, repayment, run

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)


def at_once(units: list[Unit]) -> list[Result]:
    start = Barrier(len(units))

    def one(unit: Unit) -> Result:
        try:
            start.wait(timeout=60)
            return execute(LOANS, [unit])[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(units)) as pool:
        return list(pool.map(one, units))


def test_of_eight_repayments_of_a_quarter_of_the_debt_three_are_accepted() -> None:
    """A quarter rounded up: the fourth would be too much by a few cents."""
    loan_id, customer_id = active_loan()
    owed = PRINCIPAL + INTEREST
    quarter = owed // 4 + 1
    ids = [str(uuid4()) for _ in range(8)]
    results = at_once([repayment(loan_id, customer_id, key, quarter) for key in ids])
    accepted = [key for key, result in zip(ids, results, strict=True) if result.outcome == "applied"]
    assert len(accepted) == 3
    assert {result.code for result in results} == {"", "overpayment"}
    run(*(unit for key in accepted for unit in collected(loan_id, key)))
    loan = queries.loan(loan_id)
    assert loan is not None
    assert (loan.outstanding_minor, loan.on_its_way_minor) == (owed - 3 * quarter, 0)
    assert off() == []
