"""Bill payments that cannot be given back, or never cleared: what retrying mends, and what two people do."""

import pytest

import bankview.queries
from tests.flows.credit_cards.test_bill_payments import all_is_well, debtor, nobody_answers_in_time
from tests.flows.customers.test_erasure import retry_parked
from tests.flows.harness import Bank
from tests.flows.harness.stories import eur
from tests.flows.loans.test_loans import another_operator
from tests.flows.test_in_trouble import (
    in_suspense,
    in_transit,
    the_deadline_passes,
    two_move_to_suspense,
    unable_to_say,
    waiting,
)

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def test_a_bill_payment_that_cannot_be_given_back_stands_in_transit_until_it_can(bank: Bank) -> None:
    anna = debtor(bank, bank.flow)
    with unable_to_say("accounts", "TransitReturned.v1"):
        with bank.without("cards"):
            payment_id = anna.pays("full")
            bank.flow()
            nobody_answers_in_time(bank)
        bank.flow()
        for _ in range(3):
            retry_parked()
        assert waiting("accounts") == [("cards.BillPaymentRejected.v1", 3)]
        assert (in_transit(), anna.balance()) == ([("bill-payments", 60_00)], "40.00")
        the_deadline_passes()
        assert bankview.queries.overdue() == 1
    retry_parked()
    bank.catch_up()
    assert anna.ended(payment_id) == ("refunded", "no_answer", "refunded")
    assert (in_transit(), anna.balance(), anna.owes()) == ([], "100.00", "60.00")
    all_is_well()


def test_a_bill_payment_that_can_never_be_given_back_is_resolved_by_two_people(bank: Bank) -> None:
    """The card waits for it no longer, and two people give the customer's money back out of suspense."""
    anna = debtor(bank, bank.flow)
    with unable_to_say("accounts", "MoneyCredited.v1"):
        with bank.without("cards"):
            payment_id = anna.pays("full")
            bank.flow()
            nobody_answers_in_time(bank)
        bank.flow()
        retry_parked()
        assert waiting("accounts") == [("cards.BillPaymentRejected.v1", 1)]
        assert in_transit() == [("bill-payments", 60_00)]
        two_move_to_suspense(bank, payment_id)
        retry_parked()
        bank.catch_up()
    assert anna.ended(payment_id) == ("by_hand", "no_answer", "by_hand")
    told = bank.operator.get(f"/customers/{anna.customer_id}/activity")["items"]
    assert "could not be given back" in str(told)
    assert "came back" not in str(told)
    assert (in_suspense(), anna.balance(), anna.owes(), anna.on_its_way()) == ([-60_00], "40.00", "60.00", "0.00")
    wish = {"amount": eur("60.00")}
    bank.operator.made(f"/books/transit/{payment_id}/payout", wish)
    another_operator().made(f"/books/transit/{payment_id}/payout", wish | {"agrees_with": "operator:1"})
    bank.flow()
    assert anna.ended(payment_id) == ("by_hand", "no_answer", "by_hand")
    assert (in_suspense(), anna.balance(), anna.owes()) == ([0], "100.00", "60.00")
    assert "60.00 EUR given back by the bank" in str(bank.operator.get(f"/customers/{anna.customer_id}/activity"))
    all_is_well()


def test_a_bill_payment_that_is_never_cleared_is_resolved_by_two_people(bank: Bank) -> None:
    anna = debtor(bank, bank.flow)
    with unable_to_say("accounts", "TransitCleared.v1", of="due-from-cards"):
        payment_id = anna.pays("full")
        bank.flow()
        retry_parked()
        assert waiting("accounts") == [("cards.BillPaymentApplied.v1", 1)]
        two_move_to_suspense(bank, payment_id)
        retry_parked()
        bank.catch_up()
    assert anna.ended(payment_id) == ("settled", None, "settled")
    assert (in_suspense(), anna.balance(), anna.owes()) == ([0], "40.00", "0.00")
    all_is_well()
