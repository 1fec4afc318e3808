"""What several decisions about an account require."""

from accounts.domain.account.facts import Account
from bank.decider import Refused
from bank.money import MAX_MINOR


def require_open(account: Account) -> None:
    require_known(account)
    if account.is_closed:
        raise Refused("account_closed", "The account has been closed.")


def require_known(account: Account) -> None:
    """Open or closed: what the bank gave its word for reaches a closed account too."""
    if not account.is_open:
        raise Refused("account_not_open", "There is no open account with this number.")


def require_owner(account: Account, customer_id: str | None) -> None:
    if customer_id is not None and customer_id != account.customer_id:
        raise Refused("not_your_account", "The account belongs to another customer.")


def require_amount(account: Account, amount_minor: int, currency: str) -> None:
    if not 0 < amount_minor <= MAX_MINOR:
        raise Refused("invalid_amount", "An amount is positive and not larger than the bank books.")
    require_currency(account, currency)


def require_currency(account: Account, currency: str) -> None:
    if currency != account.currency:
        raise Refused("currency_mismatch", "The account is kept in another currency.")
