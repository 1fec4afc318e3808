"""An account as its customer sees it."""

from datetime import date
from typing import Any

from bankview.inbound.accounts import AccountClosed, AccountFrozen, AccountUnfrozen
from bankview.parts.account import Account, document, fold


def frozen_after(*events: Any) -> tuple[bool, bool]:
    account = Account("a1")
    for event in events:
        account = fold(account, event)
    shown = document(account)
    return shown["debit_frozen"], shown["credit_frozen"]


def test_an_account_is_shown_as_frozen_while_there_is_one_reason() -> None:
    both = [AccountFrozen("both", "customer_request"), AccountFrozen("debit", "legal_order")]
    assert frozen_after(*both) == (True, True)
    assert frozen_after(*both, AccountUnfrozen("both", "customer_request")) == (True, False)
    assert frozen_after(*both, AccountUnfrozen("debit")) == (False, True)
    assert frozen_after(*both, AccountClosed(date(2026, 3, 2))) == (True, False)
