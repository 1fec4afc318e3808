"""What a customer is told by e-mail: whether he wants it, and how each notice stands.

    waiting → sending → sent
       ↖ put off ↙  ↘ failed, unknown

A notice is sent at most once by itself. `sending` is written down before the mail is handed over; if the answer is
lost, nobody knows, and the notice says so. What is put off waits longer each time, and has failed with the last try.
One stream per customer: what he wants is decided with what he is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from bank.decider import Decider, Refused

Outcome = Literal["sent", "failed", "unknown"]

ALWAYS = frozenset({"mobile_number_changed"})
"""Told to everybody: it is how somebody learns that another has taken his number over."""

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
    """`amount_minor` is 0 and `currency` empty where no money is spoken of; `code` says why something was declined."""

    notice_id: str
    customer_id: str
    kind: str
    amount_minor: int
    currency: str
    code: str


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
    is under way was put off."""

    customer_id: str | None = None
    wanted: bool = False
    waiting: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    tries: Mapping[str, int] = field(default_factory=dict)


def evolve(notices: Notices, event: Event) -> Notices:
    known = replace(notices, customer_id=event.customer_id)
    match event:
        case NoticesWanted(wanted=wanted):
            return replace(known, wanted=wanted)
        case NoticeRequested(notice_id=id):
            return replace(known, waiting=(*known.waiting, id))
        case NoticeBegun(notice_id=id):
            return replace(known, waiting=without(known.waiting, id), sending=(*known.sending, id))
        case NoticePutOff(notice_id=id):
            return put_off(known, id)
        case NoticeEnded(notice_id=id, outcome=outcome):
            return ended(known, id, outcome)
        case _:
            assert_never(event)


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
    notice_id: str
    customer_id: str
    kind: str
    amount_minor: int = 0
    currency: str = ""
    code: str = ""


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


Command = WantNotices | RequestNotice | BeginNotice | PutNoticeOff | EndNotice | SendAgain

# Decisions.


def decide(notices: Notices, command: Command) -> list[Event]:
    match command:
        case WantNotices(customer_id=customer_id, wanted=wanted):
            return [] if wanted == notices.wanted else [NoticesWanted(customer_id, wanted)]
        case RequestNotice():
            return request(notices, command)
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
    return [
        NoticeRequested(
            notice_id=command.notice_id,
            customer_id=command.customer_id,
            kind=command.kind,
            amount_minor=command.amount_minor,
            currency=command.currency,
            code=command.code,
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
    state_version=2,
    customer=lambda notices: notices.customer_id,
)
