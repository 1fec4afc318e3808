"""An account's history for tests, with the uninteresting parts filled in."""

from datetime import date

from accounts.domain.account_facts import AccountOpened, FundsHeld, MoneyCredited
from accounts.domain.chart import AccountKind

DAY = date(2026, 3, 2)
LATER = date(2026, 3, 9)


def opened(*, overdraft_minor: int = 0, kind: AccountKind = "current", currency: str = "EUR") -> AccountOpened:
    return AccountOpened("a1", "c1", kind, currency, "MT97DEMO00001601536045272385522", "00001", overdraft_minor, DAY)


def credited(amount_minor: int) -> MoneyCredited:
    return MoneyCredited("a1", amount_minor, "EUR", "cash", DAY)


def held(amount_minor: int, hold_id: str = "h1") -> FundsHeld:
    return FundsHeld("a1", hold_id, amount_minor, "EUR", LATER)
