"""All reads of Loans: what customers and operators are shown, and whether the books agree."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from bank.context import Check
from bank.db import select
from loans.domain.loan.arrears import BUCKETS, due_between
from loans.domain.postings import ACCOUNTS, FEES, INTEREST, LOSSES, PENALTIES, PRINCIPAL, RECOVERIES, TAKEN_OVER
from loans.domain.schedule import Instalment, Parts, annuity, paid
from loans.models import Loan, Repayment

LoanRow: TypeAlias = Loan
RepaymentRow: TypeAlias = Repayment

# Loans and repayments.


def loan(loan_id: UUID | str) -> Loan | None:
    return Loan.objects.filter(pk=loan_id).first()


def loans(
    *,
    customer_id: str | None,
    status: str | None = None,
    past_due: str | None = None,
    today: date | None = None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Loan]:
    """By id; of one customer or of all, in one status or in any, in one bucket of arrears as of `today` or in any."""
    found = Loan.objects.order_by("id")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if status is not None:
        found = found.filter(status=status)
    if past_due is not None and today is not None:
        found = found.filter(in_bucket(past_due, today))
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


# Arrears.


def days_past_due(loan: Loan, today: date) -> int:
    """Of an active loan's oldest instalment that is not paid in full."""
    if loan.status != "active" or loan.next_due_on is None:
        return 0
    return max((today - loan.next_due_on).days, 0)


@dataclass(frozen=True, slots=True)
class Arrears:
    """The loans of one currency in one bucket: how many, and what is owed of them in minor units."""

    bucket: str
    currency: str
    loans: int
    principal_minor: int
    fee_minor: int
    penalty_minor: int


def arrears(today: date) -> list[Arrears]:
    return [Arrears(bucket, **row) for bucket in BUCKETS for row in _owed_in(bucket, today)]


def _owed_in(bucket: str, today: date) -> Any:
    owed = {
        "loans": Count("pk"),
        "principal_minor": Sum(F("principal_minor") - F("paid_principal_minor")),
        "fee_minor": Sum("fee_minor"),
        "penalty_minor": Sum("penalty_minor"),
    }
    found = Loan.objects.filter(in_bucket(bucket, today)).values("currency")
    # Under names of their own: one that is a column's would be summed in the next.
    named = found.annotate(**{f"sum_{name}": value for name, value in owed.items()}).order_by("currency")
    return [{name.removeprefix("sum_"): value for name, value in row.items()} for row in named]


def in_bucket(bucket: str, today: date) -> Q:
    first, last = due_between(bucket, today)
    due = Q(next_due_on__lte=last) if first is None else Q(next_due_on__range=(first, last))
    return Q(status="active") & due


def past_due(today: date, *, after: str | None, limit: int) -> list[tuple[str, int]]:
    """The loans with an instalment due before this day that is not paid in full, and what is on its way; by id."""
    found = _late(today)
    if after is not None:
        found = found.filter(pk__gt=after)
    rows = found.order_by("pk").values_list("pk", "on_its_way_minor")[:limit]
    return [(str(id), on_its_way_minor) for id, on_its_way_minor in rows]


def to_collect(today: date, *, after: str | None, limit: int) -> list[tuple[str, str]]:
    """The loans of which something is due by this day and is collected from an account, by id, with their customers."""
    return _collected(_due(today), after, limit)


def to_collect_last(today: date, *, after: str | None, limit: int) -> list[tuple[str, str]]:
    """Those whose oldest instalment that is not paid is due on this very day, and that await no answer: what is on its
    way would make the last try a refusal, for that day."""
    return _collected(_due(today).filter(next_due_on=today, on_its_way_minor=0), after, limit)


def _collected(found: "QuerySet[Loan]", after: str | None, limit: int) -> list[tuple[str, str]]:
    if after is not None:
        found = found.filter(pk__gt=after)
    rows = found.order_by("pk").values_list("pk", "customer_id")[:limit]
    return [(str(id), str(customer_id)) for id, customer_id in rows]


def _due(today: date) -> "QuerySet[Loan]":
    return Loan.objects.filter(status="active", collects=True, next_due_on__lte=today)


def count_to_collect(today: date) -> int:
    return _due(today).count()


def count_past_due(today: date) -> int:
    return _late(today).count()


def _late(today: date) -> "QuerySet[Loan]":
    return Loan.objects.filter(status="active", next_due_on__lt=today)


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
               sum((state::json->>'principal_minor')::bigint
                   - (state::json->>'paid_principal_minor')::bigint - (state::json->>'paid_interest_minor')::bigint
                   - (state::json->>'paid_fee_minor')::bigint - (state::json->>'paid_penalty_minor')::bigint
                   - (state::json->>'recovered_minor')::bigint
               )::bigint as owed
        from bank_head where stream like 'loan-%%' and state::json->>'disbursed_on' is not null
        group by 1
    ),
    shown as (
        select currency, sum(principal_minor - paid_principal_minor - written_off_principal_minor)::bigint as principal,
               sum(paid_interest_minor)::bigint as interest,
               sum(paid_fee_minor)::bigint as fees, sum(paid_penalty_minor)::bigint as penalties,
               sum(written_off_principal_minor)::bigint as losses, sum(recovered_minor)::bigint as recoveries
        from loans_loan where disbursed_on is not null
        group by 1
    ),
    ledger as (
        select currency,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as principal,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as interest,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as fees,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as penalties,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as losses,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as recoveries,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as accounts,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as taken_over,
               sum(balance)::bigint as total
        from balances group by 1
    ),
    together as (
        select currency, coalesce(l.principal, 0) as principal, coalesce(l.interest, 0) as interest,
               coalesce(l.accounts, 0) as accounts, coalesce(l.taken_over, 0) as taken_over,
               coalesce(l.total, 0) as total, coalesce(f.owed, 0) as owed,
               coalesce(s.principal, 0) as shown_principal, coalesce(s.interest, 0) as shown_interest,
               coalesce(l.fees, 0) as fees, coalesce(l.penalties, 0) as penalties,
               coalesce(s.fees, 0) as shown_fees, coalesce(s.penalties, 0) as shown_penalties,
               coalesce(l.losses, 0) as losses, coalesce(l.recoveries, 0) as recoveries,
               coalesce(s.losses, 0) as shown_losses, coalesce(s.recoveries, 0) as shown_recoveries
        from ledger l full join folded f using (currency) full join shown s using (currency)
    )
    select 'trial balance', currency, total from together
    union all
    select 'due-to-accounts and loans-taken-over against the folded loans', currency, -accounts - taken_over - owed
    from together
    union all
    select 'principal-receivable against the loans shown', currency, principal - shown_principal from together
    union all
    select 'interest-earned against the loans shown', currency, -interest - shown_interest from together
    union all
    select 'late-fees-earned against the loans shown', currency, -fees - shown_fees from together
    union all
    select 'penalty-interest-earned against the loans shown', currency, -penalties - shown_penalties from together
    union all
    select 'loan-losses against the loans shown', currency, losses - shown_losses from together
    union all
    select 'loan-recoveries against the loans shown', currency, -recoveries - shown_recoveries from together
    order by 1, 2
"""  # noqa: S608


def books() -> list[Check]:
    """What must always agree, per currency: read in one statement, so it holds while the bank is open."""
    rows = select("loans", BOOKS, PRINCIPAL, INTEREST, FEES, PENALTIES, LOSSES, RECOVERIES, ACCOUNTS, TAKEN_OVER)
    return [Check(name, off_minor, currency) for name, currency, off_minor in rows]


def due_to_accounts() -> dict[str, int]:
    """What Loans owes Accounts, per currency: what Accounts is owed by Loans, once no message is on its way."""
    rows = select("loans", f"with {BALANCES} select currency, -balance from balances where name = %s", ACCOUNTS)  # noqa: S608
    return dict(rows)
