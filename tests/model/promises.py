"""What holds in every world, and what holds when nothing more happens by itself: told from the real streams."""

from collections import Counter
from collections.abc import Iterator

import accounts.domain.postings as account_books
import cards.domain.postings as card_books
import loans.domain.postings as loan_books
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.chart import CHART, CONTROL, DUE_FROM_CARDS, DUE_FROM_LOANS, TRANSIT
from accounts.domain.process import PROCESS
from bank.sagas.choreography import Choreography
from bankview.processes import HEARD, SUCCEEDED
from tests.model.exploring import Promise
from tests.model.world import World


def all_of(*promises: Promise) -> Promise:
    """The first that is broken."""
    return lambda world: next((broken for promise in promises if (broken := promise(world))), "")


# In every world.


def ledger(world: World) -> Counter[str]:
    """Each ledger account's balance on its normal side, folded from what Accounts said."""
    kinds = {one.stream: one.event.kind for one in world.said if one.type == "accounts.AccountOpened.v1"}
    balances: Counter[str] = Counter()
    for one in world.said:
        if one.source == "accounts" and (booked := account_books.posting(one.event, kinds.get(one.stream))):
            for name, amount in ((booked.debit, booked.amount_minor), (booked.credit, -booked.amount_minor)):
                balances[name] += amount if CHART[name].normal == "debit" else -amount
    return balances


def books_agree(world: World) -> str:
    """Postings sum to zero, a control account is what its customers have, a transit account what its processes have."""
    balances = ledger(world)
    if off := sum(amount if CHART[name].normal == "debit" else -amount for name, amount in balances.items()):
        return f"the postings sum to {off}"
    expected: Counter[str] = Counter()
    for account in world.states(ACCOUNTS, ACCOUNT):
        expected[CONTROL[account.kind]] += account.balance_minor
    for process in world.states(ACCOUNTS, PROCESS):
        if process.kind is not None:
            expected[TRANSIT[process.kind]] += process.open_minor
    for name in (*CONTROL.values(), *TRANSIT.values()):
        if balances[name] != expected[name]:
            return f"{name} is {balances[name]}, and those it stands for have {expected[name]}"
    return ""


def at_most_once(*declared: Choreography) -> Promise:
    """No step of one process, no undo and no end happens twice."""

    def promise(world: World) -> str:
        for process in declared:
            for (id, type_), times in Counter(happened(world, process)).items():
                if times > 1:
                    return f"{type_} of {process.name} {id} happened {times} times"
        return ""

    return promise


def happened(world: World, process: Choreography) -> Iterator[tuple[str, str]]:
    """The processes of this kind, and what was said of each."""
    said = [(str(HEARD[one.type].process(one.event)), one.type) for one in world.said if one.type in process.events]
    begun = {id for id, type_ in said if type_ == process.starts}
    yield from ((id, type_) for id, type_ in said if id in begun)


# When nothing more happens by itself.


def ended(*declared: Choreography) -> Promise:
    """Each process that began has come to one declared end; at one that is no success, what was done is undone.

    A process of which nothing can be undone has happened whole or not at all.
    """

    def promise(world: World) -> str:
        for process in declared:
            said: dict[str, list[str]] = {}
            for id, type_ in happened(world, process):
                said.setdefault(id, []).append(type_)
            for id, types in said.items():
                if broken := end_of(process, types):
                    return f"{process.name} {id} {broken}"
        return ""

    return promise


def end_of(process: Choreography, types: list[str]) -> str:
    ends = [type_ for type_ in types if type_ in process.ends]
    if len(ends) != types.count(process.starts):
        return f"began {types.count(process.starts)} times and ended {len(ends)} times"
    outcome, done = process.ends[ends[-1]], [step for step in process.steps if step.event in types]
    missing = [step.event for step in process.steps if step not in done]
    if outcome in SUCCEEDED:
        return f"{outcome} without {missing}" if missing else ""
    left = [step.event for step in done if step.undone_by not in (*types, *process.ends)]
    is_whole = not missing and not any(step.undone_by for step in process.steps)
    return f"{outcome}, but nobody took back {left}" if left and not is_whole else ""


def nothing_in_flight(world: World) -> str:
    """No hold is open and nothing is in transit."""
    held = {hold: amount for account in world.states(ACCOUNTS, ACCOUNT) for hold, amount in account.holds.items()}
    transit = {name: amount for name, amount in ledger(world).items() if name in TRANSIT.values() and amount}
    return f"in flight: {held or transit}" if held or transit else ""


def cards_and_accounts_agree(world: World) -> str:
    """What Accounts is owed by Cards is what Cards owes."""
    owed = 0
    for one in world.said:
        if isinstance(one.event, card_books.Booked):
            booked = card_books.posting(one.event)
            owed += booked.amount_minor * (
                (booked.credit == card_books.ACCOUNTS) - (booked.debit == card_books.ACCOUNTS)
            )
    due = ledger(world)[DUE_FROM_CARDS]
    return f"Cards owes {owed}, and Accounts is owed {due}" if owed != due else ""


def loans_and_accounts_agree(world: World) -> str:
    """What Accounts is owed by Loans is what Loans owes."""
    owed = 0
    for one in world.said:
        if one.source == "loans":
            for booked in loan_books.postings(one.event):
                owed += booked.amount_minor * (
                    (booked.credit == loan_books.ACCOUNTS) - (booked.debit == loan_books.ACCOUNTS)
                )
    due = ledger(world)[DUE_FROM_LOANS]
    return f"Loans owes {owed}, and Accounts is owed {due}" if owed != due else ""
