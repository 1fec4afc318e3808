"""Loans that run, over HTTP: repaid, late, paid off, written off."""

from datetime import date
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from bank.http.principal import principal
from loans import handlers
from loans.domain.loan.arrears import BUCKETS, bucket
from loans.inbound import CollectionDeclined as Declined
from loans.inbound import (
    DebitDeclined,
    MoneyDebited,
    RepaymentCollected,
)
from tests.loans import steps
from tests.loans.api.test_api import (
    ACCOUNT,
    CUSTOMER,
    active,
    application,
    applied,
    client,
    euro,
    get,
    hear,
    known_account,
    post,
    signed_in,
)
from tests.loans.facts import DAY

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)


@pytest.fixture(autouse=True)
def account() -> None:
    known_account(ACCOUNT, CUSTOMER)


def test_a_repayment_is_accepted_collected_and_allocated() -> None:
    loan_id = active()
    answer = post(client(CUSTOMER), f"loans/{loan_id}/repayments", {"amount": euro("100.00")})
    repayment_id = answer.json()["id"]
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/loan-repayments/{repayment_id}")
    assert get(client(CUSTOMER), f"loan-repayments/{repayment_id}").json()["status"] == "requested"
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["on_its_way"] == euro("100.00")
    hear(
        handlers.collect(MoneyDebited(handlers.COLLECTED, DAY, repayment_id)),
        handlers.apply_repayment(RepaymentCollected(repayment_id, loan_id, DAY)),
    )
    shown = get(client(CUSTOMER), f"loan-repayments/{repayment_id}").json()
    assert (shown["status"], shown["interest"], shown["principal"]) == ("applied", euro("8.90"), euro("91.10"))
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["outstanding"] == euro("1158.63")
    assert get(client(str(uuid4())), f"loan-repayments/{repayment_id}").status_code == 404


def test_a_declined_repayment_says_why() -> None:
    loan_id = active()
    repayment_id = post(client(CUSTOMER), f"loans/{loan_id}/repayments", {"amount": euro("100.00")}).json()["id"]
    hear(
        handlers.decline_collection(DebitDeclined(repayment_id, "insufficient_funds")),
        handlers.decline_repayment(Declined(repayment_id, loan_id, "insufficient_funds")),
    )
    (shown,) = get(client(CUSTOMER), f"loans/{loan_id}/repayments").json()["items"]
    assert (shown["id"], shown["status"], shown["code"]) == (repayment_id, "declined", "insufficient_funds")


@pytest.mark.parametrize(
    ("amount", "code"),
    [(euro("1258.64"), "overpayment"), ({"amount": "1.00", "currency": "USD"}, "currency_mismatch")],
)
def test_a_repayment_that_does_not_fit_is_refused(amount: dict[str, str], code: str) -> None:
    answer = post(client(CUSTOMER), f"loans/{active()}/repayments", {"amount": amount})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_schedule_is_a_forecast_until_the_loan_is_paid_out() -> None:
    loan_id = applied()
    forecast = get(client(CUSTOMER), f"loans/{loan_id}/schedule").json()
    assert (forecast["is_fixed"], len(forecast["instalments"])) == (False, 12)
    assert {one["status"] for one in forecast["instalments"]} == {"due"}
    hear_paid_out = post(client(), f"loans/{loan_id}/approve")
    assert hear_paid_out.status_code == 202
    steps.pay_out(loan_id)
    fixed = get(client(CUSTOMER), f"loans/{loan_id}/schedule").json()
    assert (fixed["is_fixed"], fixed["total"], fixed["total_interest"]) == (True, euro("1258.63"), euro("58.63"))
    first = fixed["instalments"][0]
    assert (first["due_on"], first["amount"], first["paid"]) == ("2026-02-28", euro("104.89"), euro("0.00"))


def test_a_loan_says_how_late_it_is_and_operators_count_them_by_bucket() -> None:
    """It was due long ago, and nobody has aged it yet."""
    loan_id = active()
    late = (localdate() - date(2026, 2, 28)).days
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["days_past_due"], shown["past_due"]) == (late, bucket(late))
    assert (shown["late_fee"], shown["penalty_bps"], shown["fees"]) == (euro("10.00"), 500, euro("0.00"))
    assert get(client(CUSTOMER), "loan-arrears").status_code == 403
    (row,) = get(client(), "loan-arrears").json()["buckets"]
    assert (row["past_due"], row["loans"], row["principal"]) == (bucket(late), 1, euro("1200.00"))
    assert [one["id"] for one in get(client(), f"loans?past_due={quote(row['past_due'])}").json()["items"]] == [loan_id]
    other = next(name for name in BUCKETS if name != row["past_due"])
    assert get(client(), f"loans?past_due={quote(other)}").json()["items"] == []


def test_a_loan_is_paid_off_for_what_the_quote_of_the_day_says() -> None:
    loan_id = active()
    on = get(client(CUSTOMER), f"loans/{loan_id}/payoff-quote?on=2026-02-14").json()
    assert (on["amount"], on["interest"], on["waived_interest"]) == (euro("1204.45"), euro("4.45"), euro("54.18"))
    quoted = get(client(CUSTOMER), f"loans/{loan_id}/payoff-quote").json()
    assert quoted["on"] == f"{localdate()}"
    assert get(client(str(uuid4())), f"loans/{loan_id}/payoff-quote").status_code == 404
    assert post(client(str(uuid4())), f"loans/{loan_id}/payoff").status_code == 404
    answer = post(client(CUSTOMER), f"loans/{loan_id}/payoff")
    repayment_id = answer.json()["id"]
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/loan-repayments/{repayment_id}")
    assert get(client(CUSTOMER), f"loan-repayments/{repayment_id}").json()["amount"] == quoted["amount"]
    hear(
        handlers.collect(MoneyDebited(handlers.COLLECTED, DAY, repayment_id)),
        handlers.apply_repayment(RepaymentCollected(repayment_id, loan_id, DAY)),
    )
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["status"], shown["outstanding"], shown["days_past_due"]) == ("closed", euro("0.00"), 0)
    late = get(client(CUSTOMER), f"loans/{loan_id}/payoff-quote")
    assert (late.status_code, late.json()["code"]) == (422, "loan_not_active")


def test_a_loan_paid_off_has_no_instalment_past_due() -> None:
    loan_id = active()
    repayment_id = post(client(CUSTOMER), f"loans/{loan_id}/payoff").json()["id"]
    hear(
        handlers.collect(MoneyDebited(handlers.COLLECTED, DAY, repayment_id)),
        handlers.apply_repayment(RepaymentCollected(repayment_id, loan_id, DAY)),
    )
    schedule = get(client(CUSTOMER), f"loans/{loan_id}/schedule").json()
    assert {one["status"] for one in schedule["instalments"]} <= {"paid", "settled"}
    assert schedule["days_past_due"] == 0


def test_what_is_due_is_collected_unless_the_customer_repays_by_hand() -> None:
    assert get(client(CUSTOMER), f"loans/{applied()}").json()["collect_on_due_date"] is True
    by_hand = post(client(CUSTOMER), "loans", application(collect_on_due_date=False)).json()["id"]
    assert get(client(CUSTOMER), f"loans/{by_hand}").json()["collect_on_due_date"] is False


def test_two_operators_write_a_loan_off_and_it_is_still_repaid() -> None:
    loan_id, other = active(), signed_in(principal("2", None, is_operator=True))
    assert post(client(CUSTOMER), f"loans/{loan_id}/write-off").status_code == 403
    assert post(client(), f"loans/{loan_id}/write-off").status_code == 200
    assert get(client(), f"loans/{loan_id}").json()["status"] == "active"
    again = post(client(), f"loans/{loan_id}/write-off")
    assert (again.status_code, again.json()["code"]) == (422, "second_operator_needed")
    assert post(other, f"loans/{loan_id}/write-off").json()["code"] == "already_proposed"
    assert post(other, f"loans/{loan_id}/write-off/withdraw").status_code == 200
    assert post(client(), f"loans/{loan_id}/write-off").status_code == 200
    assert post(other, f"loans/{loan_id}/write-off", {"agrees_with": "operator:1"}).status_code == 200
    assert get(client(), "loans?status=written_off").json()["items"][0]["id"] == loan_id
    repayment_id = post(client(CUSTOMER), f"loans/{loan_id}/repayments", {"amount": euro("50.00")}).json()["id"]
    hear(
        handlers.collect(MoneyDebited(handlers.COLLECTED, DAY, repayment_id)),
        handlers.apply_repayment(RepaymentCollected(repayment_id, loan_id, DAY)),
    )
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["status"], shown["recovered"], shown["past_due"]) == ("written_off", euro("50.00"), None)
    assert get(client(), "loan-books").json()["agree"] is True


def test_operators_read_that_the_books_agree() -> None:
    active()
    books = get(client(), "loan-books").json()
    assert books["agree"] is True
    assert books["due_to_accounts"] == [euro("1200.00")]
