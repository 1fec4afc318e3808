"""The text that brings a code: after the commit, and again for who asks again because it did not leave.

What has left is noted under an id made of the code's, so that a repetition sends no second one. Each further try counts
like a text that was asked for: nobody is texted more often because a gateway says nothing.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from bank.context import Order, Unit
from bank.db import alone
from bank.execution import execute
from bank.history.eventstore import load
from bank.outcomes import find
from bank.recorded import Origin
from customers import sms
from customers.context import CUSTOMERS
from customers.domain.confirmation import CONFIRMATION, NoteSent, why_not
from customers.domain.mobile import MOBILE, RequestText

SAID = "Your code is {}. Tell it to nobody; the bank never asks for it by telephone."


class NotDelivered(Exception):
    """The code has not left; the sentence says what helps."""


@dataclass(frozen=True, slots=True)
class Text:
    """A code that was asked for. `number` is in E.164, `mobile_key` its keyed hash."""

    customer_id: str
    code_id: str
    number: str
    mobile_key: str
    code: str
    origin: Origin


def deliver(text: Text, *, again: bool, now_s: int) -> None:
    """Raises `NotDelivered`. `again` says that it may have left before."""
    sent = uuid5(UUID(text.code_id), "sent")
    with alone(CUSTOMERS.name, f"text {text.code_id}") as taken:
        if not taken:
            raise NotDelivered("The code is being sent at this moment.")
        if again:
            if find(CUSTOMERS, sent):
                return
            require_good(text, now_s)
            count(text, now_s)
        try:
            sms.send(text.number, SAID.format(text.code))
        except sms.NotSent as error:
            raise NotDelivered("The code could not be sent. Try again with the same key.") from error
        note = Order(CONFIRMATION, text.customer_id, NoteSent(text.customer_id, text.code_id))
        execute(CUSTOMERS, [Unit(note, id=sent, origin=text.origin)])


def require_good(text: Text, now_s: int) -> None:
    confirmation, _ = load(CUSTOMERS, CONFIRMATION, text.customer_id)
    if confirmation.code_id != text.code_id or why_not(confirmation, text.mobile_key, now_s):
        raise NotDelivered("The code was not sent, and is good no longer. Ask for another one, with another key.")


def count(text: Text, now_s: int) -> None:
    (result,) = execute(CUSTOMERS, [Unit(Order(MOBILE, text.mobile_key, RequestText(now_s)), origin=text.origin)])
    if result.outcome == "refused":
        raise NotDelivered(result.reason)
