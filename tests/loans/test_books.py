"""What the read tables show after a batch, and that the books agree with the folded loans."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.outcomes import Result
from bank.projections.inline import rebuild_inline
from loans import handlers, queries
from loans.context import LOANS
from loans.domain.loan import LOAN, ApplyForLoan
from loans.domain.loan.approval import ApproveLoan, RejectLoan
from loans.domain.loan.origination import ChoosePayoutAccount
from loans.domain.loan.payoff import RequestPayoff
from loans.domain.loan.repayments import RequestRepayment
from loans.domain.loan.write_off import WriteOffLoan
from loans.domain.repayment import REPAYMENT, BeginRepayment
from loans.inbound import (
    CollectionDeclined,
    DebitDeclined,
    MoneyDebited,
    RepaymentCollected,
)
from loans.models import Loan, Posting, Repayment
from tests.loans import steps
from tests.loans.facts import DAY, INSTALMENT, INTEREST, PRINCIPAL

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)


def run(*units: Unit | None) -> list[Result]:
    results = execute(LOANS, [unit for unit in units if unit is not None])
    assert {result.outcome for result in results} <= {"applied", "nothing"}
    return results


def applied(loan_id: str, customer_id: str, account_id: str) -> Unit:
    command = ApplyForLoan(loan_id, customer_id, account_id, "personal", PRINCIPAL, "EUR", 12, DAY, collects=True)
    return Unit(Order(LOAN, loan_id, command))


def approved(loan_id: str) -> Unit:
    return Unit(Order(LOAN, loan_id, ApproveLoan(loan_id, DAY, "operator:1", origination_id=loan_id)))


def disbursed(loan_id: str) -> list[Unit]:
    return steps.coming_about(loan_id, origination_id=loan_id)


def repayment(loan_id: str, customer_id: str, repayment_id: str, amount_minor: int) -> Unit:
    return Unit(
        Order(LOAN, loan_id, RequestRepayment(repayment_id, loan_id, None, amount_minor, "EUR", DAY)),
        Order(REPAYMENT, repayment_id, BeginRepayment(repayment_id, loan_id, customer_id)),
    )


def collected(loan_id: str, repayment_id: str) -> list[Unit | None]:
    """What Accounts says, and what we then hear of ourselves."""
    return [
        handlers.collect(MoneyDebited(handlers.COLLECTED, DAY, repayment_id)),
        handlers.apply_repayment(RepaymentCollected(repayment_id, loan_id, DAY)),
    ]


def active_loan() -> tuple[str, str]:
    loan_id, customer_id = str(uuid4()), str(uuid4())
    run(applied(loan_id, customer_id, str(uuid4())), approved(loan_id))
    run(*disbursed(loan_id))
    return loan_id, customer_id


def ledger() -> dict[tuple[str, str], int]:
    with transaction("loans") as cursor:
        cursor.execute("select debit, credit, sum(amount_minor)::bigint from loans_posting group by 1, 2")
        return {(debit, credit): amount for debit, credit, amount in cursor.fetchall()}


def off() -> list[str]:
    return [f"{check.name} {check.currency} {check.off_minor}" for check in queries.books() if check.off_minor]


def test_a_loan_is_shown_as_its_last_command_left_it() -> None:
    loan_id, customer_id, account_id = str(uuid4()), str(uuid4()), str(uuid4())
    run(applied(loan_id, customer_id, account_id))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, str(shown.customer_id), str(shown.account_id)) == ("applied", customer_id, account_id)
    assert (shown.rate_bps, shown.outstanding_minor, shown.next_due_on, shown.version) == (890, 0, None, 1)


def test_an_active_loan_shows_its_instalment_and_when_the_next_is_due() -> None:
    loan_id, customer_id = active_loan()
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.version, shown.disbursed_on) == ("active", 4, DAY)
    assert (shown.instalment_minor, shown.outstanding_minor) == (INSTALMENT, PRINCIPAL + INTEREST)
    assert shown.next_due_on == date(2026, 2, 28)
    repayment_id = str(uuid4())
    run(repayment(loan_id, customer_id, repayment_id, INSTALMENT), *collected(loan_id, repayment_id))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert shown.next_due_on == date(2026, 3, 31)
    assert shown.on_its_way_minor == 0


def test_a_rejected_loan_shows_on_which_grounds() -> None:
    loan_id = str(uuid4())
    reject = Unit(Order(LOAN, loan_id, RejectLoan(loan_id, DAY, "affordability")))
    run(applied(loan_id, str(uuid4()), str(uuid4())), reject)
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.code) == ("rejected", "affordability")


def test_a_failed_origination_shows_why_until_it_is_approved_again() -> None:
    loan_id, account_id, again = str(uuid4()), str(uuid4()), str(uuid4())
    run(applied(loan_id, str(uuid4()), str(uuid4())), approved(loan_id))
    steps.fail(loan_id, "account_frozen")
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.code) == ("applied", "account_frozen")
    run(Unit(Order(LOAN, loan_id, ChoosePayoutAccount(loan_id, account_id))))
    run(Unit(Order(LOAN, loan_id, ApproveLoan(loan_id, DAY, "operator:1", again))))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.code, str(shown.account_id)) == ("originating", "", account_id)
    assert str(shown.origination_id) == again


def test_paying_out_and_repaying_are_booked_with_both_legs_and_the_books_agree() -> None:
    loan_id, customer_id = active_loan()
    assert ledger() == {("principal-receivable", "due-to-accounts"): PRINCIPAL}
    assert queries.due_to_accounts() == {"EUR": PRINCIPAL}
    repayment_id = str(uuid4())
    run(repayment(loan_id, customer_id, repayment_id, 100_00), *collected(loan_id, repayment_id))
    assert ledger() == {
        ("principal-receivable", "due-to-accounts"): PRINCIPAL,
        ("due-to-accounts", "principal-receivable"): 91_10,
        ("due-to-accounts", "interest-earned"): 8_90,
    }
    assert queries.due_to_accounts() == {"EUR": PRINCIPAL - 100_00}
    assert len(queries.books()) == 8
    assert off() == []


def test_a_loan_repaid_in_full_is_closed_and_leaves_the_interest_earned() -> None:
    loan_id, customer_id = active_loan()
    repayment_id = str(uuid4())
    run(repayment(loan_id, customer_id, repayment_id, PRINCIPAL + INTEREST), *collected(loan_id, repayment_id))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.outstanding_minor, shown.next_due_on) == ("closed", 0, None)
    assert queries.due_to_accounts() == {"EUR": -INTEREST}
    assert off() == []


def test_a_loan_paid_off_early_leaves_the_interest_to_the_day_in_the_books() -> None:
    loan_id, customer_id = active_loan()
    repayment_id, on = str(uuid4()), date(2026, 2, 28)
    payoff = Unit(
        Order(LOAN, loan_id, RequestPayoff(repayment_id, loan_id, None, on)),
        Order(REPAYMENT, repayment_id, BeginRepayment(repayment_id, loan_id, customer_id)),
    )
    run(payoff, *collected(loan_id, repayment_id))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.outstanding_minor, shown.next_due_on) == ("closed", 0, None)
    assert (shown.paid_principal_minor, shown.paid_interest_minor) == (PRINCIPAL, 8_90)
    assert queries.due_to_accounts() == {"EUR": -8_90}
    assert off() == []
    before = shown_rows()
    rebuild()
    assert shown_rows() == before


def test_a_write_off_loses_the_principal_and_a_recovery_is_income() -> None:
    loan_id, customer_id = active_loan()
    repayment_id, on = str(uuid4()), date(2026, 2, 28)
    said = (WriteOffLoan(loan_id, on, "operator:1"), WriteOffLoan(loan_id, on, "operator:2", "operator:1"))
    run(*(Unit(Order(LOAN, loan_id, one)) for one in said))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.outstanding_minor, shown.next_due_on) == ("written_off", PRINCIPAL + 8_90, None)
    assert off() == []
    run(repayment(loan_id, customer_id, repayment_id, 100_00), *collected(loan_id, repayment_id))
    assert ledger() == {
        ("principal-receivable", "due-to-accounts"): PRINCIPAL,
        ("loan-losses", "principal-receivable"): PRINCIPAL,
        ("due-to-accounts", "loan-recoveries"): 100_00,
    }
    shown, paid = queries.loan(loan_id), queries.repayment(repayment_id)
    assert shown is not None
    assert paid is not None
    assert (shown.outstanding_minor, shown.recovered_minor, paid.status) == (PRINCIPAL - 91_10, 100_00, "applied")
    assert off() == []
    before = shown_rows()
    rebuild()
    assert shown_rows() == before
    rest = str(uuid4())
    run(repayment(loan_id, customer_id, rest, PRINCIPAL - 91_10), *collected(loan_id, rest))
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.status, shown.outstanding_minor) == ("closed", 0)
    assert off() == []


def test_the_books_notice_money_that_was_never_lent() -> None:
    active_loan()
    with transaction("loans") as cursor:
        cursor.execute("update loans_posting set amount_minor = amount_minor + 1")
    assert off() == [
        "due-to-accounts and loans-taken-over against the folded loans EUR 1",
        "principal-receivable against the loans shown EUR 1",
    ]


def test_a_repayment_is_shown_from_request_to_end() -> None:
    loan_id, customer_id = active_loan()
    taken, declined = str(uuid4()), str(uuid4())
    run(repayment(loan_id, customer_id, taken, 100_00), repayment(loan_id, customer_id, declined, 50_00))
    asked = queries.repayment(taken)
    assert asked is not None
    assert (asked.status, asked.amount_minor, asked.repaid_on) == ("requested", 100_00, None)
    run(
        *collected(loan_id, taken),
        handlers.decline_collection(DebitDeclined(declined, "insufficient_funds")),
        handlers.decline_repayment(CollectionDeclined(declined, loan_id, "insufficient_funds")),
    )
    ended = {str(one.id): one for one in queries.repayments(loan_id, after=None, limit=10)}
    assert (ended[taken].status, ended[taken].interest_minor, ended[taken].principal_minor) == ("applied", 8_90, 91_10)
    assert (ended[declined].status, ended[declined].code) == ("declined", "insufficient_funds")
    shown = queries.loan(loan_id)
    assert shown is not None
    assert (shown.on_its_way_minor, shown.outstanding_minor) == (0, PRINCIPAL + INTEREST - 100_00)


def test_what_accounts_books_for_others_is_not_ours() -> None:
    assert handlers.collect(MoneyDebited("cash", DAY)) is None


def test_answers_heard_twice_or_before_their_question_change_nothing() -> None:
    loan_id, customer_id = active_loan()
    repayment_id = str(uuid4())
    early = run(*collected(loan_id, repayment_id))
    assert [answer.outcome for answer in early] == ["nothing"] * 2
    run(repayment(loan_id, customer_id, repayment_id, 100_00), *collected(loan_id, repayment_id))
    late = run(
        *collected(loan_id, repayment_id),
        handlers.decline_collection(DebitDeclined(repayment_id, "insufficient_funds")),
        handlers.decline_repayment(CollectionDeclined(repayment_id, loan_id, "insufficient_funds")),
    )
    assert [answer.outcome for answer in late] == ["nothing"] * 4
    assert off() == []


def test_a_whole_life_in_one_batch_is_shown_as_it_ended() -> None:
    loan_id, customer_id, repayment_id = str(uuid4()), str(uuid4()), str(uuid4())
    run(
        applied(loan_id, customer_id, str(uuid4())),
        approved(loan_id),
        *disbursed(loan_id),
        repayment(loan_id, customer_id, repayment_id, PRINCIPAL + INTEREST),
        *collected(loan_id, repayment_id),
    )
    shown, ended = queries.loan(loan_id), queries.repayment(repayment_id)
    assert shown is not None
    assert ended is not None
    assert (shown.status, ended.status) == ("closed", "applied")
    assert off() == []


def test_a_rebuild_of_the_read_tables_gives_the_same_rows() -> None:
    loan_id, customer_id = active_loan()
    rejected, taken, declined = str(uuid4()), str(uuid4()), str(uuid4())
    run(
        applied(rejected, customer_id, str(uuid4())),
        Unit(Order(LOAN, rejected, RejectLoan(rejected, DAY, "documents"))),
        repayment(loan_id, customer_id, taken, 100_00),
        repayment(loan_id, customer_id, declined, 50_00),
        *collected(loan_id, taken),
        handlers.decline_collection(DebitDeclined(declined, "insufficient_funds")),
        handlers.decline_repayment(CollectionDeclined(declined, loan_id, "insufficient_funds")),
    )
    before = shown_rows()
    rebuild()
    assert shown_rows() == before
    assert off() == []


def rebuild() -> None:
    for projection in LOANS.inline_projections:
        rebuild_inline(LOANS, projection)


def shown_rows() -> list[list[Any]]:
    postings = [field.name for field in Posting._meta.fields if field.name != "id"]
    return [
        list(Loan.objects.order_by("id").values()),
        list(Repayment.objects.order_by("id").values()),
        list(Posting.objects.order_by("loan_id", "version", "credit").values(*postings)),
    ]
