"""Changing the mobile number over HTTP: who has the new phone, proves it."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connections

from bank.history.verification import verify
from bank.models import Event
from customers import queries, sms
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.confirmation import CODES_PER_HOUR, TRIES
from tests.customers.test_api import client, opened, operator, post

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)

OLD, NEW = "+35699000001", "+35699000002"


def asked(customer_id: str, number: str = NEW, **options: Any) -> Any:
    return post(client(customer_id), f"customers/{customer_id}/mobile-number", {"mobile_number": number}, **options)


def sent() -> str:
    """The code in the last text that left."""
    found = re.search(r"[0-9]{6}", str(mail.outbox[-1].body))
    assert found
    return found[0]


def confirmed(customer_id: str, code: str, number: str = NEW, **options: Any) -> Any:
    body = {"mobile_number": number, "code": code}
    return post(client(customer_id), f"customers/{customer_id}/mobile-number/confirmation", body, **options)


def number_of(customer_id: str) -> str:
    customer = queries.customer(customer_id)
    assert customer is not None
    return customer.mobile_number


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_code_goes_to_the_new_phone_and_confirms_the_change() -> None:
    customer_id = opened(OLD)
    assert asked(customer_id, "+356 9900 0002").status_code == 202
    assert mail.outbox[-1].to == ["35699000002@sms.bank.example"]
    assert number_of(customer_id) == OLD
    answer = confirmed(customer_id, sent(), "+356-9900-0002")
    assert (answer.status_code, answer.json()["position"]) == (200, f"customers:customer-{customer_id}@2")
    customer = queries.customer(customer_id)
    assert customer is not None
    assert (customer.mobile_number, customer.mobile_key) == (NEW, mobile_key(NEW))


def test_a_repeated_request_sends_no_second_text_and_confirms_no_second_time() -> None:
    customer_id, key = opened(OLD), str(uuid4())
    assert asked(customer_id, key=key).json() == asked(customer_id, key=key).json()
    assert len(mail.outbox) == 1
    first, again = (confirmed(customer_id, sent(), key=key) for _ in range(2))
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert confirmed(customer_id, sent()).json()["code"] == "no_code"


def test_a_wrong_code_is_refused_a_repetition_is_no_second_try_and_then_the_right_one_serves() -> None:
    customer_id, key = opened(OLD), str(uuid4())
    asked(customer_id)
    for _ in range(2):
        answer = confirmed(customer_id, wrong(sent()), key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_code")
        assert f"{TRIES - 1} tries are left" in answer.json()["detail"]
    assert number_of(customer_id) == OLD
    assert confirmed(customer_id, sent()).status_code == 200


def test_the_sixth_code_of_an_hour_is_refused_and_no_text_leaves() -> None:
    customer_id, numbers = opened(OLD), [f"+3569900010{n}" for n in range(CODES_PER_HOUR + 1)]
    assert [asked(customer_id, number).status_code for number in numbers[:-1]] == [202] * CODES_PER_HOUR
    last, key = sent(), str(uuid4())
    for _ in range(2):
        answer = asked(customer_id, numbers[-1], key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "too_many_codes")
    assert len(mail.outbox) == CODES_PER_HOUR
    assert confirmed(customer_id, last, numbers[-2]).status_code == 200


def test_several_logins_together_text_one_number_no_more_often_than_one() -> None:
    customers = [opened(f"+3569900020{n}") for n in range(CODES_PER_HOUR + 1)]
    assert [asked(customer_id).status_code for customer_id in customers[:-1]] == [202] * CODES_PER_HOUR
    answer = asked(customers[-1])
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_codes")
    assert "to one number" in answer.json()["detail"]
    assert len(mail.outbox) == CODES_PER_HOUR
    assert asked(customers[-1], "+35699000109").status_code == 202
    assert verify(CUSTOMERS).broken == []


def test_of_many_guesses_at_once_only_so_many_count() -> None:
    customer_id, guesses = opened(OLD), 12
    asked(customer_id)
    start, code = Barrier(guesses), sent()

    def guess(n: int) -> str:
        try:
            start.wait(timeout=60)
            return str(confirmed(customer_id, f"{(int(code) + 1 + n) % 10**6:06}").json()["code"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(guesses) as pool:
        codes = list(pool.map(guess, range(guesses)))
    assert Event.objects.using("customers").filter(type="CodeMistaken.v1").count() == TRIES
    assert sorted(set(codes)) == ["too_many_tries", "wrong_code"]
    assert confirmed(customer_id, code).json()["code"] == "too_many_tries"


def test_a_number_taken_meanwhile_is_refused_and_the_old_one_kept() -> None:
    customer_id = opened(OLD)
    asked(customer_id)
    opened(NEW)
    answer = confirmed(customer_id, sent())
    assert (answer.status_code, answer.json()["code"]) == (422, "mobile_number_taken")
    assert number_of(customer_id) == OLD


def test_without_the_code_nobody_learns_whose_number_it_is() -> None:
    customer_id = opened(OLD)
    opened(NEW)
    asked(customer_id)
    assert confirmed(customer_id, wrong(sent())).json()["code"] == "wrong_code"


def test_a_code_stands_nowhere_and_the_new_number_not_before_it_is_confirmed() -> None:
    customer_id = opened(OLD)
    asked(customer_id)
    confirmed(customer_id, wrong(sent()))
    stored = "".join(event.data + event.metadata for event in Event.objects.using("customers").all())
    assert "CodeRequested.v1" in {event.type for event in Event.objects.using("customers").all()}
    assert f'"{sent()}"' not in stored
    assert "9900000" not in stored.replace(OLD, "")


def test_a_text_that_does_not_leave_is_said(settings: Any) -> None:
    settings.SMS_SENDER = "tests.customers.test_mobile_number_api.dead_line"
    assert asked(opened(OLD)).status_code == 503


def dead_line(number: str, text: str) -> None:
    raise sms.NotSent("line is dead")


def broken_off(number: str, text: str) -> None:
    raise SystemExit


@pytest.mark.parametrize("sender", ["dead_line", "broken_off"])
def test_a_code_whose_text_did_not_leave_is_sent_once_when_the_same_key_comes_again(sender: str, settings: Any) -> None:
    customer_id, key, working = opened(OLD), str(uuid4()), settings.SMS_SENDER
    settings.SMS_SENDER = f"tests.customers.test_mobile_number_api.{sender}"
    with suppress(SystemExit):
        assert asked(customer_id, key=key).status_code == 503
    settings.SMS_SENDER = working
    assert len(mail.outbox) == 0
    answers = [asked(customer_id, key=key) for _ in range(2)]
    assert [(answer.status_code, answer["Idempotency-Replayed"]) for answer in answers] == [(202, "true")] * 2
    assert len(mail.outbox) == 1
    assert confirmed(customer_id, sent()).status_code == 200


def test_a_line_that_stays_dead_is_tried_no_more_often_than_codes_are_sent(settings: Any) -> None:
    NOTED.clear()
    settings.SMS_SENDER = "tests.customers.test_mobile_number_api.noted_in_vain"
    customer_id, key = opened(OLD), str(uuid4())
    answers = [asked(customer_id, key=key) for _ in range(CODES_PER_HOUR + 2)]
    assert {answer.status_code for answer in answers} == {503}
    assert len(NOTED) == CODES_PER_HOUR
    assert "to one number" in answers[-1].json()["detail"]


def noted_in_vain(number: str, text: str) -> None:
    noted(number, text)
    raise sms.NotSent("nobody knows")


def test_a_code_that_another_has_replaced_is_not_sent_any_more(settings: Any) -> None:
    customer_id, key, working = opened(OLD), str(uuid4()), settings.SMS_SENDER
    settings.SMS_SENDER = "tests.customers.test_mobile_number_api.dead_line"
    asked(customer_id, key=key)
    settings.SMS_SENDER = working
    asked(customer_id)
    answer = asked(customer_id, key=key)
    assert (answer.status_code, "good no longer" in answer.json()["detail"]) == (503, True)
    assert len(mail.outbox) == 1


def test_another_sender_is_plugged_in_by_a_setting(settings: Any) -> None:
    settings.SMS_SENDER = "tests.customers.test_mobile_number_api.noted"
    NOTED.clear()
    asked(opened(OLD))
    ((number, text),) = NOTED
    assert (number, bool(re.search(r"[0-9]{6}", text))) == (NEW, True)


NOTED: list[tuple[str, str]] = []


def noted(number: str, text: str) -> None:
    NOTED.append((number, text))


def test_who_is_suspended_keeps_his_number_whatever_code_he_has() -> None:
    customer_id = opened(OLD)
    asked(customer_id)
    post(operator(), f"customers/{customer_id}/suspend", {"reason": "fraud"})
    assert confirmed(customer_id, sent()).json()["code"] == "customer_suspended"


def test_another_customer_confirms_nothing() -> None:
    customer_id, stranger = opened(OLD), str(uuid4())
    asked(customer_id)
    body = {"mobile_number": NEW, "code": sent()}
    path = f"customers/{customer_id}/mobile-number/confirmation"
    assert post(client(stranger), path, body).status_code == 404
