"""Sending notices by e-mail, through Django's own backend: written down before, and honestly after.

What leaves the bank cannot be taken back, so it comes last: a notice is asked for when its process has ended, its
message id is committed before the server is spoken to, and whatever happens then is written down as what it is.
"""

import logging
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string
from django.utils.timezone import now

from bank.context import Order, Unit
from bank.decider import ERASED
from bank.execution import execute
from bank.money import to_decimal
from bank.outcomes import Result
from bank.recorded import Origin
from customers import queries
from customers.context import CUSTOMERS
from customers.domain.notices import NOTICES, BeginNotice, Command, EndNotice, Outcome, PutNoticeOff

log = logging.getLogger(__name__)

BATCH = 100
LOST_AFTER = timedelta(minutes=5)
"""Who began to send and has said nothing for so long, has died."""

SENDER = Origin("service:notifications")

TEXTS = {
    "payment_settled": "Your card payment of {amount} was settled.",
    "payment_declined": "Your card payment of {amount} was declined ({code}).",
    "bill_paid": "Your credit card bill was paid: {amount}.",
    "bill_declined": "{amount} for your credit card bill could not be paid ({code}).",
    "loan_disbursed": "Your loan of {amount} was paid out.",
    "repayment_declined": "A repayment of {amount} could not be collected ({code}).",
    "instalment_overdue": "An instalment of your loan is overdue: {amount}.",
    "mobile_number_changed": "Your mobile number was changed. Was it not you? Tell the bank at once.",
}
"""What each kind of notice says. Nothing of it is stored: amounts are in the event, names nowhere."""


def send_notices() -> int:
    """Send what waits, each once; how many left. Several may do it at once."""
    for notice in queries.notices_lost(before=now() - LOST_AFTER):
        _say(notice, EndNotice(str(notice.pk), str(notice.customer_id), "unknown", "sender_died"))
    return sum(map(_send, queries.notices_due(now(), limit=BATCH)))


def _send(notice: queries.NoticeRow) -> bool:
    """Whether it left."""
    id, customer_id = str(notice.pk), str(notice.customer_id)
    message_id = f"<{uuid4()}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"
    if _say(notice, BeginNotice(id, customer_id, message_id)).outcome != "applied":
        return False  # somebody else has it
    customer = queries.customer(customer_id)
    if customer is None or customer.email == ERASED:
        _say(notice, EndNotice(id, customer_id, "failed", "no_address"))
        return False
    done = _post(mail(notice, customer.email, message_id))
    if isinstance(done, str):
        _say(notice, PutNoticeOff(id, customer_id, done))
        return False
    _say(notice, EndNotice(id, customer_id, *done))
    return done[0] == "sent"


def mail(notice: queries.NoticeRow, address: str, message_id: str) -> EmailMessage:
    amount = f"{to_decimal(notice.amount_minor, notice.currency)} {notice.currency}" if notice.currency else ""
    text = TEXTS[notice.kind].format(amount=amount, code=notice.code.replace("_", " "))
    return EmailMessage("A notice from your bank", text, None, [address], headers={"Message-ID": message_id})


def _post(message: EmailMessage) -> str | tuple[Outcome, str]:
    """What became of it; a code alone where it certainly did not leave and may later."""
    connection: BaseEmailBackend = import_string(settings.EMAIL_BACKEND)()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        return type(error).__name__
    try:
        connection.send_messages([message])
    except (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError) as error:
        code = _code(error)
        return f"smtp_{code}" if code < 500 else ("failed", f"smtp_{code}")
    except (OSError, SMTPException) as error:
        log.warning("a notice may have left, or not: %s", type(error).__name__)
        return "unknown", type(error).__name__
    finally:
        _close(connection)
    return "sent", ""


def _close(connection: BaseEmailBackend) -> None:
    """What the server says to the goodbye changes nothing."""
    try:
        connection.close()
    except (OSError, SMTPException) as error:
        log.info("the mail server left before the goodbye: %s", type(error).__name__)


def _code(error: SMTPException) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, SMTPResponseException) else 500


def _say(notice: queries.NoticeRow, command: Command) -> Result:
    unit = Unit(Order(NOTICES, str(notice.customer_id), command), id=uuid4(), origin=SENDER)
    return execute(CUSTOMERS, [unit])[0]
