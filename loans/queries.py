"""All reads of Loans: what customers and operators are shown, and whether the books agree."""

from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from bank.context import Check
from bank.db import cursor as open_cursor
from loans.domain.postings import ACCOUNTS, INTEREST, PRINCIPAL
from loans.domain.schedule import Instalment, Parts, annuity, paid
from loans.models import Loan, Repayment

LoanRow: TypeAlias = Loan
RepaymentRow: TypeAlias = Repayment

# Loans and repayments.


def loan(loan_id: UUID | str) -> Loan | None:
    return Loan.objects.filter(pk=loan_id).first()


def loans(
    *, customer_id: str | None, status: str | None = None, after: tuple[Any, ...] | None, limit: int
) -> list[Loan]:
    """By id; of one customer or of all, in one status or in any."""
    found = Loan.objects.order_by("id")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if status is not None:
        found = found.filter(status=status)
    if after is not None:
        found = found.filter(id__gt=after[0])
    return list(found[:limit])


def repayment(repayment_id: UUID | str) -> Repayment | None:
    return Repayment.objects.filter(pk=repayment_id).first()


def repayments(loan_id: UUID | str, *, after: tuple[Any, ...] | None, limit: int) -> list[Repayment]:
    found = Repayment.objects.filter(loan_id=loan_id).order_by("id")
    if after is not None:
        found = found.filter(id__gt=after[0])
    return list(found[:limit])


def schedule(loan: Loan, starts_on: date) -> list[tuple[Instalment, Parts]]:
    """Each instalment with what has been paid of it; as it would be from `starts_on` while the loan is not paid out."""
    instalments = annuity(loan.principal_minor, loan.rate_bps, loan.term_months, loan.disbursed_on or starts_on)
    return list(paid(instalments, loan.paid_principal_minor + loan.paid_interest_minor))


# Whether the books agree.

BALANCES = """
    balances as (
        select name, currency, sum(amount)::bigint as balance
        from (
            select debit as name, currency, amount_minor as amount from loans_posting
            union all
            select credit, currency, -amount_minor from loans_posting
        ) legs
        group by name, currency
    )
"""

BOOKS = f"""
    with {BALANCES},
    folded as (
        select state::json->>'currency' as currency,
               sum((state::json->>'principal_minor')::bigint - (state::json->>'paid_minor')::bigint)::bigint as owed
        from bank_head where stream like 'loan-%%' and state::json->>'disbursed_on' is not null
        group by 1
    ),
    shown as (
        select currency, sum(principal_minor - paid_principal_minor)::bigint as principal,
               sum(paid_interest_minor)::bigint as interest
        from loans_loan where disbursed_on is not null
        group by 1
    ),
    ledger as (
        select currency,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as principal,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as interest,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as accounts,
               sum(balance)::bigint as total
        from balances group by 1
    ),
    together as (
        select currency, coalesce(l.principal, 0) as principal, coalesce(l.interest, 0) as interest,
               coalesce(l.accounts, 0) as accounts, coalesce(l.total, 0) as total, coalesce(f.owed, 0) as owed,
               coalesce(s.principal, 0) as shown_principal, coalesce(s.interest, 0) as shown_interest
        from ledger l full join folded f using (currency) full join shown s using (currency)
    )
    select 'trial balance', currency, total from together
    union all
    select 'due-to-accounts against the folded loans', currency, -accounts - owed from together
    union all
    select 'principal-receivable against the loans shown', currency, principal - shown_principal from together
    union all
    select 'interest-earned against the loans shown', currency, -interest - shown_interest from together
    order by 1, 2
"""  # noqa: S608


def books() -> list[Check]:
    """What must always agree, per currency: read in one statement, so it holds while the bank is open."""
    rows = _rows(BOOKS, PRINCIPAL, INTEREST, ACCOUNTS)
    return [Check(name, off_minor, currency) for name, currency, off_minor in rows]


def due_to_accounts() -> dict[str, int]:
    """What Loans owes Accounts, per currency: what Accounts is owed by Loans, once no message is on its way."""
    rows = _rows(f"with {BALANCES} select currency, -balance from balances where name = %s", ACCOUNTS)  # noqa: S608
    return dict(rows)


def _rows(statement: str, *params: Any) -> list[Any]:
    with open_cursor("loans") as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
