"""Everything Loans decides, shows and hears."""

from bank.context import Context

LOANS = Context(name="loans")
