"""Files of payments over HTTP: taken whole, executed afterwards, and what became of each line."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from rest_framework import serializers

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.payment_file import PAYMENT_FILE, AcceptPaymentFile
from accounts.payment_files import pain, sheet
from accounts.payment_files.intake import Faulty, Intake, Malformed
from accounts.payment_files.lines import Line, command_id, file_id, in_parts
from accounts.payment_files.report import OUTCOMES, Told, report
from bank.context import Attachment, Order
from bank.history import attachments
from bank.history.sealing import Erased
from bank.http.commands import Asked, Do
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import acting_for, listing_for, visible
from bank.http.problems import Problem, bad_request, refused
from bank.http.schemas import Body, MoneyOut, Text, as_money
from bank.http.uploads import Upload, upload
from bank.http.views import BankView

MAX_BYTES = 128 * 2**20
FILE_AT = "/api/v1/payment-files/{paymentfile}"
XML, CSV = "application/xml", "text/csv"
OF_CSV = {"account_id", "message_id", "lines", "total"}


class PaymentFileQuery(Body):
    customer_id = serializers.UUIDField(required=False, help_text="The signed-in customer unless given.")
    account_id = serializers.UUIDField(required=False, help_text="text/csv: the account that pays.")
    message_id = Text(required=False, help_text="text/csv: the customer's name for the file.")
    lines = serializers.IntegerField(
        required=False, min_value=1, help_text="text/csv: how many payments there are; another count is refused."
    )
    total = serializers.RegexField(
        r"\A[0-9]{1,15}(\.[0-9]{1,4})?\Z",
        required=False,
        help_text="text/csv: what they sum to, as a decimal; another sum is refused.",
        error_messages={"invalid": 'A total is a decimal string such as "12.34".'},
    )


class PaymentFilesFilter(Body):
    customer_id = serializers.UUIDField(
        required=False, help_text="Unless given, the signed-in customer; for operators, all."
    )


class LinesFilter(Body):
    outcome = serializers.ChoiceField(OUTCOMES, required=False)


class PaymentFileOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    message_id = serializers.CharField()
    format = serializers.ChoiceField(["pain001", "csv"])
    status = serializers.ChoiceField(["accepted", "executing", "completed", "given_up"])
    lines = serializers.IntegerField()
    executed = serializers.IntegerField(help_text="How many of the lines; they are executed in order.")
    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    amount = MoneyOut(help_text="The sum of all lines.")
    accepted_amount = MoneyOut(help_text="The sum of the lines accepted so far.")
    booked_on = serializers.DateField()
    received_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    version = serializers.IntegerField()


def file_out(file: queries.PaymentFileRow) -> dict[str, Any]:
    return {
        "id": file.pk,
        "customer_id": file.customer_id,
        "message_id": file.message_id,
        "format": file.format,
        "status": file.status,
        "lines": file.lines,
        "executed": file.through,
        "accepted": file.accepted,
        "refused": file.refused,
        "amount": as_money(file.amount_minor, file.currency),
        "accepted_amount": as_money(file.accepted_minor, file.currency),
        "booked_on": file.accepted_on,
        "received_at": file.received_at,
        "changed_at": file.changed_at,
        "version": file.version,
    }


class PaymentLineOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1, in the order of the file.")
    outcome = serializers.ChoiceField(OUTCOMES)
    code = serializers.CharField(allow_blank=True, help_text="Why it was refused.")
    reason = serializers.CharField(allow_blank=True)
    transfer_id = serializers.UUIDField(allow_null=True, help_text="The transfer that it became.")
    from_account_id = serializers.UUIDField(allow_null=True, help_text="Null where the line cannot be read any more.")
    iban = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    amount = MoneyOut(allow_null=True)
    reference = serializers.CharField(allow_null=True)
    end_to_end_id = serializers.CharField(allow_null=True)


def line_out(file: queries.PaymentFileRow, told: Told) -> dict[str, Any]:
    line = told.line
    return {
        "number": told.number,
        "outcome": told.outcome,
        "code": told.code,
        "reason": told.reason,
        "transfer_id": command_id(file.pk, told.number) if told.outcome == "accepted" else None,
        "from_account_id": line and line.account_id,
        "iban": line and line.iban,
        "name": line and line.name,
        "amount": line and as_money(line.amount_minor, file.currency),
        "reference": line and line.reference,
        "end_to_end_id": line and line.end_to_end_id,
    }


class PaymentFiles(BankView):
    @upload(ACCOUNTS, PaymentFileQuery, [XML, CSV], location=FILE_AT, max_bytes=MAX_BYTES)
    def post(self, asked: Asked, file: Upload) -> Do:
        """Send a file of payments.

        ISO 20022 pain.001.001.09, or CSV (UTF-8, a header row) with the columns `iban`, `amount`, `currency` and, if
        you like, `name`, `reference`, `end_to_end_id`. At most 100,000 payments in one currency, from accounts of one
        customer, to be executed at once. A file with a fault is refused whole, and `errors` says where, a hundred at
        most; so is a message id that came before. What is accepted is executed line by line.

        A document says itself how many payments there are and what they sum to; for CSV say it in `lines` and `total`,
        so that a file that was cut off is not taken for a shorter one.
        """
        customer_id = acting_for(asked.principal, asked.body.get("customer_id"))
        intake = Intake("csv" if file.content_type == CSV else "pain001", localdate())
        lines = opened(customer_id, intake, asked, file)
        attachment = sealed(customer_id, in_parts(lines), file)
        with explained():
            intake.end()
        id = file_id(customer_id, intake.message_id)
        accept = AcceptPaymentFile(
            file_id=id,
            customer_id=customer_id,
            message_id=intake.message_id,
            format=intake.format,
            lines=intake.lines,
            amount_minor=intake.amount_minor,
            currency=intake.currency,
            digest=attachment.digest,
            accepted_on=queries.booking_day(),
        )
        return Do(Order(PAYMENT_FILE, id, accept), attachments=(attachment,))

    @listing(PaymentFileOut, PaymentFilesFilter)
    def get(self, wanted: Wanted) -> Page:
        """The files of a customer, the newest first; for operators, of all unless one is named."""
        customer_id = listing_for(wanted.principal, wanted.filters.get("customer_id"))
        before = None
        if wanted.after:
            before = datetime.fromisoformat(wanted.after[0]), wanted.after[1]
        rows = queries.payment_files(customer_id=customer_id, before=before, limit=wanted.fetch)
        shown = [file_out(row) for row in rows]
        return wanted.page(shown, key=lambda row: (row["received_at"].isoformat(), str(row["id"])))


class PaymentFile(BankView):
    @read(PaymentFileOut)
    def get(self, wanted: Wanted, file_id: UUID) -> Shown:
        """One file of payments, and how far it has come."""
        file = known_file(wanted, file_id)
        return Shown(file_out(file), version=file.version)


class PaymentFileLines(BankView):
    @listing(PaymentLineOut, LinesFilter)
    def get(self, wanted: Wanted, file_id: UUID) -> Page:
        """What became of each line, in the order of the file.

        With `outcome` a page may be short, or empty, though `next` says that others follow.
        """
        file = known_file(wanted, file_id)
        after = wanted.after[0] if wanted.after else 0
        found = report(file, after=after, outcome=wanted.filters.get("outcome"), limit=wanted.limit)
        return Page([line_out(file, told) for told in found.told], None if found.next is None else (found.next,))


def opened(customer_id: str, intake: Intake, asked: Asked, file: Upload) -> Iterator[Line]:
    accounts = queries.paying_accounts(customer_id)
    if file.content_type == XML:
        if said := OF_CSV & asked.body.keys():
            alone = {name: ["For text/csv alone."] for name in said}
            raise bad_request("invalid", "The document says this itself.", **alone)
        return pain.read(file.content, intake, accounts)
    missing = {name: ["Required for text/csv."] for name in ("account_id", "message_id") if name not in asked.body}
    if missing:
        raise bad_request("invalid", "Some fields are wrong.", **missing)
    intake.named(asked.body["message_id"], "message_id")
    own = {account.id: account for account in accounts.values()}
    if (account := own.get(str(asked.body["account_id"]))) is None:
        raise bad_request("invalid", "Some fields are wrong.", account_id=["The customer has no such account."])
    total = asked.body.get("total")
    return sheet.read(
        file.content, intake, account, count=asked.body.get("lines"), total=None if total is None else Decimal(total)
    )


def sealed(customer_id: str, parts: Iterable[str], file: Upload) -> Attachment:
    """Reads the whole file, in the end."""
    try:
        with explained():
            return attachments.seal("accounts", customer_id, parts, file.scratch)
    except Erased as error:
        raise refused("customer_erased", "The customer has been erased: nothing more is written about him.") from error


@contextmanager
def explained() -> Iterator[None]:
    """What is wrong with the file, as a problem."""
    try:
        yield
    except Malformed as error:
        raise bad_request("payment_file_malformed", str(error)) from error
    except Faulty as error:
        raise Problem(400, "payment_file_invalid", "Nothing of the file was accepted.", errors=error.faults) from error


def known_file(wanted: Wanted, file_id: UUID) -> queries.PaymentFileRow:
    return visible(wanted.principal, queries.payment_file(file_id))
