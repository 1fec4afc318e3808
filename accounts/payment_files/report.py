"""What became of each line of a file: the lines beside the commands that they were."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.payment_files.lines import PART, UNREADABLE, Line, command_id, from_part, part_of
from bank.history import attachments
from bank.outcomes import Result, find_all

OUTCOMES = ("accepted", "refused", "waiting")
PARTS_A_PAGE = 40
"""How much of a file is looked through for one page: a page may be short though others follow."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line and what became of it. There is no `line` where the customer has been erased, or the file is broken."""

    number: int
    outcome: str
    code: str
    reason: str
    line: Line | None


@dataclass(frozen=True, slots=True)
class Report:
    """Lines after which `next` is where to go on; None at the end of the file."""

    told: list[Told]
    next: int | None


def report(file: queries.PaymentFileRow, *, after: int, outcome: str | None, limit: int) -> Report:
    """Lines after a number, of one outcome or all."""
    told: list[Told] = []
    last_part = min(part_of(file.lines), part_of(after + 1) + PARTS_A_PAGE - 1)
    for part in range(part_of(after + 1), last_part + 1):
        for one in of_part(file, part, max(after, part * PART), outcome):
            if len(told) == limit:
                return Report(told, told[-1].number)
            told.append(one)
    through = min((last_part + 1) * PART, file.lines)
    return Report(told, through if through < file.lines else None)


def of_part(file: queries.PaymentFileRow, part: int, after: int, outcome: str | None) -> Iterator[Told]:
    """The part itself is opened only if something of it is told."""
    numbers = range(after + 1, min((part + 1) * PART, file.lines) + 1)
    ids = [command_id(file.pk, number) for number in numbers]
    known = find_all(ACCOUNTS, ids)
    outcomes = [told(file, number, known.get(id)) for number, id in zip(numbers, ids, strict=True)]
    wanted = [one for one in outcomes if outcome in (None, one[1])]
    if not wanted:
        return
    lines = readable(file, part)
    for number, became, code, reason in wanted:
        yield Told(number, became, code, reason, lines.get(number))


def readable(file: queries.PaymentFileRow, part: int) -> dict[int, Line]:
    try:
        text = attachments.read("accounts", file.digest, part)
        return {line.number: line for line in from_part(text)} if text else {}
    except UNREADABLE:
        return {}


def told(file: queries.PaymentFileRow, number: int, result: Result | None) -> tuple[int, str, str, str]:
    if result is None and number > file.through:
        return number, "waiting", "", ""
    if result is None and file.given_up_after is not None and number > file.given_up_after:
        return number, "refused", "payment_file_unreadable", "The bank could not read the line any more."
    if result is None:
        return number, "refused", "customer_erased", "The customer was erased before the line was executed."
    if result.outcome == "applied":
        return number, "accepted", "", ""
    return number, "refused", result.code, result.reason
