"""What customers read: sentences without the names of ledger accounts."""

import pytest

from accounts.domain.chart import CHART
from bankview.activity import sentence
from bankview.inbound import accounts

CAME_IN = {
    ("cash", ""): "1.00 EUR paid in",
    ("cash", "Salary"): "1.00 EUR paid in: Salary",
    ("other-banks", "rent {}"): "1.00 EUR from another bank: rent {}",
    ("transfer-clearing", "lunch"): "Transfer of 1.00 EUR from another account: lunch",
    ("card-settlement", "Bookshop"): "Refund of 1.00 EUR from Bookshop",
    ("interest-paid", ""): "Interest of 1.00 EUR",
    ("transit:loan-disbursements", "Loan paid out"): None,
    ("what-comes-later", ""): "1.00 EUR came in",
}
WENT_OUT = {
    ("cash", ""): "1.00 EUR paid out",
    ("other-banks", ""): "1.00 EUR to another bank",
    ("transfer-clearing", "lunch"): "Transfer of 1.00 EUR to another account: lunch",
    ("interest-earned", ""): "Interest of 1.00 EUR charged",
    ("fees-earned", "March"): "Fee of 1.00 EUR: March",
    ("transit:loan-repayments", "Repayment of loan"): None,
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
