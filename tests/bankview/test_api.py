from contextlib import ExitStack
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from bank.db import transaction
from bank.http.principal import principal
from bank.recorded import Message
from bankview import queries
from bankview.api import views
from bankview.inbound import accounts, customers
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
    fold(m.message("accounts.MoneyCredited", f"account-{m.ACCOUNT}", 5, accounts.MoneyCredited(1, "EUR", "cash")))
    assert client().get(f"{AT}/bank-view", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.usefixtures("known")
def test_a_rebuilt_view_is_sent_again_whatever_its_revision() -> None:
    etag = client().get(f"{AT}/bank-view")["ETag"]
    with transaction("bankview") as cursor:
        cursor.execute("update bankview_customer set generation = 2")
        cursor.execute("update bankview_part set generation = 2")
        cursor.execute("insert into bank_projection (name, live) values ('bank_view', 2)")
    again = client().get(f"{AT}/bank-view", headers={"If-None-Match": etag})
    assert (again.status_code, again["ETag"] == etag) == (200, False)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("asked", "status"), [("*", 304), ('"0.0", W/{etag}', 304), ('"x{etag}x"', 200), ('"0.0"', 200), ("", 200)]
)
def test_etags_are_compared_whole(asked: str, status: int) -> None:
    etag = client().get(f"{AT}/bank-view")["ETag"]
    answer = client().get(f"{AT}/bank-view", headers={"If-None-Match": asked.format(etag=etag)})
    assert answer.status_code == status


def test_what_is_not_there_is_not_current_either() -> None:
    assert client().get(f"{AT}/bank-view", headers={"If-None-Match": "*"}).status_code == 404


# Reading one's own writes.


def ask(*positions: str, customer_id: str = m.CUSTOMER) -> tuple[Any, float]:
    """The answer, and after how many seconds."""
    began = monotonic()
    answer = client(customer_id).get(f"/api/v1/customers/{customer_id}/bank-view?after={','.join(positions)}")
    return answer, monotonic() - began


@pytest.mark.usefixtures("known")
def test_a_position_the_view_has_reached_is_answered_at_once() -> None:
    answer, took_s = ask(f"accounts:account-{m.ACCOUNT}@4", f"customers:customer-{m.CUSTOMER}@1")
    assert answer.status_code == 200
    assert took_s < 1


@pytest.mark.usefixtures("known")
def test_a_position_beyond_the_view_is_waited_for() -> None:
    late = m.message("accounts.MoneyCredited", f"account-{m.ACCOUNT}", 5, accounts.MoneyCredited(1, "EUR", "cash"))
    timer = Timer(0.3, fold, [late])
    timer.start()
    answer, took_s = ask(f"accounts:account-{m.ACCOUNT}@5")
    timer.join()
    assert (answer.status_code, answer.json()["accounts"][0]["version"]) == (200, 5)
    assert took_s < 1.9


@pytest.mark.usefixtures("known")
def test_a_view_that_does_not_get_there_in_time_says_how_far_it_is_behind() -> None:
    position = f"accounts:account-{m.ACCOUNT}@7"
    answer, took_s = ask(position)
    assert 1.9 < took_s < 3.5
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "view_behind", "1")
    assert answer.json()["errors"] == {position: ["3 events behind."]}


@pytest.mark.usefixtures("known")
def test_nobody_waits_for_what_is_far_away() -> None:
    answer, took_s = ask(f"accounts:account-{m.ACCOUNT}@999999999")
    assert (answer.status_code, answer.json()["code"]) == (503, "view_behind")
    assert took_s < 1


@pytest.mark.usefixtures("known")
def test_anothers_stream_is_answered_for_as_one_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "WAIT_S", 0.1)
    other = str(uuid4())
    fold(m.message("customers.NameChanged", f"customer-{other}", 1, customers.NameChanged("Eve"), customer_id=other))
    for id in (m.ACCOUNT, str(uuid4())):
        for version in (1, 4, 9):
            position = f"accounts:account-{id}@{version}"
            answer, _ = ask(position, customer_id=other)
            told = f"{version} event{'s' * (version > 1)} behind."
            assert (answer.status_code, answer.json()["errors"]) == (503, {position: [told]})


@pytest.mark.usefixtures("known")
def test_when_enough_requests_wait_the_next_is_answered_at_once() -> None:
    with ExitStack() as others:
        for _ in range(2):
            queries.waiting.acquire(timeout=5)
            others.callback(queries.waiting.release)
        answer, took_s = ask(f"accounts:account-{m.ACCOUNT}@5")
    assert answer.status_code == 503
    assert took_s < 1
    assert ask(f"accounts:account-{m.ACCOUNT}@4")[0].status_code == 200


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "after",
    [
        "",
        "accounts",
        "accounts:account-x@",
        "accounts:account-x@-1",
        "account-x@1",
        "cards:account-x@1",
        "accounts:x@1",
    ],
)
def test_what_is_no_position_is_refused(after: str) -> None:
    answer = client().get(f"{AT}/bank-view?after={after}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["after"])


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 400)])
def test_so_many_positions_are_asked_for_at_a_time(count: int, status: int) -> None:
    assert ask(*[f"accounts:account-{m.ACCOUNT}@1"] * count)[0].status_code == status


# Who finds what.


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
