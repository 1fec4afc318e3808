"""What `manage.py` says to whoever asked for something that is not there, or that is well."""

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from bank.management.commands import end_of_day, rebuild_projection
from bankview.management.commands import compare_views
from tests.accounts.units import account_with


def said(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_the_help_of_a_rebuild_names_projections_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10000")  # else a name may be broken at its hyphen
    parser = rebuild_projection.Command().create_parser("manage.py", "rebuild_projection")
    words = " ".join(parser.format_help().split())
    assert all(name in words for name in ("accounts.ledger", "bankview.bank_view", "cards.card-payments"))


def test_a_source_that_nobody_hears_is_unknown_before_anything_else_is_asked() -> None:
    with pytest.raises(
        CommandError, match=r"Nobody here hears 'nonsense'; heard are accounts, cards, customers, loans"
    ):
        call_command("reconcile", "nonsense")


def test_a_day_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(CommandError, match="'garbage' is no day; write it like 2026-03-31"):
        call_command("expire_authorizations", "--today", "garbage")


@pytest.mark.django_db(databases=list(settings.CONTEXTS), transaction=True)
def test_a_verification_says_that_the_books_agree_and_who_has_none() -> None:
    account_with(10_00)
    lines = said("verify_ledger").splitlines()
    assert any(line.startswith("cards: ") and "no books" in line for line in lines)
    assert any(line.startswith("accounts: ") and "the books agree in " in line for line in lines)


def test_a_comparison_is_summed_up_in_words() -> None:
    words = compare_views.in_words({"throughput_ratio": 16.4, "p99_ratio": 0.179, "drift": 0})
    assert "16.4 times as many answers" in words
    assert "its p99 is 18% of the composition's" in words


def test_the_end_of_a_day_says_whose_date_it_moves() -> None:
    words = " ".join(end_of_day.Command().create_parser("manage.py", "end_of_day").format_help().split())
    assert "accounts: Moves the business date" in words
    assert "cards: Goes by the calendar and has no business date" in words
    assert "loans: Goes by the calendar and has no business date" in words


@pytest.mark.django_db(databases=list(settings.CONTEXTS), transaction=True)
def test_the_end_of_a_day_asks_every_context_that_has_a_part_in_it() -> None:
    account_with(10_00)
    lines = said("end_of_day", "--date", "2026-03-31").splitlines()
    assert "accounts: 1 days, 0 changed by 2026-03-31" in lines
    assert "cards: 0 authorizations expired, 0 cards expired, 0 cards late, 0 statements closed by 2026-03-31" in lines
    assert "loans: 0 loans aged, 0 collections begun, 0 last tries begun by 2026-03-31" in lines
    lines = said("end_of_day", "--date", "2026-04-01", "--dry-run").splitlines()
    assert "accounts: 1 days would be by 2026-04-01" in lines
