"""The one-time code that proves who has a mobile number, before it becomes a customer's.

A code is good for one number, ten minutes and five tries. The number itself is not kept: who confirms names it again.
Instants are whole seconds since 1970, UTC.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from bank.decider import Decider, Refused

GOOD_FOR_S = 600
TRIES = 5
CODES_PER_HOUR = 5
HOUR_S = 3600

# Facts.


@dataclass(frozen=True, slots=True)
class CodeRequested:
    """`code_hash` is keyed: without the key it says nothing about the code, few as there are."""

    customer_id: str
    code_id: str
    mobile_key: str
    code_hash: str
    requested_at_s: int


@dataclass(frozen=True, slots=True)
class CodeMistaken:
    customer_id: str
    code_id: str


@dataclass(frozen=True, slots=True)
class CodeConfirmed:
    customer_id: str
    code_id: str


@dataclass(frozen=True, slots=True)
class CodeUsed:
    customer_id: str
    code_id: str


@dataclass(frozen=True, slots=True)
class CodeSent:
    """Its text has left the bank."""

    customer_id: str
    code_id: str


Event = CodeRequested | CodeMistaken | CodeConfirmed | CodeUsed | CodeSent

# State.


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last code asked for, and when codes were asked for within the hour before it."""

    customer_id: str | None = None
    code_id: str = ""
    mobile_key: str = ""
    code_hash: str = ""
    requested_at_s: int = 0
    tries: int = 0
    is_confirmed: bool = False
    recent: tuple[int, ...] = ()


def evolve(confirmation: Confirmation, event: Event) -> Confirmation:
    match event:
        case CodeRequested(requested_at_s=now_s):
            return Confirmation(
                customer_id=event.customer_id,
                code_id=event.code_id,
                mobile_key=event.mobile_key,
                code_hash=event.code_hash,
                requested_at_s=now_s,
                recent=(*within_the_hour(confirmation.recent, now_s), now_s),
            )
        case CodeMistaken():
            return replace(confirmation, tries=confirmation.tries + 1, is_confirmed=False)
        case CodeConfirmed():
            return replace(confirmation, is_confirmed=True)
        case CodeUsed():
            return replace(confirmation, code_id="", mobile_key="", code_hash="", is_confirmed=False)
        case CodeSent():
            return confirmation
        case _:
            assert_never(event)


def within_the_hour(instants_s: tuple[int, ...], now_s: int) -> tuple[int, ...]:
    return tuple(at_s for at_s in instants_s if at_s > now_s - HOUR_S)


# Commands.


@dataclass(frozen=True, slots=True)
class RequestCode:
    customer_id: str
    code_id: str
    mobile_key: str
    code_hash: str
    requested_at_s: int


@dataclass(frozen=True, slots=True)
class TryCode:
    """Counts a mistake, so it is never refused; `UseCode` is. `code_hash` is that of what was typed."""

    customer_id: str
    mobile_key: str
    code_hash: str
    tried_at_s: int


@dataclass(frozen=True, slots=True)
class UseCode:
    """With what the code was for, in one unit."""

    customer_id: str
    mobile_key: str
    used_at_s: int


@dataclass(frozen=True, slots=True)
class NoteSent:
    """Once a code."""

    customer_id: str
    code_id: str


Command = RequestCode | TryCode | UseCode | NoteSent

# Decisions.


def decide(confirmation: Confirmation, command: Command) -> list[Event]:
    match command:
        case RequestCode():
            return request_code(confirmation, command)
        case TryCode():
            return try_code(confirmation, command)
        case UseCode():
            return use_code(confirmation, command)
        case NoteSent(customer_id, code_id):
            return [CodeSent(customer_id, code_id)]
        case _:
            assert_never(command)


def request_code(confirmation: Confirmation, command: RequestCode) -> list[Event]:
    if len(within_the_hour(confirmation.recent, command.requested_at_s)) >= CODES_PER_HOUR:
        raise Refused("too_many_codes", f"At most {CODES_PER_HOUR} codes are sent in an hour. Try again later.")
    return [
        CodeRequested(
            command.customer_id, command.code_id, command.mobile_key, command.code_hash, command.requested_at_s
        )
    ]


def try_code(confirmation: Confirmation, command: TryCode) -> list[Event]:
    if confirmation.customer_id is None or why_not(confirmation, command.mobile_key, command.tried_at_s):
        return []
    if command.code_hash == confirmation.code_hash:
        return [CodeConfirmed(command.customer_id, confirmation.code_id)]
    return [CodeMistaken(command.customer_id, confirmation.code_id)]


def use_code(confirmation: Confirmation, command: UseCode) -> list[Event]:
    if refused := why_not(confirmation, command.mobile_key, command.used_at_s):
        raise refused
    if not confirmation.is_confirmed:
        raise Refused("wrong_code", f"This is not the code. {TRIES - confirmation.tries} tries are left.")
    return [CodeUsed(command.customer_id, confirmation.code_id)]


def why_not(confirmation: Confirmation, mobile_key: str, now_s: int) -> Refused | None:
    """Why no code, not even the right one, is accepted for this number now."""
    if not confirmation.code_id or confirmation.mobile_key != mobile_key:
        return Refused("no_code", "No code was asked for to confirm this mobile number.")
    if now_s >= confirmation.requested_at_s + GOOD_FOR_S:
        return Refused("code_expired", "The code has expired. Ask for another one.")
    if confirmation.tries >= TRIES:
        return Refused("too_many_tries", "The code was mistaken too often. Ask for another one.")
    return None


CONFIRMATION = Decider(
    name="confirmation",
    initial=Confirmation(),
    decide=decide,
    evolve=evolve,
    events={
        "CodeRequested.v1": CodeRequested,
        "CodeMistaken.v1": CodeMistaken,
        "CodeConfirmed.v1": CodeConfirmed,
        "CodeUsed.v1": CodeUsed,
        "CodeSent.v1": CodeSent,
    },
    customer=lambda confirmation: confirmation.customer_id,
)
