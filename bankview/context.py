"""Everything Bankview decides, shows and hears."""

from bank.context import Context
from bankview import queries
from bankview.processes import CHOREOGRAPHIES
from bankview.projections import BANK_VIEW
from bankview.tracker import PROCESSES

BANKVIEW = Context(
    name="bankview",
    async_projections=(BANK_VIEW, PROCESSES),
    choreographies=CHOREOGRAPHIES,
    overdue=queries.overdue,
)
