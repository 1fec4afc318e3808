"""How a text reaches a mobile phone: a port, `settings.SMS_SENDER` names what is plugged into it.

A sender is a callable of a number in E.164 and a text; it raises `NotSent` when the text did not leave.
"""

from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string

Sender = Callable[[str, str], None]


class NotSent(Exception):
    """The text did not leave, or nobody knows whether it did."""


def send(number: str, text: str) -> None:
    """Raises `NotSent`."""
    sender: Sender = import_string(settings.SMS_SENDER)
    sender(number, text)


def by_mail(number: str, text: str) -> None:
    """Through a gateway that takes texts as e-mail for `<number>@<settings.SMS_GATEWAY>`, by Django's own backend: in
    development it prints them."""
    try:
        send_mail("", text, None, [f"{number.removeprefix('+')}@{settings.SMS_GATEWAY}"])
    except (OSError, SMTPException) as error:
        raise NotSent(type(error).__name__) from error
