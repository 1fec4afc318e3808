"""Whether a bundle comes from the context it names: payloads are untrusted until its signature has been checked."""

from django.conf import settings

from bank.messaging import messages
from bank.messaging.brokers import Delivery


class Forged(Exception):
    """The signature is not the source's."""


def check(delivery: Delivery) -> None:
    key = settings.MESSAGE_KEYS.get(delivery.source)
    if key is None:
        raise Forged(f"no key is known of {delivery.source!r}")
    if not messages.is_signed(key, delivery.body, delivery.signature):
        raise Forged(f"not signed by {delivery.source}")
