"""An account's history for tests, with the uninteresting parts filled in."""

from datetime import date

from accounts.domain.account.facts import AccountOpened, FundsHeld, MoneyCredited, MoneyDebited
from accounts.domain.chart import AccountKind
from accounts.domain.interest import NO_TERMS, Terms

DAY = date(2026, 3, 2)
LATER = date(2026, 3, 9)


def opened(
    *,
    overdraft_minor: int = 0,
    kind: AccountKind = "current",
    currency: str = "EUR",
    terms: Terms = NO_TERMS,
    on: date = DAY,
) -> AccountOpened:
    return AccountOpened(
        *("a1", "c1", kind, currency, "MT97DEMO00001601536045272385522", "00001", overdraft_minor, on),
        *(terms.interest_bps, terms.overdraft_bps, terms.monthly_fee_minor),
    )


def credited(amount_minor: int, on: date = DAY, contra: str = "cash") -> MoneyCredited:
    return MoneyCredited("a1", amount_minor, "EUR", contra, on)


def debited(amount_minor: int, on: date = DAY, contra: str = "cash") -> MoneyDebited:
    return MoneyDebited("a1", amount_minor, "EUR", contra, on)


def held(amount_minor: int, hold_id: str = "h1") -> FundsHeld:
    return FundsHeld("a1", hold_id, amount_minor, "EUR", LATER)
