"""What a customer is told by e-mail: whether he wants it, and how each notice stands.

    waiting → sending → sent
       ↖ put off ↙  ↘ failed, unknown

A notice is sent at most once by itself. `sending` is written down before the server is spoken to; if its answer is
lost, nobody knows, and the notice says so. One stream per customer: what he wants is decided with what he is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from bank.decider import Decider, Refused

Outcome = Literal["sent", "failed", "unknown"]

ALWAYS = frozenset({"mobile_number_changed"})
"""Told to everybody: it is how somebody learns that another has taken his number over."""

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
    """It certainly did not leave."""

    notice_id: str
    customer_id: str
    code: str


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
    """Only notices under way are kept, and those of which nobody knows."""

    customer_id: str | None = None
    wanted: bool = False
    waiting: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


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
            left, unclear = without(known.sending, id), without(known.unclear, id)
            return replace(known, sending=left, unclear=unclear, waiting=(*known.waiting, id))
        case NoticeEnded(notice_id=id, outcome=outcome):
            unclear = known.unclear if outcome == "sent" else (*known.unclear, id)
            return replace(known, sending=without(known.sending, id), unclear=unclear)
        case _:
            assert_never(event)


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
        case PutNoticeOff(notice_id=id, customer_id=customer_id, code=code):
            return [NoticePutOff(id, customer_id, code)] if id in notices.sending else []
        case EndNotice(notice_id=id, customer_id=customer_id, outcome=outcome, code=code):
            return [NoticeEnded(id, customer_id, outcome, code)] if id in notices.sending else []
        case SendAgain(notice_id=id, customer_id=customer_id):
            if id not in notices.unclear:
                raise Refused("notice_not_unclear", "Only what failed, or of which nobody knows, is sent again.")
            return [NoticePutOff(id, customer_id, "operator")]
        case _:
            assert_never(command)


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
    customer=lambda notices: notices.customer_id,
)
