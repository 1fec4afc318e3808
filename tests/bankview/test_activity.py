"""What customers read: sentences without the names of ledger accounts."""

import pytest

from accounts.domain.chart import CHART
from bankview.activity import sentence
from bankview.inbound import accounts, cards

CAME_IN = {
    ("cash", ""): "1.00 EUR paid in",
    ("cash", "Salary"): "1.00 EUR paid in: Salary",
    ("other-banks", "rent {}"): "1.00 EUR from another bank: rent {}",
    ("transfer-clearing", "lunch"): "Transfer of 1.00 EUR from another account: lunch",
    ("card-settlement", "Bookshop"): "Refund of 1.00 EUR from Bookshop",
    ("interest-paid", ""): "Interest of 1.00 EUR",
    ("transit:loan-disbursements", "Loan paid out"): None,
    ("transit:bill-payments", ""): None,
    ("what-comes-later", ""): "1.00 EUR came in",
}
WENT_OUT = {
    ("cash", ""): "1.00 EUR paid out",
    ("other-banks", ""): "1.00 EUR to another bank",
    ("transfer-clearing", "lunch"): "Transfer of 1.00 EUR to another account: lunch",
    ("interest-earned", ""): "Interest of 1.00 EUR charged",
    ("fees-earned", "March"): "Fee of 1.00 EUR: March",
    ("transit:loan-repayments", "Repayment of loan"): None,
    ("transit:bill-payments", "Credit card bill"): None,
    ("what-comes-later", ""): "1.00 EUR went out",
}


@pytest.mark.parametrize(("contra", "reference"), CAME_IN)
def test_what_came_in_is_said_in_plain_words(contra: str, reference: str) -> None:
    credited = accounts.MoneyCredited(1_00, "EUR", contra, reference=reference)
    assert sentence(credited) == CAME_IN[contra, reference]


@pytest.mark.parametrize(("contra", "reference"), WENT_OUT)
def test_what_went_out_is_said_in_plain_words(contra: str, reference: str) -> None:
    debited = accounts.MoneyDebited(1_00, "EUR", contra, reference=reference)
    assert sentence(debited) == WENT_OUT[contra, reference]


@pytest.mark.parametrize("contra", CHART)
def test_no_sentence_names_a_ledger_account(contra: str) -> None:
    for event in (accounts.MoneyCredited(1_00, "EUR", contra), accounts.MoneyDebited(1_00, "EUR", contra)):
        assert contra == "cash" or contra not in (sentence(event) or "")


def test_a_bill_is_told_of_from_the_asking_to_the_end() -> None:
    told = {
        cards.BillPaymentRequested("b1", 1_00, "EUR"): "1.00 EUR of your card's bill asked from your account",
        cards.BillPaymentApplied("b1", 1_00, "EUR"): "1.00 EUR of your card's bill paid",
        cards.CardPayoutSettled("y1", 1_00, "EUR"): "1.00 EUR that the bank owed on your card was paid to your account",
        cards.CardPayoutDeclined("y1", 1_00, "EUR", "account_frozen"): (
            "1.00 EUR that the bank owes on your card could not be paid to your account (account frozen)"
        ),
        cards.BillPaymentDeclined("b1", 1_00, "EUR", "insufficient_funds"): (
            "1.00 EUR of your card's bill could not be paid (insufficient funds)"
        ),
        cards.BillPaymentRefunded(
            "b1", 1_00, "EUR", "no_answer"
        ): "1.00 EUR for your card's bill came back (no answer)",
        cards.BillPaymentRefunded("b1", 1_00, "EUR", "no_answer", by_hand=True): (
            "1.00 EUR for your card's bill could not be given back: the bank sees to it (no answer)"
        ),
    }
    assert {event: sentence(event) for event in told} == told
    assert sentence(cards.BillPaymentRejected("b1", "no_answer")) is None
