"""A statement as ISO 20022 camt.053.001.08, bank to customer statement.

What was booked is told by bank transaction codes (ISO 20022 external code sets, domain/family/sub-family). The booking
date is the value date too: this bank values money on the day on which it books it.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID, uuid5

from pyiso20022.camt import camt_053_001_08 as camt
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from accounts.domain.chart import (
    CARD_SETTLEMENT,
    CASH,
    DUE_FROM_LOANS,
    FEES_EARNED,
    INTEREST_EARNED,
    INTEREST_PAID,
    TRANSFER_CLEARING,
    TRANSIT,
)
from accounts.statements.statement import Entry, Line, Statement
from bank.money import to_decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
STATEMENTS = UUID("5a8e3f0e-54a0-5d8f-9a53-4b7b6f0a0d53")
"""The namespace of statement numbers: the same account and dates are the same statement."""

REFERENCE_LENGTH = 140
NOT_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF))
"""What XML 1.0 has no place for; control characters no reference has."""

CREDIT, DEBIT = camt.CreditDebitCode.CRDT, camt.CreditDebitCode.DBIT

CODES = {
    CASH: (("PMNT", "CNTR", "CDPT"), ("PMNT", "CNTR", "CWDL")),
    TRANSFER_CLEARING: (("PMNT", "RCDT", "BOOK"), ("PMNT", "ICDT", "BOOK")),
    CARD_SETTLEMENT: (("PMNT", "CCRD", "RIMB"), ("PMNT", "CCRD", "POSD")),
    TRANSIT["card-payments"]: (("PMNT", "CCRD", "RIMB"), ("PMNT", "CCRD", "POSD")),
    TRANSIT["bill-payments"]: (("PMNT", "RCDT", "BOOK"), ("PMNT", "ICDT", "BOOK")),
    TRANSIT["loan-disbursements"]: (("LDAS", "CSLN", "DDWN"), ("LDAS", "CSLN", "NTAV")),
    TRANSIT["loan-repayments"]: (("LDAS", "CSLN", "NTAV"), ("LDAS", "CSLN", "PPAY")),
    DUE_FROM_LOANS: (("LDAS", "CSLN", "DDWN"), ("LDAS", "CSLN", "PPAY")),
    INTEREST_PAID: (("ACMT", "MCOP", "INTR"), ("ACMT", "MDOP", "INTR")),
    INTEREST_EARNED: (("ACMT", "MCOP", "INTR"), ("ACMT", "MDOP", "INTR")),
    FEES_EARNED: (("ACMT", "MCOP", "CHRG"), ("ACMT", "MDOP", "CHRG")),
}
"""By the other ledger account: what a credit is, and what a debit is. Whatever is not here is "not available"."""

NOT_AVAILABLE = (("PMNT", "NTAV", "NTAV"), ("PMNT", "NTAV", "NTAV"))


def as_camt053(statement: Statement, *, message_id: UUID, created_at: datetime) -> bytes:
    """The XML document. `message_id` is another each time it is made; the statement's own number is not."""
    config = SerializerConfig(indent="  ", encoding="UTF-8")
    document = camt.Document(
        bk_to_cstmr_stmt=camt.BankToCustomerStatementV08(
            grp_hdr=camt.GroupHeader81(msg_id=message_id.hex, cre_dt_tm=XmlDateTime.from_datetime(created_at)),
            stmt=[account_statement(statement, created_at)],
        )
    )
    return XmlSerializer(config=config).render(document, ns_map={None: NAMESPACE}).encode()


def account_statement(statement: Statement, created_at: datetime) -> camt.AccountStatement9:
    number = uuid5(STATEMENTS, f"{statement.account_id}/{statement.from_on}/{statement.to_on}")
    return camt.AccountStatement9(
        id=number.hex,
        cre_dt_tm=XmlDateTime.from_datetime(created_at),
        fr_to_dt=camt.DateTimePeriod1(
            fr_dt_tm=XmlDateTime.from_datetime(datetime.combine(statement.from_on, time.min, UTC)),
            to_dt_tm=XmlDateTime.from_datetime(datetime.combine(statement.to_on, time(23, 59, 59), UTC)),
        ),
        acct=camt.CashAccount39(id=camt.AccountIdentification4Choice(iban=statement.iban), ccy=statement.currency),
        bal=[
            balance("OPBD", statement.opening_minor, statement.currency, statement.from_on),
            balance("CLBD", statement.closing_minor, statement.currency, statement.to_on),
        ],
        txs_summry=summary(statement),
        ntry=[entry(line, statement.currency) for line in statement.lines],
    )


def balance(code: str, minor: int, currency: str, on: date) -> camt.CashBalance8:
    return camt.CashBalance8(
        tp=camt.BalanceType13(cd_or_prtry=camt.BalanceType10Choice(cd=code)),
        amt=amount(minor, currency),
        cdt_dbt_ind=DEBIT if minor < 0 else CREDIT,
        dt=day(on),
    )


def summary(statement: Statement) -> camt.TotalTransactions6:
    credits = [line for line in statement.lines if line.entry.amount_minor > 0]
    return camt.TotalTransactions6(
        ttl_ntries=camt.NumberAndSumOfTransactions4(nb_of_ntries=str(len(statement.lines))),
        ttl_cdt_ntries=total(len(credits), statement.credited_minor, statement.currency),
        ttl_dbt_ntries=total(len(statement.lines) - len(credits), statement.debited_minor, statement.currency),
    )


def total(number: int, minor: int, currency: str) -> camt.NumberAndSumOfTransactions1:
    return camt.NumberAndSumOfTransactions1(nb_of_ntries=str(number), sum=Decimal(to_decimal(minor, currency)))


def entry(line: Line, currency: str) -> camt.ReportEntry10:
    booked = line.entry
    return camt.ReportEntry10(
        ntry_ref=str(booked.version),
        amt=amount(booked.amount_minor, currency),
        cdt_dbt_ind=DEBIT if booked.amount_minor < 0 else CREDIT,
        sts=camt.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=day(booked.booked_on),
        val_dt=day(booked.booked_on),
        bk_tx_cd=code(booked),
        ntry_dtls=[camt.EntryDetails9(tx_dtls=[details(booked)])],
    )


def code(booked: Entry) -> camt.BankTransactionCodeStructure4:
    credit, debit = CODES.get(booked.contra, NOT_AVAILABLE)
    domain, family, sub_family = debit if booked.amount_minor < 0 else credit
    return camt.BankTransactionCodeStructure4(
        domn=camt.BankTransactionCodeStructure5(
            cd=domain, fmly=camt.BankTransactionCodeStructure6(cd=family, sub_fmly_cd=sub_family)
        )
    )


def details(booked: Entry) -> camt.EntryTransaction10:
    process = booked.process_id.hex if booked.process_id else None
    reference = booked.reference.translate(NOT_IN_XML)[:REFERENCE_LENGTH]
    return camt.EntryTransaction10(
        refs=camt.TransactionReferences6(acct_svcr_ref=process or str(booked.version), end_to_end_id=process),
        rltd_pties=parties(booked),
        rmt_inf=camt.RemittanceInformation16(ustrd=[reference]) if reference else None,
    )


def parties(booked: Entry) -> camt.TransactionParties6 | None:
    if booked.counterparty_iban is None:
        return None
    other = camt.CashAccount38(id=camt.AccountIdentification4Choice(iban=booked.counterparty_iban))
    if booked.amount_minor < 0:
        return camt.TransactionParties6(cdtr_acct=other)
    return camt.TransactionParties6(dbtr_acct=other)


def amount(minor: int, currency: str) -> camt.ActiveOrHistoricCurrencyAndAmount:
    return camt.ActiveOrHistoricCurrencyAndAmount(value=Decimal(to_decimal(abs(minor), currency)), ccy=currency)


def day(on: date) -> camt.DateAndDateTime2Choice:
    return camt.DateAndDateTime2Choice(dt=XmlDate.from_date(on))
