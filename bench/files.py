"""Files of payments: reading, checking and sealing one, and executing its lines."""

import resource
import time
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from uuid import UUID, uuid4

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.payment_file import PAYMENT_FILE, AcceptPaymentFile, FileFormat
from accounts.iban import iban_for
from accounts.payment_files import pain, sheet
from accounts.payment_files.execution import execute_files
from accounts.payment_files.intake import Intake
from accounts.payment_files.lines import Own, file_id, in_parts
from bank.context import Attachment, Order, Unit
from bank.execution import execute
from bank.history import attachments
from bank.runtime.postgres import Cluster
from bench.figures import Figure, Run, measure, timed
from bench.ledger import deposit
from bench.raw import Raw
from tests.accounts.payment_files.files import as_csv, as_pain, payments

LINES, MANY = 10_000, 100_000
PAYEES = 200
TODAY = date(2026, 3, 2)


def open_accounts(count: int, customer_id: str) -> list[str]:
    ids = [str(uuid4()) for _ in range(count)]
    opening = [OpenAccount(id, customer_id, "savings", "EUR", iban_for(id), "00001", TODAY) for id in ids]
    execute(ACCOUNTS, [Unit(Order(ACCOUNT, one.account_id, one)) for one in opening])
    return ids


def taken(format: FileFormat, count: int = LINES) -> tuple[float, AcceptPaymentFile, Attachment]:
    """A new customer's file as it comes in: the seconds it took, and what there is to accept."""
    customer_id = str(uuid4())
    [pays, *to] = open_accounts(PAYEES + 1, customer_id)
    execute(ACCOUNTS, [deposit(pays, count * 1_00)])
    content, scratch = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - the attachment reads it later
    asked = payments(to, count)
    content.writelines(
        as_csv(asked) if format == "csv" else as_pain(asked, pays=iban_for(pays), count=count, total=Decimal(count))
    )
    content.seek(0)
    begun, intake, own = time.perf_counter(), Intake(format, TODAY, message_id="M-1"), Own(pays, "EUR")
    lines = sheet.read(content, intake, own) if format == "csv" else pain.read(content, intake, {iban_for(pays): own})
    attachment = attachments.seal("accounts", customer_id, in_parts(lines), scratch)
    intake.end()
    seconds = time.perf_counter() - begun
    id = file_id(customer_id, "M-1")
    totals = (intake.lines, intake.amount_minor, intake.currency)
    return seconds, AcceptPaymentFile(id, customer_id, "M-1", format, *totals, attachment.digest, TODAY), attachment


def accepted(format: FileFormat) -> Figure:
    runs = [LINES / taken(format)[0] for _ in range(3)]
    return Figure(
        f"payment file of {LINES:,} lines read, checked, sealed ({format})",
        "lines/s",
        runs,
        notes=f"at most {peak_mb()} MB",
    )


def executed(cluster: Cluster, raw: Raw) -> list[Figure]:
    """Every line is a transfer: two postings, so the raw limit is half of that of postings."""
    raw_per_s = lambda: raw.bulk_per_s() / 2  # noqa: E731
    short, _ = measure(
        "payment file, lines executed", "lines/s", lambda: execution(cluster, "csv", LINES), raw=raw_per_s
    )
    short.notes += f"; at most {peak_mb()} MB"
    long, _ = measure(
        f"payment file of {MANY:,} lines, executed",
        "lines/s",
        lambda: execution(cluster, "pain001", MANY),
        raw=raw_per_s,
        repeats=1,
    )
    long.notes += f"; at most {peak_mb()} MB"
    return [short, long]


def execution(cluster: Cluster, format: FileFormat, count: int) -> Run:
    _, accept, attachment = taken(format, count)
    execute(ACCOUNTS, [Unit(Order(PAYMENT_FILE, accept.file_id, accept), attachments=(attachment,))])
    with timed(cluster, lambda: count) as runs:
        execute_files(lambda: True)
    file = queries.payment_file(UUID(accept.file_id))
    assert file is not None
    assert file.accepted == count
    return runs[0]


def peak_mb() -> int:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
