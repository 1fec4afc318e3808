"""The change of a mobile number in every interleaving, as choreography and as orchestration."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from pytest_django import Settings

from accounts.context import ACCOUNTS
from accounts.domain.holder.contact import ACCOUNT_CONTACT
from bank.context import Context, Order, Unit, step_id
from bank.copies import HearBar, RestoreCopy
from bank.sagas.orchestration import undo_id
from cards.context import CARDS
from cards.domain.cardholder.contact import CARD_CONTACT
from cards.inbound import ContactRestoreAsked
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.customer import CUSTOMER, OpenCustomer
from customers.domain.mobile import MOBILE, ClaimMobileNumber
from customers.domain.number_change import NUMBER_CHANGE
from customers.orders import change_mobile_number
from customers.sagas import MOBILE_NUMBER_CHANGE, NUMBER_CHANGE_SAGA
from loans.context import LOANS
from loans.domain.borrower.contact import LOAN_CONTACT
from tests.model.conftest import Count
from tests.model.exploring import Found, Model, explore
from tests.model.world import EMPTY, World, execute

CHECKED = (MOBILE_NUMBER_CHANGE, NUMBER_CHANGE_SAGA)
OLD, NEW = "+35699000001", "+35699000002"
KEEPERS: tuple[tuple[Context, Any], ...] = (
    (ACCOUNTS, ACCOUNT_CONTACT),
    (CARDS, CARD_CONTACT),
    (LOANS, LOAN_CONTACT),
)
PATIENCE = 2
"""How often a saga asks, so that the worlds stay few: what happens at the limit happens at any."""


def hearing(context: Context, subscriptions: Any) -> Context:
    """A context as far as this process is concerned."""
    return replace(context, subscriptions=subscriptions, inline_projections=())


def contexts(**without: str) -> list[Context]:
    """`without` names a message that a context does not hear: a step or a compensation that somebody has forgotten."""
    of_change = [
        {
            type_: one
            for type_, one in context.subscriptions.items()
            if ("Contact" in type_ or "Number" in type_ or "Profile" in type_) and type_ != without.get(context.name)
        }
        for context in (CUSTOMERS, ACCOUNTS, CARDS, LOANS)
    ]
    return [
        hearing(context, heard) for context, heard in zip((CUSTOMERS, ACCOUNTS, CARDS, LOANS), of_change, strict=True)
    ]


def begun(barred: tuple[bool, ...], settings: Settings, manner: str) -> World:
    settings.MOBILE_NUMBER_CHANGE = manner
    opened = OpenCustomer("c1", "Anna Meier", "anna@bank.example", OLD, mobile_key(OLD), date(2026, 3, 1))
    claim = Order(MOBILE, mobile_key(OLD), ClaimMobileNumber("c1"))
    world = execute(EMPTY, CUSTOMERS, Unit(Order(CUSTOMER, "c1", opened), claim, id=step_id("c1", "open")))
    for (context, decider), is_barred in zip(KEEPERS, barred, strict=True):
        bar = Unit(Order(decider, "c1", HearBar("c1", "s1", 1, is_barred)), id=step_id("c1", "bar"))
        world = execute(world, context, bar)
    change = change_mobile_number("p1", "c1", NEW, replaces=OLD)
    return execute(world, CUSTOMERS, Unit(*change, id=step_id("p1", "begin")))


def promise(world: World) -> str:
    """All have the new number and only it is claimed, or nobody has it and only the old one is; or a saga that was not
    answered, even when it undid, stands in the operators' queue."""
    held = tuple(world.state(CUSTOMERS, MOBILE, mobile_key(number)).holder for number in (OLD, NEW))
    profile = world.state(CUSTOMERS, CUSTOMER, "c1").mobile_key
    copies = [world.state(context, decider, "c1").value for context, decider in KEEPERS]
    if world.state(CUSTOMERS, NUMBER_CHANGE_SAGA.decider, "p1").needs_people:
        return ""
    if world.state(CUSTOMERS, NUMBER_CHANGE, "c1").status:
        return "the change never ends"
    if profile == mobile_key(NEW):
        return "" if (held, copies) == ((None, "c1"), [NEW] * 3) else f"it was changed, but {held=} {copies=}"
    return "" if (held, copies) == (("c1", None), [""] * 3) else f"it was taken back, but {held=} {copies=}"


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    patient = NUMBER_CHANGE_SAGA.limit
    object.__setattr__(NUMBER_CHANGE_SAGA, "limit", PATIENCE)
    yield
    object.__setattr__(NUMBER_CHANGE_SAGA, "limit", patient)


ANY = list(product((False, True), repeat=3))
UP_TO_SYMMETRY = [barred for barred in ANY if list(barred) == sorted(barred)]
"""Asked all at once, all three being alike, what counts is how many refuse."""


@pytest.mark.parametrize(
    ("manner", "barred"),
    [*(("choreography", barred) for barred in UP_TO_SYMMETRY), *(("orchestration", barred) for barred in ANY)],
)
def test_every_interleaving_ends_with_everybody_or_with_nobody(
    settings: Settings, manner: str, barred: tuple[bool, ...], count: Count
) -> None:
    found = explore(begun(barred, settings, manner), Model(contexts()), promise)
    refusing = " and ".join(context.name for (context, _), refuses in zip(KEEPERS, barred, strict=True) if refuses)
    process = MOBILE_NUMBER_CHANGE if manner == "choreography" else NUMBER_CHANGE_SAGA
    count(process, f"refused by {refusing or 'nobody'}", found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def broken(settings: Settings, manner: str, forgotten: str) -> Found:
    return explore(begun((False, False, True), settings, manner), Model(contexts(cards=forgotten)), promise)


def test_a_compensation_taken_away_is_found_and_told_as_given_when_then(settings: Settings) -> None:
    found = broken(settings, "choreography", "customers.NumberChangeRejected.v1")
    sys.stdout.write(found.counter_example)
    lines = found.counter_example.splitlines()
    assert lines[0].startswith("given CustomerOpened(")
    assert "when loans hears NumberChangeRequested(" in found.counter_example
    assert lines[-1].startswith("then it was taken back, but ")


def test_a_compensation_taken_away_from_the_saga_is_found_too(settings: Settings) -> None:
    """A participant that answers an undo for another process: what this one waits for never comes."""
    (start, everybody) = begun((False, False, True), settings, "orchestration"), contexts()
    asked = "customers.CardContactRestoreAsked.v1"
    forgetful = replace(everybody[2].subscriptions[asked], react=pretend)
    everybody[2] = replace(everybody[2], subscriptions={**everybody[2].subscriptions, asked: forgetful})
    found = explore(start, Model(everybody), promise)
    sys.stdout.write(found.counter_example)
    assert "when cards hears CardContactRestoreAsked(" in found.counter_example
    assert found.counter_example.splitlines()[-1] == "then the change never ends"


def pretend(asked: ContactRestoreAsked) -> Unit:
    """Says that another change was taken back, which leaves this one as it is, under the id of the undo."""
    other = RestoreCopy("p0", asked.customer_id)
    order = Order(CARD_CONTACT, asked.customer_id, other)
    return Unit(order, id=undo_id(asked.saga_id, "cards", asked.attempt))
