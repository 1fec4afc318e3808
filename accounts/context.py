"""Everything Accounts decides, shows and hears."""

from bank.context import Context

ACCOUNTS = Context(name="accounts")
