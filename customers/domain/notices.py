"""What a customer is told by e-mail: whether he wants it, and how each notice stands.

    waiting → sending → sent
       ↖ put off ↙  ↘ failed, unknown

A notice is sent at most once by itself. `sending` is written down before the mail is handed over; if the answer is
lost, nobody knows, and the notice says so. What is put off waits longer each time, and has failed with the last try.
One stream per customer: what he wants is decided with what he is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, assert_never

from bank.decider import Decider, Personal, Refused
from bank.sagas.orchestration import step_id

Outcome = Literal["sent", "failed", "unknown"]

SECURITY = frozenset({"mobile_number_changed"})
"""How somebody learns that another has taken his number over."""

ALWAYS = SECURITY | {"collection_stopped"}
"""Told to everybody, wanted or not: also that the bank does not do any more what it was asked to."""

ALSO_TO_FORMER_FOR = timedelta(days=30)
"""So long after it was replaced, an address hears too of what concerns security: who takes somebody over changes the
address first, and the one it is taken from may be away."""

FORMER_KEPT = 5
"""The first that were replaced, so that nobody pushes one out by replacing more."""

TRIES = 12
FIRST_WAIT_S = 60
"""Doubled with each try, which makes a day and a half until the last."""

UNCLEAR_KEPT = 50
"""So many of a customer's notices that failed, or of which nobody knows, may be sent again: the latest."""

# Facts.


@dataclass(frozen=True, slots=True)
class NoticesWanted:
    customer_id: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class NoticeRequested:
    """`amount_minor` is 0 and `currency` empty where no money is spoken of; `code` says why something was declined.

    It goes to the address of the moment in which it is sent, unless `address` says one that was replaced on that day,
    or `former` names the notice that did.
    """

    notice_id: str
    customer_id: str
    kind: str
    amount_minor: int
    currency: str
    code: str
    address: Personal = ""
    replaced_on: date | None = None
    former: str = ""


@dataclass(frozen=True, slots=True)
class NoticeBegun:
    """`message_id` is the mail's own, so that the mail server's log tells what became of it."""

    notice_id: str
    customer_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class NoticePutOff:
    """It certainly did not leave, and is not tried again before so many seconds."""

    notice_id: str
    customer_id: str
    code: str
    wait_s: int = 60


@dataclass(frozen=True, slots=True)
class NoticeEnded:
    notice_id: str
    customer_id: str
    outcome: Outcome
    code: str


Event = NoticesWanted | NoticeRequested | NoticeBegun | NoticePutOff | NoticeEnded

# State.


@dataclass(frozen=True, slots=True)
class Notices:
    """Only notices under way are kept, and the latest that failed or of which nobody knows. `tries`: how often one that
    is under way was put off. `replaced`: notices that went to a former address, and the day it was replaced."""

    customer_id: str | None = None
    wanted: bool = False
    waiting: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    tries: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, date] = field(default_factory=dict)

    def former(self, on: date) -> list[str]:
        """The notices whose addresses were replaced lately."""
        return [id for id, day in self.replaced.items() if day >= on - ALSO_TO_FORMER_FOR]


def evolve(notices: Notices, event: Event) -> Notices:
    known = replace(notices, customer_id=event.customer_id)
    match event:
        case NoticesWanted(wanted=wanted):
            return replace(known, wanted=wanted)
        case NoticeRequested():
            return requested(known, event)
        case NoticeBegun(notice_id=id):
            return replace(known, waiting=without(known.waiting, id), sending=(*known.sending, id))
        case NoticePutOff(notice_id=id):
            return put_off(known, id)
        case NoticeEnded(notice_id=id, outcome=outcome):
            return ended(known, id, outcome)
        case _:
            assert_never(event)


def requested(notices: Notices, event: NoticeRequested) -> Notices:
    waiting = replace(notices, waiting=(*notices.waiting, event.notice_id))
    if event.replaced_on is None:
        return waiting
    recent = {id: notices.replaced[id] for id in notices.former(event.replaced_on)}
    kept = [*recent.items(), (event.notice_id, event.replaced_on)][:FORMER_KEPT]
    return replace(waiting, replaced=dict(kept))


def put_off(notices: Notices, id: str) -> Notices:
    """By an operator it is tried as if for the first time."""
    return replace(
        notices,
        waiting=(*notices.waiting, id),
        sending=without(notices.sending, id),
        unclear=without(notices.unclear, id),
        tries={**notices.tries, id: notices.tries.get(id, 0) + 1} if id in notices.sending else notices.tries,
    )


def ended(notices: Notices, id: str, outcome: Outcome) -> Notices:
    return replace(
        notices,
        sending=without(notices.sending, id),
        unclear=notices.unclear if outcome == "sent" else (*notices.unclear, id)[-UNCLEAR_KEPT:],
        tries={one: times for one, times in notices.tries.items() if one != id},
    )


def without(ids: Sequence[str], id: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != id)


# Commands.


@dataclass(frozen=True, slots=True)
class WantNotices:
    customer_id: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class RequestNotice:
    """`on` is the day on which that happened of which it tells."""

    notice_id: str
    customer_id: str
    kind: str
    amount_minor: int = 0
    currency: str = ""
    code: str = ""
    on: date = date.min


@dataclass(frozen=True, slots=True)
class TellFormerAddress:
    """Always one unit with the change that replaces this e-mail address."""

    notice_id: str
    customer_id: str
    address: str
    replaced_on: date


@dataclass(frozen=True, slots=True)
class BeginNotice:
    """Who gets an event for it sends the mail; nobody else does."""

    notice_id: str
    customer_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class PutNoticeOff:
    notice_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class EndNotice:
    notice_id: str
    customer_id: str
    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """An operator takes it on himself that it may come twice."""

    notice_id: str
    customer_id: str


Command = WantNotices | RequestNotice | TellFormerAddress | BeginNotice | PutNoticeOff | EndNotice | SendAgain

# Decisions.


def decide(notices: Notices, command: Command) -> list[Event]:
    match command:
        case WantNotices(customer_id=customer_id, wanted=wanted):
            return [] if wanted == notices.wanted else [NoticesWanted(customer_id, wanted)]
        case RequestNotice():
            return request(notices, command)
        case TellFormerAddress():
            return tell_former_address(command)
        case BeginNotice(notice_id=id, customer_id=customer_id, message_id=message_id):
            return [NoticeBegun(id, customer_id, message_id)] if id in notices.waiting else []
        case PutNoticeOff():
            return put_notice_off(notices, command) if command.notice_id in notices.sending else []
        case EndNotice(notice_id=id, customer_id=customer_id, outcome=outcome, code=code):
            return [NoticeEnded(id, customer_id, outcome, code)] if id in notices.sending else []
        case SendAgain(notice_id=id, customer_id=customer_id):
            if id not in notices.unclear:
                unclear = "Only what failed lately, or of which nobody knows, is sent again."
                raise Refused("notice_not_unclear", unclear)
            return [NoticePutOff(id, customer_id, "operator", wait_s=0)]
        case _:
            assert_never(command)


def put_notice_off(notices: Notices, command: PutNoticeOff) -> list[Event]:
    tries = notices.tries.get(command.notice_id, 0) + 1
    if tries >= TRIES:
        return [NoticeEnded(command.notice_id, command.customer_id, "failed", command.code)]
    wait_s = FIRST_WAIT_S * 2 ** (tries - 1)
    return [NoticePutOff(command.notice_id, command.customer_id, command.code, wait_s)]


def request(notices: Notices, command: RequestNotice) -> list[Event]:
    if not notices.wanted and command.kind not in ALWAYS:
        return []
    if command.notice_id in (*notices.waiting, *notices.sending, *notices.unclear):
        return []
    notice = NoticeRequested(
        notice_id=command.notice_id,
        customer_id=command.customer_id,
        kind=command.kind,
        amount_minor=command.amount_minor,
        currency=command.currency,
        code=command.code,
    )
    if command.kind not in SECURITY:
        return [notice]
    return [notice, *(to_former(notice, former) for former in notices.former(command.on))]


def to_former(notice: NoticeRequested, former: str) -> NoticeRequested:
    return replace(notice, notice_id=str(step_id(notice.notice_id, f"former/{former}")), former=former)


def tell_former_address(command: TellFormerAddress) -> list[Event]:
    return [
        NoticeRequested(
            notice_id=command.notice_id,
            customer_id=command.customer_id,
            kind="email_changed",
            amount_minor=0,
            currency="",
            code="",
            address=command.address,
            replaced_on=command.replaced_on,
        )
    ]


NOTICES = Decider(
    name="notices",
    initial=Notices(),
    decide=decide,
    evolve=evolve,
    events={
        "NoticesWanted.v1": NoticesWanted,
        "NoticeRequested.v1": NoticeRequested,
        "NoticeBegun.v1": NoticeBegun,
        "NoticePutOff.v1": NoticePutOff,
        "NoticeEnded.v1": NoticeEnded,
    },
    state_version=3,
    customer=lambda notices: notices.customer_id,
)
