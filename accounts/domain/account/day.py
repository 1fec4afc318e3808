"""What the bank does to an account by itself: interest, fees, dormancy, at the end of a business day.

The bank takes no more than the account can bear: what it cannot stays accrued or due, and is taken later.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.domain.account.facts import (
    Account,
    AccountBecameDormant,
    Event,
    FeeAssessed,
    FeesCollected,
    InterestAccrued,
    InterestPosted,
    MoneyCredited,
    MoneyDebited,
    accrued_until,
    evolve,
)
from accounts.domain.account.rules import require_open
from accounts.domain.chart import FEES_EARNED, INTEREST_EARNED, INTEREST_PAID
from accounts.domain.interest import UNITS_PER_MINOR, day_after, is_month_end, year_after

# Orders.


@dataclass(frozen=True, slots=True)
class EndDay:
    """Accrues the day; at the end of a month posts the interest and charges the fee. Again, it changes nothing."""

    account_id: str
    day: date


@dataclass(frozen=True, slots=True)
class SettleCharges:
    """Posts interest through yesterday and collects the fees that are due, whatever day of the month it is."""

    account_id: str
    today: date


# Decisions.


def end_day(account: Account, command: EndDay) -> list[Event]:
    if not account.is_open or account.is_closed:
        return []
    events = accruing(account, command.account_id, command.day)
    if is_month_end(command.day):
        events += interest(fold(account, events), command.account_id, command.day)
        events += fee(fold(account, events), command.account_id, command.day)
    return events + dormancy(account, command.account_id, command.day)


def settle_charges(account: Account, command: SettleCharges) -> list[Event]:
    require_open(account)
    events = accruing(account, command.account_id, command.today - timedelta(days=1))
    events += interest(fold(account, events), command.account_id, command.today)
    return events + collected_fees(fold(account, events), command.account_id, command.today)


def accruing(account: Account, account_id: str, day: date) -> list[Event]:
    accrued = accrued_until(account, day_after(day))
    before = account.accrued
    if (accrued.credit_units, accrued.debit_units) == (before.credit_units, before.debit_units):
        return []
    return [InterestAccrued(account_id, day, accrued.credit_units, accrued.debit_units)]


def interest(account: Account, account_id: str, day: date) -> list[Event]:
    """Both kinds are rounded each by itself; less than half a minor unit waits for the next time."""
    accrued = account.accrued
    paid = accrued.credit_minor
    charged = min(accrued.debit_minor, bearable(account, paid))
    if not paid and not charged:
        return []
    events: list[Event] = [
        InterestPosted(
            account_id=account_id,
            posted_on=day,
            credit_minor=paid,
            debit_minor=charged,
            currency=account.currency,
            credit_units=0 if paid else accrued.credit_units,
            debit_units=left(accrued.debit_units, accrued.debit_minor, charged),
        )
    ]
    if paid:
        events.append(MoneyCredited(account_id, paid, account.currency, INTEREST_PAID, day))
    if charged:
        events.append(MoneyDebited(account_id, charged, account.currency, INTEREST_EARNED, day))
    return events


def left(units: int, rounded_minor: int, charged_minor: int) -> int:
    """Charged whole, nothing is left; charged in part, what is owed beyond it, unrounded."""
    return 0 if charged_minor == rounded_minor and charged_minor else units - charged_minor * UNITS_PER_MINOR


def fee(account: Account, account_id: str, day: date) -> list[Event]:
    amount = account.terms.monthly_fee_minor
    if not amount or account.fee_on >= day:
        return []
    due = account.fees_due_minor + amount
    charged = min(due, bearable(account))
    events: list[Event] = [FeeAssessed(account_id, amount, account.currency, day, due - charged)]
    return events + ([fees_debited(account, account_id, charged, day)] if charged else [])


def collected_fees(account: Account, account_id: str, day: date) -> list[Event]:
    charged = min(account.fees_due_minor, bearable(account))
    if not charged:
        return []
    collected = FeesCollected(account_id, charged, account.currency, day)
    return [collected, fees_debited(account, account_id, charged, day)]


def fees_debited(account: Account, account_id: str, amount_minor: int, day: date) -> MoneyDebited:
    return MoneyDebited(account_id, amount_minor, account.currency, FEES_EARNED, day)


def bearable(account: Account, coming_minor: int = 0) -> int:
    """What the bank may take: never below what was arranged, and nothing of what is frozen."""
    return 0 if account.freezes.debit else max(0, account.available_minor + coming_minor)


def dormancy(account: Account, account_id: str, day: date) -> list[Event]:
    if account.is_dormant or day < year_after(account.active_on):
        return []
    return [AccountBecameDormant(account_id, account.customer_id or "", day)]


def fold(account: Account, events: list[Event]) -> Account:
    for event in events:
        account = evolve(account, event)
    return account
