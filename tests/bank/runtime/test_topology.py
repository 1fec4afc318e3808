"""What each service is told: what it needs, and nothing with which it could act as another."""

from pathlib import Path

import pytest

from bank.management.commands.up import heard_by
from bank.runtime import databases, home
from bank.runtime.topology import OF_IDENTITY, Service, Topology, five_services, one_service

FOUND = {**home.new_secrets(), **databases.environment("127.0.0.1", 1, databases.new_passwords())}
FIVE, ONE = five_services(8000), one_service(8000)


def told(services: list[Service], service: Service) -> dict[str, str]:
    hears = {context: heard_by(context) for context in databases.CONTEXTS if heard_by(context)}
    return Topology(services, FOUND, Path("/nonexistent"), hears).environment(service)


def holders(environment: dict[str, str], name: str) -> set[str]:
    return {one.partition(":")[0] for one in environment[name].split(",")}


def test_one_service_is_told_every_secret() -> None:
    environment = told(ONE, ONE[0])
    assert {name: environment[name] for name in home.SECRETS} == {name: FOUND[name] for name in home.SECRETS}


@pytest.mark.parametrize("service", FIVE, ids=lambda service: service.contexts[0])
def test_only_who_owns_identity_can_make_tokens(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_IDENTITY:
        monkeypatch.setenv(name, "inherited")
    environment = told(FIVE, service)
    assert set(OF_IDENTITY) & environment.keys() == (set(OF_IDENTITY) if service.contexts == ("bankview",) else set())


def test_only_customers_can_look_for_mobile_numbers() -> None:
    assert [s.contexts[0] for s in FIVE if "BANK_BLIND_INDEX_KEY" in told(FIVE, s)] == ["customers"]


def test_a_service_knows_the_keys_of_whom_it_hears_and_of_who_asks_it() -> None:
    known = {
        service.contexts[0]: (
            holders(told(FIVE, service), "BANK_MESSAGE_KEYS"),
            holders(told(FIVE, service), "BANK_SERVICE_KEYS"),
        )
        for service in FIVE
    }
    assert known == {
        "customers": (
            {"customers", "accounts", "cards", "loans"},
            {"customers", "accounts", "cards", "loans", "bankview"},
        ),
        "accounts": (
            {"accounts", "cards", "customers", "loans"},
            {"accounts", "cards", "customers", "loans", "bankview"},
        ),
        "loans": ({"loans", "accounts", "customers"}, {"loans", "accounts", "customers", "bankview"}),
        "cards": ({"cards", "accounts", "customers"}, {"cards", "accounts", "customers", "bankview"}),
        "bankview": (set(databases.CONTEXTS), {"bankview"}),
    }


def test_nobody_is_told_the_password_of_an_owner_or_of_anothers_database() -> None:
    for service in FIVE:
        urls = {name for name in told(FIVE, service) if "DATABASE_URL" in name}
        own = {databases.variable(alias) for alias in ("default", *service.contexts)}
        assert urls == own | {"BROKER_DATABASE_URL"}
