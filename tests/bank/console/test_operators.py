"""Orders from the console: who may give them, that all of them are given, and what is said of them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import messages
from django.contrib.admin import site
from django.test import Client

from accounts import queries
from bank.console import operators
from bank.models import Event
from bank.outcomes import Result
from tests.accounts.units import account_with
from tests.factories import staff

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)

ACCOUNTS = "/admin/accounts/account/"


def frozen(account_id: str) -> bool:
    account = queries.account(account_id)
    assert account is not None
    return account.debit_frozen


def freeze(browser: Client, *account_ids: str, **more: str) -> Any:
    return act(browser, "freeze_debits", *account_ids, **more)


def act(browser: Client, action: str, *account_ids: str, **more: str) -> Any:
    chosen = {"_selected_action": account_ids, "action": action, "reason": "legal_order", "index": "0", **more}
    return browser.post(ACCOUNTS, chosen, follow=True)


def test_staff_without_permissions_sees_nothing_and_changes_nothing() -> None:
    account_id, browser = account_with(1_00), staff()
    for path in (ACCOUNTS, f"{ACCOUNTS}{account_id}/change/", f"{ACCOUNTS}{account_id}/freeze-debits/"):
        assert browser.get(path).status_code == 403
    for path in ("/admin/accounts/event/", "/admin/accounts/commandrow/", "/admin/accounts/trialbalance/"):
        assert browser.get(path).status_code == 403
    assert freeze(browser, account_id).status_code == 403
    assert browser.post(f"{ACCOUNTS}{account_id}/freeze-debits/", {"reason": "legal_order"}).status_code == 403
    assert not frozen(account_id)


def test_whoever_may_view_sees_and_does_not_act() -> None:
    account_id, browser = account_with(1_00), staff("accounts.view_account", "bank.view_event")
    assert "Freeze" not in browser.get(ACCOUNTS).content.decode()
    shown = browser.get(f"{ACCOUNTS}{account_id}/change/").content.decode()
    assert "1.00 EUR" in shown
    assert "Freeze" not in shown
    assert browser.get("/admin/accounts/event/").status_code == 200
    assert browser.get("/admin/accounts/posting/").status_code == 403
    freeze(browser, account_id)
    assert browser.post(f"{ACCOUNTS}{account_id}/freeze-debits/", {"reason": "legal_order"}).status_code == 403
    assert not frozen(account_id)


def test_whoever_may_change_gives_orders_and_still_edits_nothing() -> None:
    account_id, browser = account_with(1_00), staff("accounts.change_account")
    browser.post(f"{ACCOUNTS}{account_id}/change/", {"balance_minor": 1_000_000})
    account = queries.account(account_id)
    assert account is not None
    assert account.balance_minor == 1_00
    freeze(browser, account_id)
    assert frozen(account_id)


def test_a_superuser_may_do_everything() -> None:
    account_id, browser = account_with(1_00), staff(is_superuser=True)
    assert "1 of 1 accounts changed." in freeze(browser, account_id).content.decode()
    assert frozen(account_id)


def test_a_rows_own_page_asks_before_it_acts_and_goes_back() -> None:
    account_id, browser = account_with(1_00), staff(is_superuser=True)
    page = f"{ACCOUNTS}{account_id}/freeze-debits/"
    assert page in browser.get(f"{ACCOUNTS}{account_id}/change/").content.decode()
    asked = browser.get(page).content.decode()
    assert "on suspicion of fraud" in asked
    assert "Cancel" in asked
    assert not frozen(account_id)
    answer = browser.post(page, {"reason": "suspected_fraud"})
    assert (answer.status_code, answer["Location"]) == (302, f"{ACCOUNTS}{account_id}/change/")
    assert '"because":"suspected_fraud"' in Event.objects.using("accounts").get(type="AccountFrozen.v1").data


def test_a_reason_that_is_none_changes_nothing() -> None:
    account_id, browser = account_with(1_00), staff(is_superuser=True)
    browser.post(f"{ACCOUNTS}{account_id}/freeze-debits/", {"reason": "whim"})
    browser.post(ACCOUNTS, {"_selected_action": [account_id], "action": "freeze_debits", "reason": "whim"})
    assert not frozen(account_id)
    assert browser.get(f"{ACCOUNTS}{uuid4()}/freeze-debits/").status_code == 404


def test_all_that_were_chosen_are_worked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "AT_ONCE", 2)
    account_ids, browser = [account_with(0) for _ in range(5)], staff(is_superuser=True)
    assert "5 of 5 accounts changed." in freeze(browser, *account_ids).content.decode()
    assert all(map(frozen, account_ids))


def test_every_list_bears_a_key_that_is_new_each_time() -> None:
    lists = [pages for pages in site._registry.values() if isinstance(pages, operators.OrderingAdmin) and pages.actions]
    assert len(lists) > 3
    assert {type(pages).__name__ for pages in lists if not issubclass(pages.action_form, operators.ChosenForm)} == set()
    account_with(0)
    browser = staff(is_superuser=True)
    first, second = (keys(browser.get(ACCOUNTS)) for _ in range(2))
    assert len(first) == len(second) == 1
    assert first != second


def keys(page: Any) -> list[str]:
    return re.findall(r'name="once" value="([^"]+)"', page.content.decode())


def test_what_is_sent_twice_from_a_list_is_done_once_and_another_action_is_another_order() -> None:
    one, other, browser = account_with(0), account_with(0), staff(is_superuser=True)
    (key,) = keys(browser.get(ACCOUNTS))
    assert "1 of 1 accounts changed." in freeze(browser, one, once=key).content.decode()
    assert "1 of 1 accounts changed." in act(browser, "unfreeze", one, once=key).content.decode()
    said = freeze(browser, one, other, once=key).content.decode()
    assert "1 had been sent before: nothing was done twice." in said
    assert (frozen(one), frozen(other)) == (False, True)


def result(outcome: str, reason: str = "") -> Result:
    return Result(uuid4(), outcome, reason=reason)


def test_green_is_said_only_when_everything_was_done() -> None:
    assert operators.told([result("applied")] * 2, "loans") == [("2 of 2 loans changed.", messages.SUCCESS)]
    assert operators.told([result("applied"), result("nothing"), *[result("refused", "No.")] * 2], "loans") == [
        ("1 of 4 loans changed.", messages.WARNING),
        ("1 needed no change.", messages.WARNING),
        ("2 refused: No.", messages.WARNING),
    ]
