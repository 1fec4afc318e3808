"""What a credit card lends is changed by the bank, up and down, to below what is owed as well."""

import pytest

from bank.context import Unit
from bank.money import MAX_MINOR
from bank.testing import given
from cards import queries
from cards.domain.card import CARD
from cards.domain.card.credit import ChangeCreditLimit, ChargeCard
from cards.domain.card.credit_facts import CardCharged, CreditReserved
from cards.domain.card.facts import CardCancelled, CardExpired, CreditLimitChanged, Event
from cards.handlers.customers import close_holder, reject_holder, suspend_holder
from cards.inbound import CustomerClosed, CustomerRejected, CustomerSuspended
from tests.cards.client import ME, Client, active_card, active_credit_card, eur, pay
from tests.cards.domain.test_card import ACTIVE as DEBIT_CARD
from tests.cards.domain.test_card import reserve
from tests.cards.domain.test_credit import ACTIVE, TODAY
from tests.cards.units import DAY, run

OWED = (*ACTIVE, CardCharged("k1", "c1", "p1", 600_00, 0, "EUR", TODAY))


def change(limit_minor: int) -> ChangeCreditLimit:
    return ChangeCreditLimit("k1", limit_minor)


def changed(limit_minor: int) -> CreditLimitChanged:
    return CreditLimitChanged("k1", "c1", limit_minor, "EUR")


@pytest.mark.parametrize("limit_minor", [1, 999_99, 1_000_01, MAX_MINOR])
def test_a_limit_is_raised_and_lowered_within_what_the_bank_books(limit_minor: int) -> None:
    assert given(CARD, *ACTIVE).when(change(limit_minor)) == [changed(limit_minor)]


def test_the_same_limit_again_is_nothing_new() -> None:
    assert given(CARD, *ACTIVE).when(change(1_000_00)) == []


@pytest.mark.parametrize("limit_minor", [-1, 0, MAX_MINOR + 1])
def test_no_limit_is_zero_or_larger_than_the_bank_books(limit_minor: int) -> None:
    assert given(CARD, *ACTIVE).refuses(change(limit_minor)) == "invalid_credit_limit"


@pytest.mark.parametrize(
    ("history", "code"),
    [
        (DEBIT_CARD, "not_a_credit_card"),
        ((*ACTIVE, CardCancelled("k1", "c1", TODAY)), "card_cancelled"),
        ((*ACTIVE, CardExpired("k1", "c1", TODAY)), "card_expired"),
        ((), "card_not_found"),
    ],
    ids=["debit", "cancelled", "expired", "unknown"],
)
def test_only_a_credit_card_that_has_not_ended_has_a_limit(history: tuple[Event, ...], code: str) -> None:
    assert given(CARD, *history).refuses(change(500_00)) == code


def test_what_is_lent_follows_the_limit_to_the_last_cent() -> None:
    assert given(CARD, *OWED, changed(700_00)).when(reserve(100_00))
    assert given(CARD, *OWED, changed(700_00)).refuses(reserve(100_01)) == "over_credit_limit"


@pytest.mark.parametrize("limit_minor", [600_00, 599_99, 1])
def test_a_limit_down_to_what_is_owed_or_below_it_lends_nothing_more(limit_minor: int) -> None:
    assert given(CARD, *OWED).when(change(limit_minor)) == [changed(limit_minor)]
    assert given(CARD, *OWED, changed(limit_minor)).refuses(reserve(1)) == "over_credit_limit"


def test_what_was_authorized_under_the_old_limit_is_captured_all_the_same() -> None:
    history = (*ACTIVE, CreditReserved("k1", "p1", 900_00, "EUR", TODAY), changed(100_00))
    (charged,) = given(CARD, *history).when(ChargeCard("k1", "p1", 900_00, 900_00, "EUR", TODAY))
    assert isinstance(charged, CardCharged)


@pytest.mark.django_db(databases=["cards", "default"], transaction=True)
def test_an_operator_changes_it_by_http_and_nobody_else(customer: Client, operator: Client) -> None:
    card_id = active_credit_card(operator)
    at, lower = f"/cards/{card_id}/credit-limit", {"credit_limit": eur("500.00")}
    assert customer.post(at, lower).status_code == 403
    assert operator.post(at, {"credit_limit": {"amount": "500", "currency": "JPY"}}).status_code == 400
    assert operator.post(at, lower).status_code == 200
    shown = operator.get(f"/cards/{card_id}").json()
    assert (shown["credit_limit"], shown["available"]) == (eur("500.00"), eur("500.00"))
    refused = pay(customer, card_id, "500.01")
    assert (refused.status_code, refused.json()["code"]) == (422, "over_credit_limit")
    assert pay(customer, card_id, "500.00").status_code == 202


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        (suspend_holder(CustomerSuspended(ME, DAY, 2)), "customer_suspended"),
        (reject_holder(CustomerRejected(ME, DAY, 2)), "customer_not_verified"),
        (close_holder(CustomerClosed(ME, DAY, 2)), "customer_closed"),
    ],
    ids=["suspended", "rejected", "closed"],
)
@pytest.mark.django_db(databases=["cards", "default"], transaction=True)
def test_no_more_is_lent_to_whom_no_card_would_be_issued_and_less_is(operator: Client, heard: Unit, code: str) -> None:
    card_id = active_credit_card(operator)
    at = f"/cards/{card_id}/credit-limit"
    assert operator.post(at, {"credit_limit": eur("1000.01")}).status_code == 200
    run(heard)
    refused = operator.post(at, {"credit_limit": eur("1000.02")})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    for no_more in ("1000.01", "999.99"):
        assert operator.post(at, {"credit_limit": eur(no_more)}).status_code == 200
    shown = queries.card(card_id)
    assert shown is not None
    assert shown.credit_limit_minor == 999_99


@pytest.mark.usefixtures("known")
@pytest.mark.django_db(databases=["cards", "default"], transaction=True)
def test_a_debit_card_has_none(customer: Client, operator: Client) -> None:
    card_id = active_card(customer)
    refused = operator.post(f"/cards/{card_id}/credit-limit", {"credit_limit": eur("500.00")})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_credit_card")
    card = queries.card(card_id)
    assert card is not None
    assert card.credit_limit_minor == 0
