"""What no retrying helps: it stands where it is, operators see it, nobody else waits for it; mended, it ends once."""

import pytest

import accounts.queries.ledger
import bankview.queries
import cards.queries
from tests.customers.test_saga_pages import operator
from tests.flows.credit_cards.test_bill_payments import all_is_well
from tests.flows.credit_cards.test_card_payouts import ended, in_credit, wants
from tests.flows.credit_cards.test_credit_cards import pays
from tests.flows.customers.test_erasure import PLANTED, certificate, found, gone, retry_parked
from tests.flows.harness import Bank, promises
from tests.flows.harness.stories import eur
from tests.flows.loans.test_loans import balance, promises_hold
from tests.flows.loans.test_repayments_in_trouble import borrower, repays
from tests.flows.test_in_trouble import refunded, the_deadline_passes, unable_to_say, waiting

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

TRIES = 10


def is_with_people(bank: Bank, context: str, type_: str) -> None:
    """However often it was tried, it stands in this context's queue and is told to operators as overdue."""
    bank.flow()
    for _ in range(TRIES):
        retry_parked()
        bank.flow()
    ((waits, tries),) = waiting(context)
    assert (waits, tries >= TRIES) == (type_, True)
    assert type_ in operator("first").get(f"/admin/{context}/parkedmessage/").content.decode()
    the_deadline_passes()
    assert bankview.queries.overdue() == 1


def mended(bank: Bank) -> None:
    retry_parked()
    bank.flow()
    assert bankview.queries.overdue() == 0


def test_a_refund_that_never_works_is_with_people_until_it_is_mended(bank: Bank) -> None:
    """The card network has given the money back, and no account has it yet."""
    anna, payment_id = refunded(bank)
    with unable_to_say("accounts", "MoneyCredited.v1", of=anna.account_id):
        bank.operator.made(f"/card-payments/{payment_id}/refund")
        is_with_people(bank, "accounts", "cards.CardPaymentRefunded.v1")
        (refund,) = anna.payment(payment_id)["refunds"]
        assert (refund["settled_at"], anna.account()) == (None, ("70.00", "70.00"))
        other = anna.pays("20.00")
        bank.flow()
        assert anna.payment(other)["status"] == "settled"
    mended(bank)
    (refund,) = anna.payment(payment_id)["refunds"]
    assert refund["settled_at"] is not None
    assert anna.account() == ("80.00", "80.00")
    promises.hold()


def owed_by_cards() -> tuple[int, int]:
    """In the books of Cards, and in those of Accounts: they differ by what is on its way."""
    owed = [row.balance_minor for row in accounts.queries.ledger.trial_balance() if row.name == "due-from-cards"]
    return cards.queries.due_to_accounts().get("EUR", 0), sum(owed)


def test_a_payout_that_never_works_is_with_people_until_it_is_mended(bank: Bank) -> None:
    """The card has given the balance up, so its holder does not spend it there; Cards owes it to Accounts."""
    anna = in_credit(bank, bank.flow)
    due, booked = owed_by_cards()
    with unable_to_say("accounts", "MoneyCredited.v1", of=anna.account_id):
        payout_id = wants(anna)
        is_with_people(bank, "accounts", "cards.CardPayoutRequested.v1")
        assert ended(anna, payout_id) == ("requested", None, "")
        assert (anna.balance(), anna.owes()) == ("40.00", "0.00")
        assert owed_by_cards() == (due + 60_00, booked)
        pays(bank, anna.card_id, "30.00")
        bank.flow()
        assert anna.owes() == "30.00"
    mended(bank)
    assert ended(anna, payout_id) == ("settled", None, "settled")
    assert (anna.balance(), anna.owes()) == ("100.00", "30.00")
    in_both = owed_by_cards()
    assert in_both[0] == in_both[1]
    all_is_well()


def test_an_erasure_that_never_works_at_one_is_not_certified_until_it_is_mended(bank: Bank) -> None:
    """The others have forgotten him by then."""
    left = gone(bank)
    with unable_to_say("cards", "CardholderErased.v1"):
        bank.operator.made(f"/customers/{left.customer_id}/erasure")
        bank.flow()
        is_with_people(bank, "cards", "cards.CardholderErasureBegun.v1")
        done = certificate(bank, left.customer_id)
        assert (sorted(done["covered"]), done["certified_at"]) == (["accounts", "loans"], None)
    mended(bank)
    done = certificate(bank, left.customer_id)
    assert (sorted(done["covered"]), done["certified_at"] is not None) == (
        ["accounts", "cards", "customers", "loans"],
        True,
    )
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    promises.hold()


def test_a_release_that_never_works_is_with_people_and_other_repayments_go_on(bank: Bank) -> None:
    """What was declined stays set aside on the loan, so that nobody repays it twice."""
    loan_id, account_id = borrower(bank)
    bank.operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("1300.00")})
    with unable_to_say("loans", "RepaymentDeclined.v1"):
        declined = repays(bank, loan_id, "100.00")
        is_with_people(bank, "loans", "loans.CollectionDeclined.v1")
        bank.operator.made(f"/accounts/{account_id}/deposits", {"amount": eur("50.00")})
        other = repays(bank, loan_id, "50.00")
        bank.flow()
        assert bank.operator.get(f"/operations/{other}")["outcome"] == "repaid"
        assert bank.operator.get(f"/operations/{declined}")["outcome"] == ""
        assert on_its_way(bank, loan_id) == ("100.00", "1208.63")
    mended(bank)
    assert bank.operator.get(f"/operations/{declined}")["outcome"] == "declined"
    assert (on_its_way(bank, loan_id), balance(bank, account_id)) == (("0.00", "1208.63"), "0.00")
    promises_hold()


def on_its_way(bank: Bank, loan_id: str) -> tuple[str, str]:
    """What is set aside on the loan, and what is outstanding."""
    loan = bank.operator.get(f"/loans/{loan_id}")
    return loan["on_its_way"]["amount"], loan["outstanding"]["amount"]
