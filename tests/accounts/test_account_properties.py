"""Whatever is asked of an account, in whatever order."""

from datetime import date

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as some

from accounts.domain.account import (
    ACCOUNT,
    ArrangeOverdraft,
    Command,
    FreezeAccount,
    UnfreezeAccount,
)
from accounts.domain.account_facts import (
    Account,
    Event,
    FundsHeld,
    HoldCaptured,
    HoldReleased,
    MoneyCredited,
    MoneyDebited,
)
from accounts.domain.account_holds import CaptureHold, HoldFunds, ReleaseHold
from accounts.domain.account_money import CreditMoney, DebitMoney, RefundMoney
from bank.decider import Refused
from tests.accounts.facts import DAY, LATER, opened

amounts = some.integers(-1, 300)
days = some.dates(date(2026, 1, 1), date(2026, 12, 31))
hold_ids = some.sampled_from(["h1", "h2", "h3"])
customers = some.sampled_from(["c1", "c1", "c1", "c2"])
sides = some.sampled_from(["debit", "credit", "both"])

commands: some.SearchStrategy[Command] = some.one_of(
    some.builds(CreditMoney, some.just("a1"), amounts, some.just("EUR"), some.just("cash"), days),
    some.builds(DebitMoney, some.just("a1"), amounts, some.just("EUR"), some.just("cash"), days),
    some.builds(
        DebitMoney,
        some.just("a1"),
        amounts,
        some.just("EUR"),
        some.just("cash"),
        days,
        allow_unarranged=some.just(True),
    ),
    some.builds(
        HoldFunds,
        some.just("a1"),
        customers,
        hold_ids,
        amounts,
        some.just("EUR"),
        some.just(LATER),
        some.sampled_from([None, "p1"]),
    ),
    some.builds(
        CaptureHold,
        some.just("a1"),
        hold_ids,
        some.just("p1"),
        amounts,
        some.just("EUR"),
        some.just("transit:card-payments"),
        days,
    ),
    some.builds(ReleaseHold, some.just("a1"), hold_ids),
    some.builds(
        RefundMoney,
        some.just("a1"),
        amounts,
        some.just("EUR"),
        some.just("card-settlement"),
        days,
        some.just("p1"),
        some.just("refund"),
    ),
    some.builds(FreezeAccount, some.just("a1"), sides, some.just("legal_order")),
    some.builds(UnfreezeAccount, some.just("a1"), sides),
    some.builds(ArrangeOverdraft, some.just("a1"), amounts, some.just("EUR")),
)


def history_of(asked: list[Command]) -> list[tuple[Account, Command, list[Event], Account]]:
    """Each command with the account before it, what it decided, and the account after it; refusals decide nothing."""
    account = ACCOUNT.evolve(ACCOUNT.initial, opened(overdraft_minor=100))
    steps: list[tuple[Account, Command, list[Event], Account]] = []
    for command in asked:
        try:
            events = ACCOUNT.decide(account, command)
        except Refused:
            events = []
        after = ACCOUNT.fold(account, events)
        steps.append((account, command, events, after))
        account = after
    return steps


def effect(event: Event) -> int:
    match event:
        case MoneyCredited(amount_minor=amount):
            return amount
        case MoneyDebited(amount_minor=amount) | HoldCaptured(amount_minor=amount):
            return -amount
        case _:
            return 0


@settings(max_examples=200, deadline=None)
@forall(some.lists(commands, max_size=30))
def test_the_balance_is_the_sum_of_the_postings(asked: list[Command]) -> None:
    steps = history_of(asked)
    booked = sum(effect(event) for _, _, events, _ in steps for event in events)
    assert (steps[-1][3].balance_minor if steps else 0) == booked


@settings(max_examples=200, deadline=None)
@forall(some.lists(commands, max_size=30))
def test_what_is_held_is_the_sum_of_the_open_holds(asked: list[Command]) -> None:
    open_holds: dict[str, int] = {}
    for _, _, events, after in history_of(asked):
        for event in events:
            match event:
                case FundsHeld(hold_id=hold_id, amount_minor=amount):
                    open_holds[hold_id] = amount
                case HoldReleased(hold_id=hold_id) | HoldCaptured(hold_id=hold_id):
                    open_holds.pop(hold_id, None)
        assert after.held_minor == sum(open_holds.values())


@settings(max_examples=200, deadline=None)
@forall(some.lists(commands, max_size=30))
def test_no_customers_doing_takes_more_than_is_available(asked: list[Command]) -> None:
    for before, command, events, after in history_of(asked):
        by_the_bank = isinstance(command, CaptureHold) or (isinstance(command, DebitMoney) and command.allow_unarranged)
        if events and not by_the_bank and after.available_minor < before.available_minor:
            assert after.available_minor >= 0


@settings(max_examples=200, deadline=None)
@forall(some.lists(commands, max_size=30))
def test_a_debit_is_flagged_exactly_when_it_passes_what_was_arranged(asked: list[Command]) -> None:
    for _, _, events, after in history_of(asked):
        for event in events:
            if isinstance(event, MoneyDebited | HoldCaptured):
                assert event.unarranged == (after.balance_minor < -after.overdraft_limit_minor)
                assert event.booked_on >= DAY.replace(month=1, day=1)
