"""The loans of the Berka data set (PKDD'99), taken over as they stood when it was drawn.

The data say what was lent, when and for how many months, and the instalment, which is the amount by the months: no
interest. The money that was lent is on none of the accounts, and what was repaid went from them to another bank; so
neither is booked again. How far a loan was repaid follows from its status: A was repaid whole, C as far as it was due;
B and D were not, and there the repayments count that the transactions show.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from bank.business_day import Report
from bank.context import Order, Unit
from bank.importing import ORIGIN, Imported, Row, count, day, do, fingerprint, id_of, read
from bank.money import to_minor
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan.takeover import MAX_TERM_MONTHS, TakeOverLoan
from loans.domain.schedule import annuity

CURRENCY = "CZK"
DRAWN_ON = date(1998, 12, 31)
PRODUCT = "personal"
REPAYMENT = "UVER"
STANDINGS = {"A": "repaid", "B": "in default", "C": "on schedule", "D": "in default"}


@dataclass(frozen=True, slots=True)
class LoanLine:
    number: str
    account: str
    customer_id: str
    principal_minor: int
    term_months: int
    standing: str
    granted_on: date

    @property
    def loan_id(self) -> str:
        return id_of("loan", self.number)

    @property
    def due_minor(self) -> int:
        """When the data were drawn."""
        schedule = annuity(self.principal_minor, 0, self.term_months, self.granted_on)
        return sum(instalment.amount_minor for instalment in schedule if instalment.due_on <= DRAWN_ON)


def import_books(directory: Path, report: Report) -> Mapping[str, Imported]:
    repaid = repayments(directory)
    units = (taking_over(line, repaid[line.account]) for line in loans(directory))
    return {"loans": do(LOANS, "loans", units, count(directory / "loan.asc"), report)}


def loans(directory: Path) -> Iterator[LoanLine]:
    disposing = read(directory / "disp.asc", lambda row: (row["type"], row["account_id"], row["client_id"]))
    owners = {account: client for type, account, client in disposing if type == "OWNER"}

    def loan(row: Row) -> LoanLine:
        months = int(row["duration"])
        if not 1 <= months <= MAX_TERM_MONTHS:
            raise ValueError(f"a loan over {months} months")
        return LoanLine(
            number=row["loan_id"],
            account=row["account_id"],
            customer_id=id_of("client", owners[row["account_id"]]),
            principal_minor=to_minor(row["amount"], CURRENCY),
            term_months=months,
            standing=STANDINGS[row["status"]],
            granted_on=day(row["date"]),
        )

    return read(directory / "loan.asc", loan)


def repayments(directory: Path) -> Counter[str]:
    """What was repaid from each account: an account has one loan at most."""
    repaid: Counter[str] = Counter()
    lines = read(directory / "trans.asc", lambda row: (row["k_symbol"].strip(), row["account_id"], row["amount"]))
    for symbol, account, amount in lines:
        if symbol == REPAYMENT:
            repaid[account] += to_minor(amount, CURRENCY)
    return repaid


def taking_over(line: LoanLine, shown_minor: int) -> Unit:
    repaid_minor = {"repaid": line.principal_minor, "on schedule": line.due_minor, "in default": shown_minor}
    order = TakeOverLoan(
        loan_id=line.loan_id,
        customer_id=line.customer_id,
        account_id=id_of("account", line.account),
        product=PRODUCT,
        principal_minor=line.principal_minor,
        currency=CURRENCY,
        rate_bps=0,
        term_months=line.term_months,
        disbursed_on=line.granted_on,
        repaid_minor=min(repaid_minor[line.standing], line.principal_minor),
    )
    said = fingerprint(line.account, line.principal_minor, line.term_months, line.standing, line.granted_on)
    return Unit(Order(LOAN, line.loan_id, order), id=UUID(line.loan_id), origin=ORIGIN, fingerprint=said)
