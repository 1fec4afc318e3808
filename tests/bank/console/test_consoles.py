"""The consoles of services that keep no logins: who comes in there, and that he is one person in every service."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import jwt
import pytest
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIClient

from accounts.context import ACCOUNTS
from accounts.domain.process import PROCESS
from accounts.queries import ledger
from bank.history.eventstore import load
from bank.http.principal import verified
from bank.management.commands.sagas import operator_named
from bank.models import Event
from config.identity import logins
from config.identity.consoles import audience, pass_for
from config.identity.models import User
from tests.accounts.admin.test_transit import OVERDUE, paid_out, stood_for
from tests.accounts.api.test_api import post
from tests.bank.http.test_identity import access

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)


@dataclass(frozen=True, slots=True)
class AtTheProvider:
    """An operator as the service that keeps identity knows him."""

    sub: str
    name: str
    is_superuser: bool = True

    def get_username(self) -> str:
        return self.name


ANNA, BERT = AtTheProvider("41", "anna@bank.example"), AtTheProvider("1", "bert@bank.example")
"""Bert's `sub` is the number of the first row that the other service makes, which is Anna's."""


def comes_in(operator: AtTheProvider) -> Client:
    browser = Client()
    answer = browser.post("/admin/enter/", {"pass": pass_for(operator, "accounts")})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    return browser


def by_token(operator: AtTheProvider) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {access(sub=operator.sub, operator=True)}"})


@pytest.fixture
def process(elsewhere: None) -> str:
    process_id = paid_out()
    stood_for(process_id, OVERDUE)
    return process_id


def resolved(browser: Client, process_id: str) -> str:
    chosen = {"_selected_action": process_id, "index": "0", "action": "resolve"}
    return browser.post("/admin/accounts/process/", chosen, follow=True).content.decode()


def agreed(browser: Client, process_id: str) -> str:
    page, body = f"/admin/accounts/process/{process_id}/agree-to-resolve/", {"proposed_by": proposer(process_id)}
    return browser.post(page, body, follow=True).content.decode()


def asked(api: APIClient, process_id: str, **body: str) -> tuple[int, Any]:
    answer = post(api, f"books/transit/{process_id}/resolve", body)
    return answer.status_code, answer.json().get("code")


def proposer(process_id: str) -> str:
    process, _ = load(ACCOUNTS, PROCESS, process_id)
    return str(process.resolution.by)


def test_who_proposed_in_a_console_is_not_the_second_one_by_token(process: str) -> None:
    assert "1 of 1 processes changed." in resolved(comes_in(ANNA), process)
    assert asked(by_token(ANNA), process, agrees_with=proposer(process)) == (422, "second_operator_needed")
    assert asked(by_token(BERT), process, agrees_with=proposer(process)) == (200, None)
    assert [one.open_minor for one in ledger.transit()] == []


def test_who_proposed_by_token_is_not_the_second_one_in_a_console(process: str) -> None:
    assert asked(by_token(ANNA), process) == (200, None)
    assert "Another operator is needed" in agreed(comes_in(ANNA), process)
    assert "1 of 1 processes changed." in agreed(comes_in(BERT), process)
    assert '"actor":"operator:1"' in Event.objects.using("accounts").latest("position").metadata


def test_a_login_of_this_service_alone_counts_for_nobody_and_is_told_why(process: str) -> None:
    stranger = get_user_model().objects.create_superuser("local", "", "a long pass phrase")
    browser = Client()
    browser.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/admin/accounts/process/").status_code == 200
    assert "known to this service alone" in resolved(browser, process)
    body = {"Idempotency-Key": "4f0c5a36-2f0e-4b43-9d3c-0d9b0a8f6a51"}
    answer = browser.post(f"/api/v1/books/transit/{process}/resolve", {}, "application/json", headers=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "login_not_known")
    with pytest.raises(CommandError, match="known to this service alone"):
        operator_named("local")


def test_an_operators_row_is_made_when_he_comes_and_his_rights_are_put_right_each_time(elsewhere: None) -> None:
    User.objects.create_superuser("anna@bank.example", "", "a long pass phrase")
    comes_in(ANNA)
    comes_in(AtTheProvider(ANNA.sub, ANNA.name, is_superuser=False))
    (row,) = User.objects.exclude(subject=None)
    assert (row.subject, row.username, row.is_staff, row.is_superuser) == ("41", "anna@bank.example+41", True, False)
    assert not row.has_usable_password()
    assert operator_named("anna@bank.example+41") == "operator:41"


def test_nobody_comes_in_by_a_password_as_who_the_provider_knows(elsewhere: None) -> None:
    """Whoever could set one here would be somebody else in every service."""
    comes_in(ANNA)
    row = User.objects.get(subject=ANNA.sub)
    row.set_password("a long pass phrase")
    row.save()
    assert not Client().login(username=row.username, password="a long pass phrase")
    row.subject = None
    row.save()
    assert Client().login(username=row.username, password="a long pass phrase")


def test_whoever_types_only_the_address_of_a_service_is_led_to_where_he_signs_in(
    elsewhere: None, settings: Any
) -> None:
    settings.CONTEXTS = ("accounts",)
    settings.CONSOLE_URLS = {"bankview": "https://bank.example"}
    assert Client().get("/")["Location"] == "https://bank.example/identity/consoles/accounts/"
    assert comes_in(ANNA).get("/")["Location"] == "/admin/"


def test_who_was_disabled_in_a_service_does_not_come_in_there(elsewhere: None) -> None:
    comes_in(ANNA)
    User.objects.update(is_active=False)
    answer = Client().post("/admin/enter/", {"pass": pass_for(ANNA, "accounts")})
    assert (answer.status_code, "disabled" in answer.content.decode()) == (403, True)


def test_a_pass_lets_in_once_also_when_it_is_shown_twice_at_one_instant(elsewhere: None) -> None:
    shown = pass_for(ANNA, "accounts")
    together = Barrier(4)

    def enters(_: int) -> int:
        try:
            together.wait()
            return Client().post("/admin/enter/", {"pass": shown}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(enters, range(4))) == [302, 403, 403, 403]
    again = Client().post("/admin/enter/", {"pass": shown})
    assert (again.status_code, "has been shown before" in again.content.decode()) == (403, True)
    comes_in(ANNA)


def passes_to_refuse() -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": configured.OIDC_ISSUER, "aud": audience("accounts"), "sub": "41", "token_use": "access"}
    return {
        "none": "",
        "an access token": access(sub="41", operator=True),
        "for another console": access(aud=audience("nowhere"), sub="41"),
        "a pass without a number": access(aud=audience("accounts"), sub="41", name=ANNA.name, superuser=True),
        "expired": access(aud=audience("accounts"), sub="41", exp=now - 1),
        "signed by somebody": jwt.encode({**claims, "exp": now + 60}, "x" * 32, algorithm="HS256"),
    }


@pytest.mark.parametrize(
    "which",
    ["none", "an access token", "for another console", "a pass without a number", "expired", "signed by somebody"],
)
def test_any_other_pass_is_refused(which: str, elsewhere: None) -> None:
    answer = Client().post("/admin/enter/", {"pass": passes_to_refuse()[which]})
    assert answer.status_code == 403
    assert "Open this console again" in answer.content.decode()
    assert User.objects.count() == 0


def test_a_pass_is_for_one_console_and_opens_no_api() -> None:
    with pytest.raises(AuthenticationFailed):
        verified(pass_for(ANNA, "accounts"))
    with pytest.raises(AuthenticationFailed):
        verified(pass_for(ANNA, "accounts"), audience("cards"))


# Where identity is kept.


@pytest.fixture
def operator(settings: Any) -> Client:
    """At the service that keeps identity, which serves Bankview alone."""
    settings.CONTEXTS = ("bankview",)
    settings.CONSOLE_URLS = {**settings.CONSOLE_URLS, "accounts": "https://accounts.example"}
    browser = Client()
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_the_console_where_one_signs_in_leads_to_the_others(operator: Client) -> None:
    user = User.objects.get()
    shown = operator.get("/identity/consoles/accounts/")
    assert shown.context["entrance"] == "https://accounts.example/admin/enter/"
    claims = verified(shown.context["pass"], audience("accounts"))
    assert (claims["sub"], claims["name"], claims["superuser"]) == (user.sub, "operator@bank.example", True)
    assert shown.context["pass"] in shown.content.decode()
    assert "/identity/consoles/cards/" in operator.get("/admin/identity/user/").content.decode()


@pytest.mark.parametrize("context", ["bankview", "nowhere"])
def test_there_is_no_way_to_a_console_that_is_this_one_or_none(operator: Client, context: str) -> None:
    assert operator.get(f"/identity/consoles/{context}/").status_code == 404


def test_nobody_but_operators_is_given_a_pass(operator: Client) -> None:
    customer = User.objects.create_user("ada@bank.example")
    browser = Client()
    browser.force_login(customer, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/identity/consoles/accounts/").status_code == 302
    assert Client().get("/identity/consoles/accounts/").status_code == 302


def test_the_seed_makes_an_operator_who_is_known_by_his_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_OPERATOR_PASSWORD", "correct-horse-battery")
    call_command("seed_identity", verbosity=0)
    user = User.objects.get(is_staff=True)
    assert operator_named(user.username) == f"operator:{user.pk}"
