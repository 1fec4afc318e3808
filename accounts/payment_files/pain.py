"""Payments as ISO 20022 pain.001.001.09, customer credit transfer initiation.

The document is read in one pass: each part is typed by the schema's classes when it ends and forgotten, so that memory
does not grow with the file. No part is larger than 64 kB; a document with a DTD is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyiso20022.pain import pain_001_001_09 as pain
from xsdata.exceptions import ConverterWarning, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler

from accounts.iban import known_iban
from accounts.payment_files.intake import Asked, Intake, Malformed
from accounts.payment_files.lines import Line, Own

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LARGEST_PART = 65_536
CHUNK = 16_384

Shape = TypeVar("Shape")


class Part:
    """The file, which ends when one part of the document is larger than any honest one."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content
        self.since = 0

    def read(self, _size: int = -1) -> bytes:
        self.since += CHUNK
        if self.since > LARGEST_PART + CHUNK:
            raise Malformed(f"A part of the document is larger than {LARGEST_PART} bytes.")
        return self.content.read(CHUNK)

    def done(self) -> None:
        self.since = 0


@dataclass(slots=True)
class Paying:
    """One payment information: who pays, and what was counted before it."""

    account: Own | None
    lines: int | None
    total: Any
    since: tuple[int, int]


def read(content: IO[bytes], intake: Intake, accounts: dict[str, Own]) -> Iterator[Line]:
    """The lines in their order, as long as nothing is wrong. Raises Malformed, and Faulty after many faults."""
    try:
        yield from _Document(Part(content), intake, accounts).lines()
    except (DefusedXmlException, ParseError) as error:
        raise Malformed("The document is not well-formed XML without a DTD.") from error
    except (ParserError, ConverterWarning) as error:
        raise Malformed(f"Payment {intake.lines + 1}: the document does not follow {NAMESPACE}.") from error


class _Document:
    def __init__(self, source: Part, intake: Intake, accounts: dict[str, Own]) -> None:
        self.source, self.intake, self.accounts = source, intake, accounts
        self.path: list[Element] = []
        self.head: pain.GroupHeader85 | None = None
        self.paying: Paying | None = None

    def lines(self) -> Iterator[Line]:
        for event, element in iterparse(self.source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                self.begins(element)
            else:
                yield from self.ends(element)
        if self.head is None:
            raise Malformed("There is no group header.")
        self.intake.promised(("GrpHdr.NbOfTxs", "GrpHdr.CtrlSum"), int(self.head.nb_of_txs), self.head.ctrl_sum)

    def begins(self, element: Element) -> None:
        depth = len(self.path)
        if depth < len(PLACES) and element.tag not in PLACES[depth]:
            raise Malformed(f"The document does not follow {NAMESPACE}.")
        if element.tag == TRANSFER and depth == 3 and self.paying is None:
            self.paying = self.pays(self.path[2])
        self.path.append(element)

    def ends(self, element: Element) -> Iterator[Line]:
        self.path.pop()
        match len(self.path), element.tag:
            case 3, tag if tag == TRANSFER:
                assert self.paying is not None
                asked = typed(element, pain.CreditTransferTransaction34)
                self.forget(element)
                yield from self.intake.line(self.paying.account, payment(asked))
            case 2, tag if tag == HEAD:
                self.headed(typed(element, pain.GroupHeader85))
                self.forget(element)
            case 2, _:
                self.paid()
                self.forget(element)

    def forget(self, element: Element) -> None:
        self.path[-1].remove(element)
        self.source.done()

    def headed(self, head: pain.GroupHeader85) -> None:
        if self.head is not None:
            raise Malformed("There are two group headers.")
        self.head = head
        if not head.nb_of_txs.isdecimal() or len(head.nb_of_txs) > 15:
            raise Malformed("NbOfTxs is a number.")
        self.intake.named(head.msg_id, "GrpHdr.MsgId")

    def pays(self, element: Element) -> Paying:
        """What stands before the first transfer says who pays them all, and when."""
        if self.head is None:
            raise Malformed("The group header comes first.")
        shell = Element(element.tag)
        shell.extend(child for child in element if child.tag != TRANSFER)
        said = typed(shell, pain.PaymentInstruction30)
        place = f"PmtInf.{said.pmt_inf_id[:35]}"
        if said.pmt_mtd is not pain.PaymentMethod3Code.TRF:
            self.intake.fault(f"{place}.PmtMtd", "Only TRF, a credit transfer.")
        self.intake.due(f"{place}.ReqdExctnDt", asked_for(said.reqd_exctn_dt))
        account = self.accounts.get(known_iban(said.dbtr_acct.id.iban or "") or "")
        if account is None:
            self.intake.fault(f"{place}.DbtrAcct", "The customer has no account with this IBAN.")
        lines = int(said.nb_of_txs) if said.nb_of_txs and said.nb_of_txs.isdecimal() else None
        return Paying(account, lines, said.ctrl_sum, (self.intake.lines, self.intake.amount_minor))

    def paid(self) -> None:
        if self.paying is None:
            raise Malformed("A payment information has at least one transfer.")
        at = "PmtInf.NbOfTxs", "PmtInf.CtrlSum"
        self.intake.promised(at, self.paying.lines, self.paying.total, self.paying.since)
        self.paying = None


def tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


HEAD, TRANSFER = tag("GrpHdr"), tag("CdtTrfTxInf")
PLACES = ((tag("Document"),), (tag("CstmrCdtTrfInitn"),), (HEAD, tag("PmtInf")))
"""What may stand at the first depths of the document."""


def made(shape: type[Shape], said: dict[str, Any]) -> Shape:
    try:
        return shape(**said)
    except TypeError as error:
        raise ParserError(f"{shape.__name__} is not complete.") from error


PARSER = XmlParser(config=ParserConfig(class_factory=made, fail_on_converter_warnings=True), handler=XmlEventHandler)


def typed(element: Element, shape: type[Shape]) -> Shape:
    return PARSER.parse(element, shape)


def asked_for(when: pain.DateAndDateTime2Choice) -> date:
    said = when.dt or when.dt_tm
    if said is None:
        raise Malformed("ReqdExctnDt is a date.")
    try:
        return date(said.year, said.month, said.day)
    except ValueError as error:
        raise Malformed("ReqdExctnDt is a date.") from error


def payment(transfer: pain.CreditTransferTransaction34) -> Asked:
    amount = transfer.amt.instd_amt
    account = transfer.cdtr_acct
    return Asked(
        iban=(account.id.iban if account else None) or "",
        amount=str(amount.value) if amount else "",
        currency=amount.ccy if amount else "",
        name=(transfer.cdtr.nm if transfer.cdtr else None) or "",
        reference=" ".join(transfer.rmt_inf.ustrd) if transfer.rmt_inf else "",
        end_to_end_id=transfer.pmt_id.end_to_end_id,
    )
