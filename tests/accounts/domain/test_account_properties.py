"""Whatever is asked of an account, in whatever order."""

from datetime import date

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as some

from accounts.domain.account import (
    ACCOUNT,
    ArrangeOverdraft,
    ChangeTerms,
    Command,
    FreezeAccount,
    UnfreezeAccount,
)
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.day import EndDay, SettleCharges
from accounts.domain.account.facts import (
    BY_THE_BANK,
    Account,
    Event,
    FundsHeld,
    HoldCaptured,
    HoldReleased,
    MoneyCredited,
    MoneyDebited,
)
from accounts.domain.account.holds import CaptureHold, HoldFunds, ReleaseHold
from accounts.domain.account.money import CreditMoney, DebitMoney, RefundMoney
from accounts.domain.account.reversal import ReverseEntry
from accounts.domain.freezes import REASONS
from accounts.domain.interest import Terms
from bank.decider import Refused
from tests.accounts.facts import DAY, LATER, opened

amounts = some.integers(-1, 300)
days = some.dates(date(2026, 1, 1), date(2026, 12, 31))
hold_ids = some.sampled_from(["h1", "h2", "h3"])
customers = some.sampled_from(["c1", "c1", "c1", "c2"])
terms = some.builds(Terms, some.integers(0, 10_000), some.integers(0, 10_000), some.integers(0, 50))
sides = some.sampled_from(["debit", "credit", "both"])
reasons = some.sampled_from(REASONS)

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
    some.builds(FreezeAccount, some.just("a1"), sides, reasons),
    some.builds(UnfreezeAccount, some.just("a1"), sides, reasons),
    some.builds(ArrangeOverdraft, some.just("a1"), amounts, some.just("EUR")),
    some.builds(ChangeTerms, some.just("a1"), terms, some.just("EUR"), days),
    some.builds(EndDay, some.just("a1"), days),
    some.builds(SettleCharges, some.just("a1"), days),
    some.builds(
        ReverseEntry,
        some.just("a1"),
        some.integers(2, 6),
        some.integers(-300, 300),
        some.just("EUR"),
        some.sampled_from(["cash", "interest-paid", "fees-earned"]),
        days,
    ),
    some.builds(CloseAccount, some.just("a1"), days, waive_fees=some.booleans()),
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


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_the_balance_is_the_sum_of_the_postings(asked: list[Command]) -> None:
    steps = history_of(asked)
    booked = sum(effect(event) for _, _, events, _ in steps for event in events)
    assert (steps[-1][3].balance_minor if steps else 0) == booked


@settings(max_examples=200)
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


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_no_customers_doing_takes_more_than_is_available(asked: list[Command]) -> None:
    for before, command, events, after in history_of(asked):
        by_the_bank = isinstance(command, CaptureHold) or (isinstance(command, DebitMoney) and command.allow_unarranged)
        if events and not by_the_bank and after.available_minor < before.available_minor:
            assert after.available_minor >= 0


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_a_debit_is_flagged_exactly_when_it_passes_what_was_arranged(asked: list[Command]) -> None:
    for _, _, events, after in history_of(asked):
        for event in events:
            if isinstance(event, MoneyDebited | HoldCaptured):
                assert event.unarranged == (after.balance_minor < -after.overdraft_limit_minor)
                assert event.booked_on >= DAY.replace(month=1, day=1)


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_the_bank_takes_nothing_that_is_not_available_and_no_entry_back_twice(asked: list[Command]) -> None:
    for before, command, events, after in history_of(asked):
        if isinstance(command, EndDay | SettleCharges | ReverseEntry) and after.balance_minor < before.balance_minor:
            assert after.available_minor >= 0
            assert not [event for event in events if isinstance(event, MoneyDebited) and event.unarranged]
        assert len(set(after.reversed)) == len(after.reversed)
        assert after.fees_due_minor >= 0
        assert min(after.accrued.credit_units, after.accrued.debit_units) >= 0


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_what_was_booked_by_the_bank_is_the_sum_of_those_postings(asked: list[Command]) -> None:
    sums: dict[str, int] = {}
    for _, _, events, after in history_of(asked):
        for event in events:
            if isinstance(event, MoneyCredited | MoneyDebited) and event.contra in BY_THE_BANK:
                sums[event.contra] = sums.get(event.contra, 0) + effect(event)
        assert after.by_the_bank == sums


@settings(max_examples=200)
@forall(some.lists(commands, max_size=30))
def test_an_account_is_closed_with_nothing_on_it_and_stays_closed(asked: list[Command]) -> None:
    for before, _, _, after in history_of(asked):
        if after.is_closed and not before.is_closed:
            assert (after.balance_minor, after.held_minor, after.available_minor) == (0, 0, 0)
        assert after.is_closed or not before.is_closed
