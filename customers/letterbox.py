"""The mail server, spoken to over one connection for many mails: what became of each, as far as anybody can know.

Nobody knows only where the server had asked for the text and its answer to it was lost; before, nothing has left.
"""

from dataclasses import dataclass
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

GO_ON = 354


class Unreachable(Exception):
    """Nobody answers, or who answers takes no mail from us. Its text is a code."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a mail. `later`: it certainly did not leave, and may another time. `in_trouble`: it is the
    server, not the mail, and so it would be with the next one."""

    outcome: Literal["sent", "failed", "unknown", "later"]
    code: str = ""
    in_trouble: bool = False


class Conversation(SMTP):
    """`text_under_way`: the server has asked for a text and has not answered to it yet."""

    text_under_way = False

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()
        self.text_under_way = code == GO_ON
        return code, said


class ByConversation(smtp.EmailBackend):
    connection: Conversation | None
    connection_class = Conversation


class Letterbox:
    """Mails go through Django's own backend, whichever is set. To be closed."""

    def __init__(self) -> None:
        chosen = import_string(settings.EMAIL_BACKEND)
        self._backend: BaseEmailBackend = ByConversation() if chosen is smtp.EmailBackend else chosen()

    def make_ready(self) -> None:
        """Have a connection which the server has not left. Raises `Unreachable`."""
        try:
            if self._is_left():
                self.close()
            self._backend.open()
        except OSError as error:
            raise Unreachable(named(error)) from error

    def post(self, message: EmailMessage) -> Posted:
        try:
            self._backend.send_messages([message])
        except (SMTPRecipientsRefused, SMTPDataError) as error:
            code = answer(error)
            return Posted("later" if code < 500 else "failed", f"smtp_{code}", in_trouble=self._is_gone())
        except OSError as error:
            return Posted("unknown" if self._may_have_left() else "later", named(error), in_trouble=True)
        except ValueError:
            return Posted("failed", "bad_address")
        return Posted("sent")

    def close(self) -> None:
        """What the server says to the goodbye changes nothing."""
        try:
            self._backend.close()
        except OSError:
            if isinstance(self._backend, ByConversation):
                self._backend.connection = None

    def _conversation(self) -> Conversation | None:
        return self._backend.connection if isinstance(self._backend, ByConversation) else None

    def _is_left(self) -> bool:
        talk = self._conversation()
        try:
            return talk is not None and talk.noop()[0] >= 400
        except OSError:
            return True

    def _is_gone(self) -> bool:
        talk = self._conversation()
        return talk is not None and talk.sock is None

    def _may_have_left(self) -> bool:
        """Of another way than SMTP nobody knows how far it came."""
        talk = self._conversation()
        return talk is None or talk.text_under_way


def answer(error: SMTPRecipientsRefused | SMTPDataError) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return error.smtp_code


def named(error: OSError | SMTPException) -> str:
    """A code that quotes nobody."""
    return f"smtp_{error.smtp_code}" if isinstance(error, SMTPResponseException) else type(error).__name__
