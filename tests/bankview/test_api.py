from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from bank.db import transaction
from bank.http.principal import principal
from bank.recorded import Message
from bankview import inbound as said
from bankview.projections import BANK_VIEW
from bankview.tracker import PROCESSES
from tests.bankview import messages as m

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "bankview"])

AT = f"/api/v1/customers/{m.CUSTOMER}"


def client(customer_id: str | None = None) -> APIClient:
    """A customer, or an operator."""
    api = APIClient()
    who: Any = principal("1", customer_id, is_operator=customer_id is None)
    api.force_authenticate(who)
    return api


def fold(*batch: Message[Any]) -> None:
    with transaction("bankview") as cursor:
        for projection in (BANK_VIEW, PROCESSES):
            projection.fold(cursor, 1, m.of_types(batch, projection.types))


def see(position: str) -> None:
    """As the kernel notes what a projection has folded."""
    context, _, place = position.partition(":")
    stream, _, version = place.rpartition("@")
    with transaction("bankview") as cursor:
        cursor.execute("insert into bank_seen values ('bank_view', 1, %s, %s, %s)", (context, stream, int(version)))


@pytest.fixture
def known() -> None:
    fold(m.customer_opened(), m.account_opened(), m.credited(2, 100_00), *m.settled_payment())


@pytest.mark.usefixtures("known")
def test_a_customer_sees_himself_and_an_operator_everybody() -> None:
    for who in (client(m.CUSTOMER), client()):
        answer = who.get(f"{AT}/bank-view")
        assert answer.status_code == 200
        assert answer.json()["accounts"][0]["balance"]["amount"] == "88.00"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("path", [f"{AT}/bank-view", f"{AT}/activity", f"/api/v1/operations/{m.PAYMENT}"])
def test_another_customer_finds_nothing(path: str) -> None:
    answer = client(str(uuid4())).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.usefixtures("known")
def test_nobody_signed_in_sees_nothing() -> None:
    assert APIClient().get(f"{AT}/bank-view").status_code == 401


def test_an_unknown_customer_is_not_found() -> None:
    assert client().get(f"{AT}/bank-view").status_code == 404


@pytest.mark.usefixtures("known")
def test_a_view_that_has_not_changed_is_not_sent_again() -> None:
    etag = client().get(f"{AT}/bank-view")["ETag"]
    assert client().get(f"{AT}/bank-view", headers={"If-None-Match": etag}).status_code == 304
    fold(m.message("accounts.MoneyCredited", f"account-{m.ACCOUNT}", 5, said.MoneyCredited(1, "EUR", "cash")))
    assert client().get(f"{AT}/bank-view", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.usefixtures("known")
def test_a_position_the_view_has_reached_is_answered_at_once() -> None:
    position = f"accounts:account-{m.ACCOUNT}@4"
    see(position)
    assert client().get(f"{AT}/bank-view?after={position}").status_code == 200


@pytest.mark.usefixtures("known")
def test_a_position_beyond_the_view_is_waited_for_and_then_refused_with_the_distance() -> None:
    see(f"accounts:account-{m.ACCOUNT}@4")
    position = f"accounts:account-{m.ACCOUNT}@7"
    began = monotonic()
    answer = client().get(f"{AT}/bank-view?after={position}")
    assert 1.9 < monotonic() - began < 3.5
    assert (answer.status_code, answer.json()["code"]) == (409, "view_behind")
    assert answer.json()["errors"] == {position: ["3 events behind."]}
    assert answer["Retry-After"] == "1"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("after", ["", "accounts", "accounts:x@", "accounts:x@-1", "x@1", ",".join(["a:b@1"] * 11)])
def test_what_is_no_position_is_refused(after: str) -> None:
    answer = client().get(f"{AT}/bank-view?after={after}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["after"])


@pytest.mark.usefixtures("known")
def test_an_operator_finds_a_view_by_mobile_number_and_a_customer_does_not() -> None:
    path = f"/api/v1/bank-views?mobile_number={quote('+491701234567')}"
    assert client().get(path).json()["customer_id"] == m.CUSTOMER
    assert client(m.CUSTOMER).get(path).status_code == 403
    assert client().get(path[:-1]).status_code == 404


@pytest.mark.usefixtures("known")
def test_the_activity_feed_comes_in_pages() -> None:
    first = client(m.CUSTOMER).get(f"{AT}/activity?limit=2").json()
    rest = client(m.CUSTOMER).get(f"{AT}/activity", {"limit": 200, "cursor": first["next"]}).json()
    texts = [item["text"] for item in first["items"] + rest["items"]]
    assert len(first["items"]) == 2
    assert texts[-1] == "You became a customer"
    assert len(texts) == len(set(texts)) == 6
    assert rest["next"] is None


@pytest.mark.usefixtures("known")
def test_a_process_is_shown_step_by_step_to_its_customer() -> None:
    shown = client(m.CUSTOMER).get(f"/api/v1/operations/{m.PAYMENT}").json()
    assert (shown["outcome"], len(shown["events"])) == ("settled", 8)
    assert {step["event"]: step["state"] for step in shown["steps"]}["accounts.FundsHeld.v1"] == "done"


@pytest.mark.usefixtures("known")
def test_only_operators_list_processes() -> None:
    assert client(m.CUSTOMER).get("/api/v1/processes").status_code == 403
    listed = client().get("/api/v1/processes?outcome=settled&name=debit-card-payment").json()
    assert [process["id"] for process in listed["items"]] == [m.PAYMENT]
    assert client().get("/api/v1/processes?outcome=open").json()["items"] == []


@pytest.mark.parametrize("path", ["bank-view/composed", "bank-view/compare", "stream"])
def test_what_waits_for_others_is_answered_by_the_process_beside(path: str) -> None:
    assert APIClient().get(f"{AT}/{path}").status_code == 401
    answer = client().get(f"{AT}/{path}?x=1")
    assert answer.status_code == 307
    assert answer["Location"].endswith(f"{AT}/{path}?x=1")
    assert not answer["Location"].startswith("http://testserver/")
