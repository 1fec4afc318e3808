"""One mobile number, one customer: also when several ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from bank.context import Order, Unit
from bank.execution import execute
from bank.history.eventstore import load
from bank.outcomes import Result
from bank.projections.inline import rebuild_inline
from customers import queries
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.customer import CUSTOMER, ChangeAddress
from customers.domain.mobile import MOBILE, MobileNumber
from customers.models import Customer
from customers.number_changes import finished
from customers.orders import change_mobile_number, open_customer
from customers.projections import CONTACTS

pytestmark = pytest.mark.django_db(databases=["customers"], transaction=True)

DAY = date(2026, 3, 1)
ADA, EVE, NEW = "+35699000001", "+35699000002", "+35699000003"
ROUNDS = 5


def opening(customer_id: str, number: str) -> Unit:
    return Unit(*open_customer(customer_id, name="N", email="n@example.com", mobile_number=number, opened_on=DAY))


def changing(customer_id: str, number: str, old: str, process_id: str = "") -> Unit:
    return Unit(*change_mobile_number(process_id or str(uuid4()), customer_id, number, replaces=old))


def ending(customer_id: str, process_id: str, former: str) -> Unit:
    """What is executed when everybody has agreed to a change."""
    return finished(process_id, customer_id, mobile_key(former))


def run(*units: Unit) -> list[Result]:
    return execute(CUSTOMERS, units)


def opened(number: str) -> str:
    customer_id = str(uuid4())
    assert run(opening(customer_id, number))[0].outcome == "applied"
    return customer_id


def holder(number: str) -> str | None:
    state: MobileNumber = load(CUSTOMERS, MOBILE, mobile_key(number))[0]
    return state.holder


def at_once(*units: Unit) -> list[Result]:
    """Each unit in a thread and a connection of its own, started together."""
    start = Barrier(len(units))

    def one(unit: Unit) -> Result:
        try:
            start.wait(timeout=60)
            return execute(CUSTOMERS, [unit])[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(units)) as pool:
        return list(pool.map(one, units))


def test_a_customer_is_opened_with_the_number_claimed_and_shown_in_plain_text() -> None:
    customer_id = opened(ADA)
    shown = queries.customer(customer_id)
    assert shown is not None
    assert (shown.name, shown.email, shown.mobile_number, shown.version) == ("N", "n@example.com", ADA, 1)
    assert holder(ADA) == customer_id


def test_a_second_customer_with_the_same_number_is_refused_whole() -> None:
    opened(ADA)
    (refused,) = run(opening(second := str(uuid4()), ADA))
    assert (refused.outcome, refused.code) == ("refused", "mobile_number_taken")
    assert queries.customer(second) is None


def test_changing_the_number_claims_the_new_one_and_keeps_the_old_one_until_the_change_has_ended() -> None:
    customer_id = opened(ADA)
    (changed,) = run(changing(customer_id, NEW, ADA, "p1"))
    assert changed.outcome == "applied"
    assert (holder(NEW), holder(ADA)) == (customer_id, customer_id)
    assert run(ending(customer_id, "p1", ADA))[0].outcome == "applied"
    assert (holder(NEW), holder(ADA)) == (customer_id, None)
    shown = queries.customer(customer_id)
    assert shown is not None
    assert (shown.mobile_number, shown.mobile_key, shown.version) == (NEW, mobile_key(NEW), 2)
    assert opened(ADA)


def test_a_change_to_a_taken_number_releases_nothing() -> None:
    ada, eve = opened(ADA), opened(EVE)
    (refused,) = run(changing(eve, ADA, EVE))
    assert (refused.outcome, refused.code) == ("refused", "mobile_number_taken")
    assert (holder(ADA), holder(EVE)) == (ada, eve)


def test_changing_to_the_number_one_has_changes_nothing() -> None:
    customer_id = opened(ADA)
    assert run(changing(customer_id, ADA, ADA))[0].outcome == "nothing"
    assert holder(ADA) == customer_id


def test_of_two_customers_who_open_with_one_number_at_once_exactly_one_wins() -> None:
    for round_ in range(ROUNDS):
        number = f"+3569900010{round_}"
        results = at_once(*(opening(str(uuid4()), number) for _ in range(4)))
        assert sorted(result.outcome for result in results) == ["applied", "refused", "refused", "refused"]
        assert {result.code for result in results} == {"", "mobile_number_taken"}
        assert Customer.objects.filter(mobile_number=number).count() == 1


def test_of_two_customers_who_change_to_one_number_at_once_exactly_one_wins() -> None:
    ada, eve = opened(ADA), opened(EVE)
    results = at_once(changing(ada, NEW, ADA), changing(eve, NEW, EVE))
    assert sorted(result.outcome for result in results) == ["applied", "refused"]
    winner, loser = (ada, eve) if results[0].outcome == "applied" else (eve, ada)
    assert holder(NEW) == winner
    assert holder(EVE if loser == eve else ADA) == loser
    assert holder(ADA if loser == eve else EVE) == winner


def test_of_two_changes_of_one_customer_at_once_exactly_one_wins_and_no_number_leaks() -> None:
    customer_id = opened(ADA)
    results = at_once(changing(customer_id, NEW, ADA), changing(customer_id, EVE, ADA))
    assert sorted(result.outcome for result in results) == ["applied", "refused"]
    held = [number for number in (ADA, EVE, NEW) if holder(number)]
    shown = queries.customer(customer_id)
    assert shown is not None
    assert held == sorted((ADA, shown.mobile_number), key=[ADA, EVE, NEW].index)


def test_of_two_customers_with_one_number_in_one_batch_the_first_wins() -> None:
    first, second = str(uuid4()), str(uuid4())
    won, lost = run(opening(first, ADA), opening(second, ADA))
    assert (won.outcome, lost.outcome, lost.code) == ("applied", "refused", "mobile_number_taken")
    assert holder(ADA) == first


def test_a_number_released_in_a_batch_is_free_for_the_rest_of_it() -> None:
    ada, eve = opened(ADA), str(uuid4())
    change, end = changing(ada, NEW, ADA, "p1"), ending(ada, "p1", ADA)
    results = run(change, end, opening(eve, ADA), changing(ada, ADA, NEW))
    assert [result.outcome for result in results] == ["applied", "applied", "applied", "refused"]
    assert (holder(ADA), holder(NEW)) == (eve, ada)


def test_a_rebuild_of_the_read_table_gives_the_same_rows() -> None:
    ada = opened(ADA)
    opened(EVE)
    change = ChangeAddress(ada, "12 St James's Square")
    run(changing(ada, NEW, ADA), Unit(Order(CUSTOMER, ada, change)))
    before = list(Customer.objects.order_by("id").values())
    rebuild_inline(CUSTOMERS, CONTACTS)
    assert list(Customer.objects.order_by("id").values()) == before
    assert before[0]["version"] + before[1]["version"] == 4
