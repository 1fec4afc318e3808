"""The copy of a customer's mobile number that Loans keeps, to reach whoever owes a loan.

Customers decides what the number is; Loans may refuse a change of it while a loan of his is written off. What
bars a change is heard in any order: of each `subject` the highest version holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from bank.decider import Decider, Personal

# Facts.


@dataclass(frozen=True, slots=True)
class LoanContactChanged:
    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class LoanContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanContactRestored:
    """The change was taken back; what it found unchanged, it left."""

    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class LoanContactBarHeard:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


Event = LoanContactChanged | LoanContactChangeDeclined | LoanContactRestored | LoanContactBarHeard

# State.


@dataclass(frozen=True, slots=True)
class Contact:
    """`former_number` is what `process_id` changed. `bars`: of each subject the version heard, negative once freed."""

    customer_id: str | None = None
    mobile_number: Personal = ""
    former_number: Personal = ""
    process_id: str = ""
    bars: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_barred(self) -> bool:
        return any(version > 0 for version in self.bars.values())


def evolve(contact: Contact, event: Event) -> Contact:
    known = replace(contact, customer_id=event.customer_id)
    match event:
        case LoanContactChanged(process_id=process_id, mobile_number=number):
            former = contact.mobile_number
            return replace(known, mobile_number=number, former_number=former, process_id=process_id)
        case LoanContactRestored(mobile_number=number):
            return replace(known, mobile_number=number, former_number="", process_id="")
        case LoanContactChangeDeclined():
            return known
        case LoanContactBarHeard(subject=subject, version=version, is_barred=barred):
            return replace(known, bars={**contact.bars, subject: version if barred else -version})
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class ChangeContact:
    process_id: str
    customer_id: str
    mobile_number: str


@dataclass(frozen=True, slots=True)
class RestoreContact:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class HearBar:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


Command = ChangeContact | RestoreContact | HearBar

# Decisions.


def decide(contact: Contact, command: Command) -> list[Event]:
    match command:
        case ChangeContact():
            return change(contact, command)
        case RestoreContact():
            number = contact.former_number if contact.process_id == command.process_id else contact.mobile_number
            return [LoanContactRestored(command.process_id, command.customer_id, number)]
        case HearBar():
            if abs(contact.bars.get(command.subject, 0)) >= command.version:
                return []
            return [LoanContactBarHeard(command.customer_id, command.subject, command.version, command.is_barred)]
        case _:
            assert_never(command)


def change(contact: Contact, command: ChangeContact) -> list[Event]:
    """The process hears either answer, so a refusal is an event."""
    if contact.is_barred:
        return [LoanContactChangeDeclined(command.process_id, command.customer_id, "loan_in_recovery")]
    return [LoanContactChanged(command.process_id, command.customer_id, command.mobile_number)]


LOAN_CONTACT = Decider(
    name="loan_contact",
    initial=Contact(),
    decide=decide,
    evolve=evolve,
    events={
        "LoanContactChanged.v1": LoanContactChanged,
        "LoanContactChangeDeclined.v1": LoanContactChangeDeclined,
        "LoanContactRestored.v1": LoanContactRestored,
        "LoanContactBarHeard.v1": LoanContactBarHeard,
    },
    customer=lambda contact: contact.customer_id,
)
