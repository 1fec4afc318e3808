"""The end of an account."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.account.facts import Account, AccountClosed, Event, accrued_until
from accounts.domain.account.rules import require_open, require_owner
from bank.decider import Refused

# Orders.


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """`customer_id`, if given, must be the account's. `waive_fees`: an operator gives up what is due in fees."""

    account_id: str
    closed_on: date
    customer_id: str | None = None
    waive_fees: bool = False


# Decisions.


def close_account(account: Account, command: CloseAccount) -> list[Event]:
    require_open(account)
    require_owner(account, command.customer_id)
    if account.freezes.by_legal_order:
        raise Refused("account_under_legal_order", "A legal order freezes the account: it stays until that is lifted.")
    if account.holds:
        raise Refused("holds_open", "Card payments are under way: the account can be closed when they have ended.")
    if account.balance_minor:
        raise Refused("balance_not_zero", "There is money on the account, or owed on it.")
    accrued = accrued_until(account, command.closed_on)
    if accrued.credit_minor or accrued.debit_minor:
        raise Refused("interest_not_posted", "Interest has accrued: settle it, and pay it out, before closing.")
    if account.fees_due_minor and not command.waive_fees:
        raise Refused("fees_due", "Fees are due: settle them before closing.")
    return [
        AccountClosed(
            account_id=command.account_id,
            customer_id=account.customer_id or "",
            closed_on=command.closed_on,
            waived_minor=account.fees_due_minor,
            currency=account.currency,
        )
    ]
