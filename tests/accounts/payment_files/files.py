"""Files of payments for tests, of any length: as lines, as CSV and as pain.001."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from xml.sax.saxutils import escape

from accounts.iban import iban_for
from accounts.payment_files.intake import Asked
from accounts.payment_files.pain import NAMESPACE

TODAY = "2026-03-02"


def payments(to: Sequence[str], count: int, *, amount: str = "1.00") -> Iterator[Asked]:
    """Payments to these accounts, in turn."""
    ibans = [iban_for(account_id) for account_id in to]
    for number in range(count):
        yield Asked(ibans[number % len(ibans)], amount, "EUR", "Ada Byron", f"Invoice {number + 1}", f"E-{number + 1}")


def as_csv(asked: Iterable[Asked]) -> Iterator[bytes]:
    yield b"iban,amount,currency,name,reference,end_to_end_id\r\n"
    for one in asked:
        row = (one.iban, one.amount, one.currency, one.name, one.reference, one.end_to_end_id)
        yield (",".join(row) + "\r\n").encode()


def as_pain(
    asked: Iterable[Asked],
    *,
    pays: str,
    count: int,
    total: Decimal | None = None,
    message_id: str = "M-1",
    due: str = TODAY,
    method: str = "TRF",
) -> Iterator[bytes]:
    """`pays` is the IBAN of who pays; `count` and `total` are what the header says."""
    control = "" if total is None else f"<CtrlSum>{total}</CtrlSum>"
    counted = f"<NbOfTxs>{count}</NbOfTxs>{control}"
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-03-02T09:00:00Z</CreDtTm>{counted}"
        f"<InitgPty><Nm>Ada</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>P-1</PmtInfId><PmtMtd>{method}</PmtMtd>{counted}"
        f"<ReqdExctnDt><Dt>{due}</Dt></ReqdExctnDt><Dbtr><Nm>Ada</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{pays}</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt>"
    ).encode()
    yield from (transfer(one) for one in asked)
    yield b"</PmtInf></CstmrCdtTrfInitn></Document>"


def transfer(asked: Asked) -> bytes:
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{asked.end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{asked.currency}">{asked.amount}</InstdAmt></Amt>'
        f"<Cdtr><Nm>{escape(asked.name)}</Nm></Cdtr><CdtrAcct><Id><IBAN>{asked.iban}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>{escape(asked.reference)}</Ustrd></RmtInf></CdtTrfTxInf>"
    ).encode()


def whole(pieces: Iterable[bytes]) -> bytes:
    return b"".join(chain(pieces))
