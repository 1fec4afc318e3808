"""The mail server, as far as it may be troubled: when it was not there, sending rests, each time twice as long."""

from dataclasses import dataclass
from typing import assert_never

from bank.decider import Decider

FIRST_REST_S = 60
LONGEST_REST_S = 900
"""Once it is there again, what waits leaves within a quarter of an hour."""

THE_SERVER = "smtp"
"""The key of its stream: there is one."""

# Facts.


@dataclass(frozen=True, slots=True)
class MailServerFailed:
    """`failures` is how many there were in a row, with this one."""

    code: str
    failures: int
    rests_until_s: int


@dataclass(frozen=True, slots=True)
class MailServerAnswered:
    """After so many failures."""

    failures: int


Event = MailServerFailed | MailServerAnswered

# State.


@dataclass(frozen=True, slots=True)
class MailServer:
    failures: int = 0
    rests_until_s: int = 0


def evolve(_server: MailServer, event: Event) -> MailServer:
    match event:
        case MailServerFailed(failures=failures, rests_until_s=until_s):
            return MailServer(failures, until_s)
        case MailServerAnswered():
            return MailServer()
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class NoteFailure:
    code: str
    failed_at_s: int


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """It took a mail, or said whose it does not take."""


Command = NoteFailure | NoteAnswer

# Decisions.


def decide(server: MailServer, command: Command) -> list[Event]:
    match command:
        case NoteFailure(code=code, failed_at_s=at_s):
            rest_s = min(FIRST_REST_S * 2**server.failures, LONGEST_REST_S)
            return [MailServerFailed(code, server.failures + 1, at_s + rest_s)]
        case NoteAnswer():
            return [MailServerAnswered(server.failures)] if server.failures else []
        case _:
            assert_never(command)


MAIL_SERVER = Decider(
    name="mail_server",
    initial=MailServer(),
    decide=decide,
    evolve=evolve,
    events={"MailServerFailed.v1": MailServerFailed, "MailServerAnswered.v1": MailServerAnswered},
)
