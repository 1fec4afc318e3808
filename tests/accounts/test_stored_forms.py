# ruff: noqa: E501
"""What is stored is for ever: the bytes of every event, and the shape of what is folded from them.

Whoever changes a state raises its `state_version` and this test with it. A stored event is never changed: it gets a new
version of its name, and an upcast.
"""

from dataclasses import fields
from typing import Any

import pytest

from accounts.domain.account import ACCOUNT
from accounts.domain.process import PROCESS
from bank import codec
from bank.decider import Decider

ACCOUNT_EVENTS = {
    "AccountOpened.v1": '{"account_id":"a1","customer_id":"c1","kind":"savings","currency":"EUR","iban":"MT97","branch":"00001","overdraft_limit_minor":0,"opened_on":"2026-03-02"}',
    "MoneyCredited.v1": '{"account_id":"a1","amount_minor":1,"currency":"EUR","contra":"cash","booked_on":"2026-03-02","process_id":null,"reference":"rent","counterparty":"a2"}',
    "MoneyDebited.v1": '{"account_id":"a1","amount_minor":1,"currency":"EUR","contra":"cash","booked_on":"2026-03-02","process_id":"p1","reference":"","counterparty":null,"unarranged":false}',
    "FundsHeld.v1": '{"account_id":"a1","hold_id":"h1","amount_minor":1,"currency":"EUR","expires_on":"2026-03-09"}',
    "HoldCaptured.v1": '{"account_id":"a1","hold_id":"h1","process_id":"p1","amount_minor":1,"held_minor":1,"currency":"EUR","contra":"transit:card-payments","booked_on":"2026-03-02","unarranged":false}',
    "HoldReleased.v1": '{"account_id":"a1","hold_id":"h1","amount_minor":1,"currency":"EUR"}',
    "HoldDeclined.v1": '{"account_id":"a1","hold_id":"h1","amount_minor":1,"currency":"EUR","code":"insufficient_funds"}',
    "AccountFrozen.v1": '{"account_id":"a1","side":"both","because":"legal_order"}',
    "AccountUnfrozen.v1": '{"account_id":"a1","side":"debit"}',
    "OverdraftArranged.v1": '{"account_id":"a1","overdraft_limit_minor":1,"currency":"EUR"}',
}
PROCESS_EVENTS = {
    "TransitReceived.v1": '{"process_id":"p1","kind":"card-payments","amount_minor":1,"currency":"EUR","booked_on":"2026-03-02"}',
    "TransitCleared.v1": '{"process_id":"p1","kind":"card-payments","amount_minor":1,"currency":"EUR","contra":"card-settlement","booked_on":"2026-03-02"}',
    "HoldDeclined.v1": ACCOUNT_EVENTS["HoldDeclined.v1"],
    "DebitDeclined.v1": '{"account_id":"a1","process_id":"p1","amount_minor":1,"currency":"EUR","code":"insufficient_funds"}',
    "CreditDeclined.v1": '{"account_id":"a1","process_id":"p1","amount_minor":1,"currency":"EUR","code":"account_frozen"}',
}
STORED = [(ACCOUNT, name, text) for name, text in ACCOUNT_EVENTS.items()] + [
    (PROCESS, name, text) for name, text in PROCESS_EVENTS.items()
]
STATES: list[tuple[Decider[Any, Any, Any], int, list[str]]] = [
    (
        ACCOUNT,
        1,
        [
            *("is_open", "customer_id", "kind", "currency", "balance_minor", "overdraft_limit_minor", "holds"),
            *("debit_frozen", "credit_frozen"),
        ],
    ),
    (PROCESS, 1, ["kind", "currency", "received_minor", "cleared_minor"]),
]


@pytest.mark.parametrize(("decider", "name", "text"), STORED, ids=lambda value: getattr(value, "name", None))
def test_an_event_is_stored_as_it_always_was(decider: Decider[Any, Any, Any], name: str, text: str) -> None:
    event = codec.decoder(codec.event_class(decider, name)).decode(text)
    assert codec.plain(event).decode() == text
    decider.evolve(decider.initial, event)


@pytest.mark.parametrize(("decider", "known"), [(ACCOUNT, ACCOUNT_EVENTS), (PROCESS, PROCESS_EVENTS)])
def test_every_event_has_its_bytes_here(decider: Decider[Any, Any, Any], known: dict[str, str]) -> None:
    assert decider.events.keys() == known.keys()


@pytest.mark.parametrize(("decider", "version", "shape"), STATES)
def test_a_state_has_the_shape_of_its_version(decider: Decider[Any, Any, Any], version: int, shape: list[str]) -> None:
    assert (decider.state_version, [field.name for field in fields(decider.initial)]) == (version, shape)
