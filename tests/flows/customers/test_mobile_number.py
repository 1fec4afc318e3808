"""The change of a mobile number, as choreography and as orchestration: the same ends, whatever happens on the way."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError
from pytest_django import Settings

import bankview.queries
from accounts.context import ACCOUNTS
from accounts.domain.holder.contact import ACCOUNT_CONTACT
from bank.context import Unit
from bank.execution import execute
from bank.failpoints import POINTS
from bank.history.eventstore import load
from bank.models import SagaRow
from bank.outcomes import Result
from bank.recorded import Origin
from bank.sagas import driving
from cards.context import CARDS
from cards.domain.cardholder.contact import CARD_CONTACT
from customers import queries
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.mobile import MOBILE
from customers.orders import change_mobile_number
from customers.sagas import NUMBER_CHANGE_SAGA
from loans.ageing import age_loans
from loans.context import LOANS
from loans.domain.borrower.contact import LOAN_CONTACT
from tests.customers.test_mobile_number_api import sent
from tests.flows.customers.test_erasure import retry_parked
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Client,
    Disturbance,
    every_other_lost,
    lost,
    promises,
    wherever_somebody_dies,
)
from tests.flows.harness.stories import Holder, accepted, customer, eur, holder
from tests.flows.loans.test_origination import resolve
from tests.flows.test_in_trouble import only_down, the_deadline_passes, unable_to_say, waiting

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]
COPIES: tuple[tuple[Any, Any], ...] = ((ACCOUNTS, ACCOUNT_CONTACT), (CARDS, CARD_CONTACT), (LOANS, LOAN_CONTACT))


@pytest.fixture(params=["choreography", "orchestration"], autouse=True)
def manner(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.MOBILE_NUMBER_CHANGE = request.param
    return str(request.param)


def new_number() -> str:
    return f"+49152{uuid4().int % 10**8:08d}"


def number_of(customer_id: str) -> str:
    row = queries.customer(customer_id)
    assert row is not None
    return row.mobile_number


def change(bank: Bank, customer_id: str, number: str, former: str = "") -> Result:
    """What is done with a number that was confirmed; asked again until it is answered. The result names the process."""
    process_id = str(uuid4())
    orders = change_mobile_number(process_id, customer_id, number, replaces=former or number_of(customer_id))
    origin = Origin(f"customer:{customer_id}")
    unit, results = Unit(*orders, id=uuid4(), origin=origin), list[Result]()
    bank.clock(lambda: results.extend(execute(CUSTOMERS, [unit])))
    return results[0]


def copies(customer_id: str) -> list[str]:
    return [load(context, decider, customer_id)[0].value for context, decider in COPIES]


def holder_of(number: str) -> str | None:
    held: str | None = load(CUSTOMERS, MOBILE, mobile_key(number))[0].holder
    return held


def everybody_takes_the_new_number(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    then()
    old, new = number_of(anna.customer_id), new_number()
    assert change(bank, anna.customer_id, new).outcome == "applied"
    assert (holder_of(old), holder_of(new)) == (anna.customer_id, anna.customer_id)
    then()
    assert (number_of(anna.customer_id), copies(anna.customer_id)) == (new, [new] * 3)
    assert (holder_of(old), holder_of(new)) == (None, anna.customer_id)


def a_customer_without_account_card_or_loan_completes_too(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    old, new = number_of(customer_id), new_number()
    change(bank, customer_id, new)
    then()
    assert (number_of(customer_id), copies(customer_id)) == (new, [new] * 3)
    assert (holder_of(old), holder_of(new)) == (None, customer_id)


def a_number_changes_again_once_the_change_before_has_ended(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    first, second = new_number(), new_number()
    change(bank, customer_id, first)
    assert change(bank, customer_id, second).code == "number_change_under_way"
    then()
    assert change(bank, customer_id, second).outcome == "applied"
    then()
    assert (number_of(customer_id), copies(customer_id)) == (second, [second] * 3)
    assert (holder_of(first), holder_of(second)) == (None, customer_id)


def accounts_refuses_under_a_legal_order(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    bank.operator.made(f"/accounts/{anna.account_id}/freeze", {"side": "both", "reason": "legal_order"})
    then()
    undone(bank, then, anna.customer_id, kept=["", "", ""])
    bank.operator.made(f"/accounts/{anna.account_id}/unfreeze", {"side": "both", "reason": "legal_order"})
    then()
    new = new_number()
    change(bank, anna.customer_id, new)
    then()
    assert copies(anna.customer_id) == [new] * 3


def cards_refuses_while_a_card_is_blocked_for_fraud(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    then()
    first = new_number()
    change(bank, anna.customer_id, first)
    then()
    bank.operator.made(f"/cards/{anna.card_id}/block", {"reason": "fraud"})
    then()
    undone(bank, then, anna.customer_id, kept=[first] * 3)
    bank.operator.made(f"/cards/{anna.card_id}/replace")
    then()
    new = new_number()
    change(bank, anna.customer_id, new)
    then()
    assert copies(anna.customer_id) == [new] * 3


def undone(bank: Bank, then: Then, customer_id: str, *, kept: list[str]) -> None:
    """A refused change leaves every copy, the profile and both numbers' claims as they were."""
    old, new = number_of(customer_id), new_number()
    assert change(bank, customer_id, new).outcome == "applied"
    then()
    assert (number_of(customer_id), copies(customer_id)) == (old, kept)
    assert (holder_of(old), holder_of(new)) == (customer_id, None)
    outcomes = [one["outcome"] for one in bank.operator.get(f"/processes?customer_id={customer_id}")["items"]]
    assert outcomes[0] == "undone"


STORIES: tuple[Story, ...] = (
    everybody_takes_the_new_number,
    a_customer_without_account_card_or_loan_completes_too,
    a_number_changes_again_once_the_change_before_has_ended,
    accounts_refuses_under_a_legal_order,
    cards_refuses_while_a_card_is_blocked_for_fraud,
)
by_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)


def sweep() -> None:
    """Beat's task, when whatever waits has waited long enough."""
    driving.drive(CUSTOMERS, datetime.now(UTC) + timedelta(days=1))


@by_story
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_whatever_happens_to_the_messages_it_ends_the_same(bank: Bank, disturb: Disturbance, story: Story) -> None:
    bank.disturb = disturb
    bank.restart()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    bank.catch_up()
    promises.hold()


def test_loans_refuses_while_a_loan_is_in_default(bank: Bank) -> None:
    anna = holder(bank)
    terms = {"product": "personal", "principal": eur("1200.00"), "term_months": 12}
    loan_id = accepted(bank, "/loans", {"customer_id": anna.customer_id, "account_id": anna.account_id, **terms})
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    due = date.fromisoformat(bank.operator.get(f"/loans/{loan_id}")["next_due_on"])
    assert age_loans(due + timedelta(days=91)) == 1
    bank.flow()
    undone(bank, bank.flow, anna.customer_id, kept=["", "", ""])
    bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur("200.00")})
    bank.flow()
    new = new_number()
    change(bank, anna.customer_id, new)
    bank.flow()
    assert copies(anna.customer_id) == [new] * 3


def test_who_is_down_past_the_deadline_finds_the_change_taken_back(bank: Bank, manner: str) -> None:
    """A choreography waits for him instead, and completes."""
    customer_id = customer(bank)
    old, new = number_of(customer_id), new_number()
    bank.stop()
    bank.start("customers", "accounts", "loans", "bankview")
    change(bank, customer_id, new)
    for _ in range(2 * NUMBER_CHANGE_SAGA.limit):
        bank.flow()
        sweep()
    assert holder_of(old) == holder_of(new) == customer_id
    the_deadline_passes()
    assert bankview.queries.overdue() == 1
    bank.catch_up()
    assert bankview.queries.overdue() == 0
    ended = (new, [new] * 3) if manner == "choreography" else (old, [""] * 3)
    assert (number_of(customer_id), copies(customer_id)) == ended
    assert {holder_of(old), holder_of(new)} == {customer_id, None}


at_each_point = pytest.mark.parametrize("point", sorted(POINTS))


@at_each_point
def test_a_change_that_everybody_takes_ends_the_same_wherever_somebody_dies(bank: Bank, point: str) -> None:
    customer_id = customer(bank)
    bank.flow()

    def everybody_takes_it() -> None:
        old, new = number_of(customer_id), new_number()
        change(bank, customer_id, new)
        bank.flow()
        assert (number_of(customer_id), copies(customer_id)) == (new, [new] * 3)
        assert (holder_of(old), holder_of(new)) == (None, customer_id)

    wherever_somebody_dies(bank, point, everybody_takes_it)
    promises.hold()


@at_each_point
def test_a_change_that_is_refused_is_undone_wherever_somebody_dies(bank: Bank, point: str) -> None:
    """Cards refuses it when Accounts has taken it, and the others may have."""
    anna = of_blocked_card(bank)

    def cards_refuses() -> None:
        undone(bank, bank.flow, anna.customer_id, kept=[""] * 3)

    wherever_somebody_dies(bank, point, cards_refuses)
    promises.hold()


@pytest.mark.parametrize("manner", ["choreography"], indirect=True)
def test_an_answer_that_comes_after_a_refusal_is_taken_back(bank: Bank, manner: str) -> None:
    """Cards has refused, and everything is as it was, when Accounts hears of the change and takes it."""
    anna = of_blocked_card(bank)
    only_down(bank, "accounts")
    undone(bank, bank.flow, anna.customer_id, kept=[""] * 3)
    assert said_by_accounts() == []
    bank.catch_up()
    assert said_by_accounts() == ["AccountContactChanged.v1", RESTORED]
    assert copies(anna.customer_id) == [""] * 3
    promises.hold()


def said_by_accounts() -> list[str]:
    said = "select type from bank_event where type ~ '^AccountContact(Changed|Restored)' order by position"
    return [type_ for (type_,) in promises.rows("accounts", said)]


def test_who_proves_that_he_has_the_new_phone_is_known_by_its_number_everywhere(bank: Bank) -> None:
    anna, new = holder(bank), new_number()
    herself, old = Client(anna.customer_id), number_of(anna.customer_id)
    bank.flow()
    path = f"/customers/{anna.customer_id}/mobile-number"
    assert herself.post(path, {"mobile_number": new}).status_code == 202
    bank.flow()
    assert (herself.get(f"/customers/{anna.customer_id}")["mobile_number"], copies(anna.customer_id)) == (old, [""] * 3)
    answer = herself.post(f"{path}/confirmation", {"mobile_number": new, "code": sent()})
    assert answer.status_code == 200, answer.content
    bank.flow()
    assert (herself.get(f"/customers/{anna.customer_id}")["mobile_number"], copies(anna.customer_id)) == (
        new,
        [new] * 3,
    )
    assert herself.get(f"/customers/{anna.customer_id}/bank-view")["profile"]["mobile_number"] == new
    (process,) = bank.operator.get(f"/processes?customer_id={anna.customer_id}")["items"]
    assert (process["name"], process["outcome"]) == ("mobile-number-change", "changed")
    bank.operator.made("/customers", {"name": "Berta", "email": "berta@bank.example", "mobile_number": old})
    bank.flow()
    promises.hold()


# A compensation that does not work: Accounts cannot restore its copy, the card being blocked for fraud.

RESTORED = "AccountContactRestored.v1"


def of_blocked_card(bank: Bank) -> Holder:
    anna = holder(bank)
    bank.operator.made(f"/cards/{anna.card_id}/block", {"reason": "fraud"})
    bank.flow()
    return anna


def another_try(bank: Bank) -> None:
    sweep()
    retry_parked()
    bank.flow()


def test_a_compensation_that_fails_three_times_restores_the_number_at_the_fourth(bank: Bank) -> None:
    anna, new = of_blocked_card(bank), new_number()
    old = number_of(anna.customer_id)
    with unable_to_say("accounts", RESTORED):
        change(bank, anna.customer_id, new)
        bank.flow()
        for _ in range(2):
            another_try(bank)
        assert max(tries for _, tries in waiting("accounts")) == 2
        assert copies(anna.customer_id)[0] == new
    another_try(bank)
    assert (number_of(anna.customer_id), copies(anna.customer_id)) == (old, [""] * 3)
    assert (holder_of(old), holder_of(new)) == (anna.customer_id, None)
    promises.hold()


@pytest.mark.parametrize("manner", ["orchestration"], indirect=True)
def test_a_compensation_that_never_works_ends_with_two_people_and_the_others_are_undone(
    bank: Bank, manner: str
) -> None:
    anna, new = of_blocked_card(bank), new_number()
    old = number_of(anna.customer_id)
    with unable_to_say("accounts", RESTORED):
        change(bank, anna.customer_id, new)
        bank.flow()
        for _ in range(NUMBER_CHANGE_SAGA.limit):
            another_try(bank)
        row = SagaRow.objects.using("customers").get(customer_id=anna.customer_id)
        assert (row.status, row.step, row.due_at) == ("compensation_failed", "accounts", None)
        assert (number_of(anna.customer_id), holder_of(old), holder_of(new)) == (new, *[anna.customer_id] * 2)
        resolve("anna", row.id)
        with pytest.raises(CommandError, match="four_eyes"):
            resolve("anna", row.id)
        resolve("bert", row.id)
        bank.flow()
    row.refresh_from_db(using="customers")
    assert (row.status, number_of(anna.customer_id)) == ("compensated", old)
    assert (holder_of(old), holder_of(new)) == (anna.customer_id, None)
    assert copies(anna.customer_id) == [new, "", ""], "people see to this one, and the parked message does in the end"
    retry_parked()
    bank.flow()
    assert copies(anna.customer_id) == [""] * 3
    promises.hold()


# The last step, beyond the pivot: everybody has the new number, and Customers cannot let go of the former one.


def test_a_former_number_that_is_never_released_stays_claimed_until_it_can_be(bank: Bank, manner: str) -> None:
    """Nobody says before that it was; whose number it was keeps it for as long."""
    customer_id, new = customer(bank), new_number()
    old = number_of(customer_id)
    with unable_to_say("customers", "NumberChanged.v1"):
        change(bank, customer_id, new)
        bank.flow()
        for _ in range(NUMBER_CHANGE_SAGA.limit):
            another_try(bank)
        assert copies(customer_id) == [new] * 3
        assert {type_ for type_, _ in waiting("customers")} == LAST_ASKED[manner]
        the_deadline_passes()
        assert bankview.queries.overdue() == 1
        if manner == "orchestration":
            nobody_ends_what_is_stuck(customer_id)
        assert holder_of(old) == holder_of(new) == customer_id
    retry_parked()
    bank.flow()
    assert (number_of(customer_id), holder_of(old), holder_of(new)) == (new, None, customer_id)
    assert bankview.queries.overdue() == 0
    promises.hold()


LAST_ASKED = {
    "choreography": {"customers.NumberChangeAccepted.v1"},
    "orchestration": {"customers.FormerNumberReleaseAsked.v1"},
}


def nobody_ends_what_is_stuck(customer_id: str) -> None:
    row = SagaRow.objects.using("customers").get(customer_id=customer_id)
    assert (row.status, row.step, row.due_at) == ("stuck", "former_number", None)
    with pytest.raises(CommandError, match="not_by_hand"):
        resolve("anna", row.id)
