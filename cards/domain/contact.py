"""The copy of a customer's mobile number that Cards keeps, to reach whoever holds a card.

Customers decides what the number is; Cards may refuse a change of it while a card of his is blocked for fraud: who
took over the number would get the codes. What bars a change is heard in any order: of each `subject` the highest
version holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from bank.decider import Decider, Personal

# Facts.


@dataclass(frozen=True, slots=True)
class CardContactChanged:
    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class CardContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class CardContactRestored:
    """The change was taken back; what it found unchanged, it left."""

    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class CardContactBarHeard:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


Event = CardContactChanged | CardContactChangeDeclined | CardContactRestored | CardContactBarHeard

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
        case CardContactChanged(process_id=process_id, mobile_number=number):
            former = contact.mobile_number
            return replace(known, mobile_number=number, former_number=former, process_id=process_id)
        case CardContactRestored(mobile_number=number):
            return replace(known, mobile_number=number, former_number="", process_id="")
        case CardContactChangeDeclined():
            return known
        case CardContactBarHeard(subject=subject, version=version, is_barred=barred):
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
            return [CardContactRestored(command.process_id, command.customer_id, number)]
        case HearBar():
            if abs(contact.bars.get(command.subject, 0)) >= command.version:
                return []
            return [CardContactBarHeard(command.customer_id, command.subject, command.version, command.is_barred)]
        case _:
            assert_never(command)


def change(contact: Contact, command: ChangeContact) -> list[Event]:
    """The process hears either answer, so a refusal is an event."""
    if contact.is_barred:
        return [CardContactChangeDeclined(command.process_id, command.customer_id, "card_blocked_for_fraud")]
    return [CardContactChanged(command.process_id, command.customer_id, command.mobile_number)]


CARD_CONTACT = Decider(
    name="card_contact",
    initial=Contact(),
    decide=decide,
    evolve=evolve,
    events={
        "CardContactChanged.v1": CardContactChanged,
        "CardContactChangeDeclined.v1": CardContactChangeDeclined,
        "CardContactRestored.v1": CardContactRestored,
        "CardContactBarHeard.v1": CardContactBarHeard,
    },
    customer=lambda contact: contact.customer_id,
)
