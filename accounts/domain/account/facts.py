"""What has happened to an account, and how it stands after it.

Amounts are minor units of the account's currency (cents for EUR, yen for JPY) and always positive: the event says the
direction. `contra` names the other leg in the chart of accounts. `booked_on` is the business date; the kernel notes
when it was recorded. `reference` is what the customer reads: it may name people, so it is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, assert_never

from accounts.domain.chart import CASH, FEES_EARNED, INTEREST_EARNED, INTEREST_PAID, AccountKind
from accounts.domain.freezes import NOT_FROZEN, Freezes, Reason, Side, ended, frozen, lifted
from accounts.domain.interest import NO_TERMS, NOTHING_ACCRUED, Accrued, Terms, accrue, day_after
from bank.decider import Personal

Status = Literal["open", "dormant", "closed"]

# Facts.


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    customer_id: str
    kind: AccountKind
    currency: str
    iban: str
    branch: str
    overdraft_limit_minor: int
    opened_on: date
    interest_bps: int = 0
    overdraft_bps: int = 0
    monthly_fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """From `changed_on` on; until then what was agreed before counts."""

    account_id: str
    interest_bps: int
    overdraft_bps: int
    monthly_fee_minor: int
    currency: str
    changed_on: date


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    """`counterparty` is the account at the other end of a transfer inside the bank.

    `refund_id` says which refund of the process this is, `reverses` which version of the account this takes back;
    `by_owner`: the account's own customer paid it, from another account of his.
    """

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: Personal = ""
    counterparty: str | None = None
    refund_id: str | None = None
    reverses: int | None = None
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    """`unarranged`: the balance went below what was arranged, with an operator's permission. `automatic`: nobody asked
    for it that day, but a standing order or the bank."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: Personal = ""
    counterparty: str | None = None
    unarranged: bool = False
    reverses: int | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class FundsHeld:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str
    expires_on: date
    reference: Personal = ""


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """The hold ends and `amount_minor` is debited, which may be less or more than was held.

    `held_minor` is what was still on hold for it: nothing when the hold had been released before. Its reference is the
    hold's.
    """

    account_id: str
    hold_id: str
    process_id: str
    amount_minor: int
    held_minor: int
    currency: str
    contra: str
    booked_on: date
    unarranged: bool


@dataclass(frozen=True, slots=True)
class HoldReleased:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldDeclined:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    account_id: str
    side: Side
    because: Reason


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    """What was frozen for this reason; where none is said, as was usual once, for whatever reason."""

    account_id: str
    side: Side
    because: Reason | None = None


@dataclass(frozen=True, slots=True)
class OverdraftArranged:
    account_id: str
    overdraft_limit_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class InterestAccrued:
    """All that has accrued through the end of this day and is not posted, in the units of `interest`."""

    account_id: str
    accrued_on: date
    credit_units: int
    debit_units: int


@dataclass(frozen=True, slots=True)
class InterestPosted:
    """What was rounded and posted; the units are what stays accrued."""

    account_id: str
    posted_on: date
    credit_minor: int
    debit_minor: int
    currency: str
    credit_units: int
    debit_units: int


@dataclass(frozen=True, slots=True)
class FeeAssessed:
    """A month's fee. `due_minor` is what the account could not bear, of this and of earlier ones."""

    account_id: str
    amount_minor: int
    currency: str
    assessed_on: date
    due_minor: int


@dataclass(frozen=True, slots=True)
class FeesCollected:
    """Fees that fell due before."""

    account_id: str
    amount_minor: int
    currency: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class AccountBecameDormant:
    account_id: str
    customer_id: str
    since: date


@dataclass(frozen=True, slots=True)
class AccountReactivated:
    account_id: str
    customer_id: str
    reactivated_on: date


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """`waived_minor` is what was due in fees and is given up."""

    account_id: str
    customer_id: str
    closed_on: date
    waived_minor: int
    currency: str


Event = (
    AccountOpened
    | TermsChanged
    | MoneyCredited
    | MoneyDebited
    | FundsHeld
    | HoldCaptured
    | HoldReleased
    | AccountFrozen
    | AccountUnfrozen
    | OverdraftArranged
    | HoldDeclined
    | InterestAccrued
    | InterestPosted
    | FeeAssessed
    | FeesCollected
    | AccountBecameDormant
    | AccountReactivated
    | AccountClosed
)

# State: only what the decisions need.


@dataclass(frozen=True, slots=True)
class Account:
    """`is_open` says that it has been opened, also of one that was closed since.

    `holds` are the open ones: hold id → amount on hold. `by_the_bank` is what was booked against each ledger account in
    `BY_THE_BANK` since the account was opened, negative for what was taken. `fee_on` is the last day a fee was
    assessed, `active_on` the last on which the customer himself moved money, `reversed` the versions taken back.
    """

    is_open: bool = False
    is_closed: bool = False
    is_dormant: bool = False
    customer_id: str | None = None
    kind: AccountKind = "savings"
    currency: str = ""
    balance_minor: int = 0
    overdraft_limit_minor: int = 0
    holds: Mapping[str, int] = field(default_factory=dict)
    by_the_bank: Mapping[str, int] = field(default_factory=dict)
    freezes: Freezes = NOT_FROZEN
    terms: Terms = NO_TERMS
    accrued: Accrued = NOTHING_ACCRUED
    fees_due_minor: int = 0
    fee_on: date = date.min
    active_on: date = date.min
    reversed: tuple[int, ...] = ()

    @property
    def status(self) -> Status:
        if self.is_closed:
            return "closed"
        return "dormant" if self.is_dormant else "open"

    @property
    def held_minor(self) -> int:
        return sum(self.holds.values())

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor + self.overdraft_limit_minor

    def overdrawn_by(self, debit_minor: int) -> bool:
        """Whether a debit takes the balance below what was arranged."""
        return self.balance_minor - debit_minor < -self.overdraft_limit_minor


def evolve(account: Account, event: Event) -> Account:
    match event:
        case AccountOpened():
            return Account(
                is_open=True,
                customer_id=event.customer_id,
                kind=event.kind,
                currency=event.currency,
                overdraft_limit_minor=event.overdraft_limit_minor,
                terms=Terms(event.interest_bps, event.overdraft_bps, event.monthly_fee_minor),
                accrued=Accrued(event.opened_on),
                active_on=event.opened_on,
            )
        case MoneyCredited(amount_minor=amount):
            return booked(account, event, amount)
        case MoneyDebited(amount_minor=amount):
            return booked(account, event, -amount)
        case HoldCaptured(hold_id=hold_id, amount_minor=amount):
            return booked(without(account, hold_id), event, -amount)
        case FundsHeld(hold_id=hold_id, amount_minor=amount):
            return replace(account, holds={**account.holds, hold_id: amount})
        case HoldReleased(hold_id=hold_id):
            return without(account, hold_id)
        case AccountFrozen(side=side, because=reason):
            return replace(account, freezes=frozen(account.freezes, side, reason))
        case AccountUnfrozen(side=side, because=reason):
            return replace(account, freezes=lifted(account.freezes, side, reason))
        case OverdraftArranged(overdraft_limit_minor=limit):
            return replace(account, overdraft_limit_minor=limit)
        case HoldDeclined():
            return account
        case TermsChanged():
            terms = Terms(event.interest_bps, event.overdraft_bps, event.monthly_fee_minor)
            return replace(account, accrued=accrued_until(account, event.changed_on), terms=terms)
        case InterestAccrued():
            accrued = Accrued(day_after(event.accrued_on), event.credit_units, event.debit_units)
            return replace(account, accrued=accrued)
        case InterestPosted(credit_units=credit, debit_units=debit):
            return replace(account, accrued=replace(account.accrued, credit_units=credit, debit_units=debit))
        case FeeAssessed(assessed_on=day, due_minor=due):
            return replace(account, fee_on=day, fees_due_minor=due)
        case FeesCollected(amount_minor=amount):
            return replace(account, fees_due_minor=account.fees_due_minor - amount)
        case AccountBecameDormant():
            return replace(account, is_dormant=True)
        case AccountReactivated():
            return replace(account, is_dormant=False)
        case AccountClosed():
            left = replace(account, freezes=ended(account.freezes), terms=NO_TERMS, overdraft_limit_minor=0)
            return replace(left, is_closed=True, fees_due_minor=0)
        case _:
            assert_never(event)


Booked = MoneyCredited | MoneyDebited | HoldCaptured

BY_THE_BANK = frozenset({INTEREST_PAID, INTEREST_EARNED, FEES_EARNED})
"""What is booked against these is not the customer's doing."""


def booked(account: Account, event: Booked, amount_minor: int) -> Account:
    """Until the day of the posting the balance before it bears interest."""
    reverses = None if isinstance(event, HoldCaptured) else event.reverses
    return replace(
        account,
        balance_minor=account.balance_minor + amount_minor,
        by_the_bank=with_own(account.by_the_bank, event.contra, amount_minor),
        accrued=accrued_until(account, event.booked_on) if account.terms.bear_interest else account.accrued,
        active_on=max(account.active_on, event.booked_on) if is_customers_doing(event) else account.active_on,
        reversed=account.reversed if reverses is None else (*account.reversed, reverses),
    )


def with_own(sums: Mapping[str, int], contra: str, amount_minor: int) -> Mapping[str, int]:
    return {**sums, contra: sums.get(contra, 0) + amount_minor} if contra in BY_THE_BANK else sums


def is_customers_doing(event: Event) -> bool:
    """Cash at the counter, what he pays, and what he moves between his own accounts. Not what others pay him, nor what
    comes and goes by itself."""
    match event:
        case MoneyCredited():
            return (event.contra == CASH or event.by_owner) and event.reverses is None
        case MoneyDebited():
            return event.contra not in BY_THE_BANK and not event.automatic and event.reverses is None
        case HoldCaptured():
            return True
        case _:
            return False


def accrued_until(account: Account, day: date) -> Accrued:
    """With the days before this one, at the balance as it stands."""
    return accrue(account.accrued, account.balance_minor, account.terms, day)


def without(account: Account, hold_id: str) -> Account:
    return replace(account, holds={key: held for key, held in account.holds.items() if key != hold_id})
