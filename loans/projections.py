"""All writes to Loans' read tables: loans, repayments and postings, a few statements for a whole batch."""

from collections.abc import Iterator, Sequence
from typing import Any

from bank.columns import write
from bank.context import Changed, Cursor, InlineProjection
from bank.decider import ERASED
from bank.history.sealing import forget
from bank.recorded import Recorded
from loans.domain.borrower.erasure import BorrowerErased, BorrowerErasureBegun
from loans.domain.loan import LOAN
from loans.domain.loan import facts as facts
from loans.domain.loan import origination_facts as origination
from loans.domain.loan.facts import Loan
from loans.domain.postings import postings
from loans.domain.schedule import paid

# Loans.

APPLY = """
    insert into loans_loan (id, customer_id, account_id, product, principal_minor, currency, rate_bps, term_months,
        applied_on, late_fee_minor, penalty_bps, collects, status, instalment_minor, outstanding_minor,
        paid_principal_minor, paid_interest_minor, paid_fee_minor, paid_penalty_minor, fee_minor, penalty_minor,
        written_off_principal_minor, recovered_minor, on_its_way_minor, code, first_approval_by, write_off_proposed_by,
        version)
    select u.*, 'applied', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '', 0
    from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::int[], %b::int[],
        %b::date[], %b::bigint[], %b::int[], %b::boolean[]) u
"""

UPDATE = """
    update loans_loan l set version = u.version, status = u.status, account_id = u.account_id,
        disbursed_on = u.disbursed_on, instalment_minor = u.instalment_minor, outstanding_minor = u.outstanding_minor,
        paid_principal_minor = u.paid_principal_minor, paid_interest_minor = u.paid_interest_minor,
        paid_fee_minor = u.paid_fee_minor, paid_penalty_minor = u.paid_penalty_minor, fee_minor = u.fee_minor,
        penalty_minor = u.penalty_minor,
        on_its_way_minor = u.on_its_way_minor, next_due_on = u.next_due_on, code = coalesce(u.code, l.code),
        first_approval_by = u.first_approval_by, write_off_proposed_by = u.write_off_proposed_by,
        written_off_principal_minor = u.written_off_principal_minor, recovered_minor = u.recovered_minor,
        origination_id = u.origination_id, collects = u.collects
    from unnest(%b::uuid[], %b::int[], %b::text[], %b::uuid[], %b::date[], %b::bigint[], %b::bigint[], %b::bigint[],
        %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::date[], %b::text[],
        %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::uuid[], %b::boolean[])
        u(id, version, status, account_id, disbursed_on, instalment_minor, outstanding_minor, paid_principal_minor,
          paid_interest_minor, paid_fee_minor, paid_penalty_minor, fee_minor, penalty_minor, on_its_way_minor,
          next_due_on, code, first_approval_by, write_off_proposed_by, written_off_principal_minor, recovered_minor,
          origination_id, collects)
    where l.id = u.id
"""


def project_loans(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    applied = [_applied(one.event) for one in events if isinstance(one.event, origination.LoanApplied)]
    applied += [_taken_over(one.event) for one in events if isinstance(one.event, facts.LoanTakenOver)]
    write(cursor, APPLY, applied)
    codes = dict(_codes(events))
    loans = [_loan(one, codes.get(one.stream)) for one in changed if one.decider is LOAN]
    write(cursor, UPDATE, loans)


def _applied(loan: origination.LoanApplied) -> tuple[Any, ...]:
    return (
        loan.loan_id,
        loan.customer_id,
        loan.account_id,
        loan.product,
        loan.principal_minor,
        loan.currency,
        loan.rate_bps,
        loan.term_months,
        loan.applied_on,
        loan.late_fee_minor,
        loan.penalty_bps,
        loan.collects,
    )


def _taken_over(loan: facts.LoanTakenOver) -> tuple[Any, ...]:
    return (
        loan.loan_id,
        loan.customer_id,
        loan.account_id,
        loan.product,
        loan.principal_minor,
        loan.currency,
        loan.rate_bps,
        loan.term_months,
        loan.disbursed_on,
        0,
        0,
        False,
    )


def _codes(events: Sequence[Recorded]) -> Iterator[tuple[str, str]]:
    """Why a loan is where it is: the last word of the batch on each."""
    for one in events:
        match one.event:
            case origination.LoanRejected(grounds=grounds):
                yield one.stream, grounds
            case origination.OriginationFailed(code=code) | origination.DisbursementFailed(code=code):
                yield one.stream, code
            case origination.OriginationRequested() | origination.DisbursementRequested():
                yield one.stream, ""


def _loan(one: Changed, code: str | None) -> tuple[Any, ...]:
    loan: Loan = one.state
    instalments = loan.instalments
    return (
        one.key,
        one.version,
        loan.status,
        loan.account_id,
        loan.disbursed_on,
        instalments[0].amount_minor if instalments else 0,
        loan.outstanding_minor,
        loan.paid_principal_minor,
        loan.paid_interest_minor,
        loan.paid_fee_minor,
        loan.paid_penalty_minor,
        loan.fee_minor,
        loan.penalty_minor,
        loan.on_its_way_minor,
        next_due_on(loan),
        code,
        loan.first_approval_by,
        loan.write_off.by,
        loan.written_off_principal_minor,
        loan.recovered_minor,
        loan.origination_id or None,
        loan.collects,
    )


def next_due_on(loan: Loan) -> Any:
    """The day of the oldest instalment that is not paid in full; None when nothing is due."""
    if loan.status != "active":
        return None
    for instalment, parts in paid(loan.instalments, loan.paid_minor):
        if parts.amount_minor < instalment.amount_minor:
            return instalment.due_on
    return None


# Repayments.

REQUEST = """
    insert into loans_repayment (id, loan_id, customer_id, account_id, amount_minor, currency, requested_on,
        requested_at, interest_minor, principal_minor, fee_minor, penalty_minor, status, code)
    select u.*, 0, 0, 0, 0, 'requested', ''
    from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::bigint[], %b::text[], %b::date[],
        %b::timestamptz[]) u
"""

END = """
    update loans_repayment r set status = u.status, interest_minor = u.interest_minor,
        principal_minor = u.principal_minor, fee_minor = u.fee_minor, penalty_minor = u.penalty_minor,
        repaid_on = u.repaid_on, code = u.code
    from unnest(%b::uuid[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::date[], %b::text[])
        u(id, status, interest_minor, principal_minor, fee_minor, penalty_minor, repaid_on, code)
    where r.id = u.id
"""


def project_repayments(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    requested = [_requested(one) for one in events if isinstance(one.event, facts.RepaymentRequested)]
    write(cursor, REQUEST, requested)
    write(cursor, END, list(_ended(events)))


def _requested(one: Recorded) -> tuple[Any, ...]:
    repayment: facts.RepaymentRequested = one.event
    return (
        repayment.repayment_id,
        repayment.loan_id,
        repayment.customer_id,
        repayment.account_id,
        repayment.amount_minor,
        repayment.currency,
        repayment.requested_on,
        one.recorded_at,
    )


def _ended(events: Sequence[Recorded]) -> Iterator[tuple[Any, ...]]:
    for one in events:
        match one.event:
            case facts.LoanRepaid() as e:
                parts = (e.interest_minor, e.principal_minor, e.fee_minor, e.penalty_minor)
                yield e.repayment_id, "applied", *parts, e.repaid_on, ""
            case facts.LoanRecovered() as e:
                yield e.repayment_id, "applied", 0, 0, 0, 0, e.recovered_on, ""
            case facts.RepaymentDeclined() as e:
                yield e.repayment_id, "declined", 0, 0, 0, 0, None, e.code


# Postings.

POST = """
    insert into loans_posting (loan_id, version, type, debit, credit, amount_minor, currency, booked_on, recorded_at)
    select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[],
        %b::date[], %b::timestamptz[])
"""


def project_postings(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    write(cursor, POST, [row for one in events for row in _posted(one)])


def _posted(one: Recorded) -> Iterator[tuple[Any, ...]]:
    match one.event:
        case (
            origination.LoanDisbursed(disbursed_on=day)
            | facts.LoanTakenOver(disbursed_on=day)
            | facts.LoanRepaid(repaid_on=day)
            | facts.LoanWrittenOff(written_off_on=day)
            | facts.LoanRecovered(recovered_on=day)
        ):
            event = one.event
            for leg in postings(event):
                money = (leg.debit, leg.credit, leg.amount_minor, event.currency)
                yield event.loan_id, one.version, one.type, *money, day, one.recorded_at


LOANS_TABLE = InlineProjection(name="loans", tables=("loans_loan",), project=project_loans)
REPAYMENTS_TABLE = InlineProjection(name="repayments", tables=("loans_repayment",), project=project_repayments)
LEDGER = InlineProjection(name="loan-ledger", tables=("loans_posting",), project=project_postings)


# Erasure.

BLANK: tuple[str, ...] = ()
"""Loans keeps nothing personal in plain text."""


def project_erasures(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    for one in events:
        if isinstance(one.event, BorrowerErasureBegun | BorrowerErased):
            for statement in BLANK:
                cursor.execute(statement, (ERASED, one.event.customer_id))
        if isinstance(one.event, BorrowerErased):
            forget(cursor, one.event.customer_id, said_on=one.stream)


ERASURES = InlineProjection(name="loans-erasures", tables=(), project=project_erasures)
