"""Sending notices by e-mail, through Django's own backend: written down before, and honestly after.

What leaves the bank cannot be taken back, so it comes last: a notice is asked for when its process has ended, its
message id is committed before the server is spoken to, and whatever happens then is written down as what it is.
"""

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.timezone import now

from bank.context import Order, Unit
from bank.db import alone
from bank.decider import ERASED
from bank.execution import execute
from bank.history.eventstore import load
from bank.money import to_decimal
from bank.outcomes import Result
from bank.recorded import Origin
from customers import queries
from customers.context import CUSTOMERS
from customers.domain import mail_server
from customers.domain.mail_server import MAIL_SERVER, THE_SERVER, NoteAnswer, NoteFailure
from customers.domain.notices import NOTICES, BeginNotice, Command, EndNotice, PutNoticeOff
from customers.letterbox import Letterbox, Posted, Unreachable

log = logging.getLogger(__name__)

BATCH = 100
LOOK_S = 60
"""So long new mails are begun at a time: a slow server holds up a worker, and nothing that is killed with it."""
LOST_AFTER = timedelta(minutes=5)
"""Who began to send and has said nothing for so long, has died."""

AT_IT = "customers: sending notices"
SENDER = Origin("service:notifications")

TEXTS = {
    "payment_settled": "Your card payment of {amount} was settled.",
    "payment_declined": "Your card payment of {amount} was declined ({code}).",
    "bill_paid": "Your credit card bill was paid: {amount}.",
    "bill_declined": "{amount} for your credit card bill could not be paid ({code}).",
    "loan_disbursed": "Your loan of {amount} was paid out.",
    "repayment_declined": "A repayment of {amount} could not be collected ({code}).",
    "collection_stopped": "Nothing more is collected for your loan ({code}). Name another account or repay by hand.",
    "instalment_overdue": "An instalment of your loan is overdue: {amount}.",
    "email_changed": "Your e-mail address was changed. Was it not you? Tell the bank at once.",
    "mobile_number_changed": "Your mobile number was changed. Was it not you? Tell the bank at once.",
}
"""What each kind of notice says. Nothing of it is stored: amounts are in the event, names nowhere."""


def send_notices(at: datetime | None = None) -> int:
    """Send what waits, each once; how many left. One does it at a time: who comes meanwhile leaves it to him.

    All go over one connection. Where the server is not there nothing is begun, and sending rests.
    """
    with alone("customers", AT_IT) as mine:
        return _look(at or now()) if mine else 0


def _look(at: datetime) -> int:
    for notice in queries.notices_lost(before=at - LOST_AFTER):
        _say(notice, EndNotice(str(notice.pk), str(notice.customer_id), "unknown", "sender_died"))
    server, _ = load(CUSTOMERS, MAIL_SERVER, THE_SERVER)
    if at.timestamp() < server.rests_until_s or not (due := queries.notices_due(at, limit=BATCH)):
        return 0
    with closing(Letterbox()) as letterbox:
        posted, trouble = _post_each(letterbox, due)
    if server.failures and any(not one.in_trouble for one in posted):
        _tell(NoteAnswer())
    if trouble:
        log.warning("the mail server is in trouble, sending rests: %s", trouble)
        _tell(NoteFailure(trouble, int(at.timestamp())))
    return sum(one.outcome == "sent" for one in posted)


def _post_each(letterbox: Letterbox, due: Sequence[queries.NoticeRow]) -> tuple[list[Posted], str]:
    """What became of them, until the server was in trouble or the time was up; and the code of that trouble."""
    posted: list[Posted] = []
    until = monotonic() + LOOK_S
    for notice in due:
        if monotonic() >= until:
            break
        try:
            letterbox.make_ready()
        except Unreachable as unreachable:
            return posted, str(unreachable)
        one = _send(letterbox, notice)
        if one is not None:
            posted.append(one)
        if one is not None and one.in_trouble:
            return posted, one.code
    return posted, ""


def _send(letterbox: Letterbox, notice: queries.NoticeRow) -> Posted | None:
    """What became of it; None where no mail was sent."""
    id, customer_id = str(notice.pk), str(notice.customer_id)
    message_id = f"<{uuid4()}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"
    if _say(notice, BeginNotice(id, customer_id, message_id)).outcome != "applied":
        return None  # somebody else has it
    address = _address(notice)
    if address is None or address == ERASED:
        _say(notice, EndNotice(id, customer_id, "failed", "no_address"))
        return None
    posted = letterbox.post(mail(notice, address, message_id))
    if posted.outcome == "later":
        _say(notice, PutNoticeOff(id, customer_id, posted.code))
    else:
        _say(notice, EndNotice(id, customer_id, posted.outcome, posted.code))
    return posted


def _address(notice: queries.NoticeRow) -> str | None:
    if notice.former is not None:
        former = queries.notice(notice.former)
        return None if former is None else former.address
    customer = queries.customer(notice.customer_id)
    return None if customer is None else notice.address or customer.email


def mail(notice: queries.NoticeRow, address: str, message_id: str) -> EmailMessage:
    amount = f"{to_decimal(notice.amount_minor, notice.currency)} {notice.currency}" if notice.currency else ""
    text = TEXTS[notice.kind].format(amount=amount, code=notice.code.replace("_", " "))
    return EmailMessage("A notice from your bank", text, None, [address], headers={"Message-ID": message_id})


def _tell(command: mail_server.Command) -> None:
    execute(CUSTOMERS, [Unit(Order(MAIL_SERVER, THE_SERVER, command), id=uuid4(), origin=SENDER)])


def _say(notice: queries.NoticeRow, command: Command) -> Result:
    unit = Unit(Order(NOTICES, str(notice.customer_id), command), id=uuid4(), origin=SENDER)
    return execute(CUSTOMERS, [unit])[0]
