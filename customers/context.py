"""Everything Customers decides, shows and hears."""

from bank.context import Context

CUSTOMERS = Context(name="customers")
