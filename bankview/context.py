"""Everything Bankview decides, shows and hears."""

from bank.context import Context

BANKVIEW = Context(name="bankview")
