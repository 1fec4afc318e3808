"""Everything Cards decides, shows and hears."""

from bank.context import Context

CARDS = Context(name="cards")
