"""View and composition give the same answer, over HTTP, and tell when they cannot."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread, Timer
from time import monotonic, time
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from django.conf import settings
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.payment_files.execution import execute_part
from bank.db import transaction
from bank.http.principal import AUDIENCE
from bank.runtime.postgres import free_port
from bankview import composition, sidecar
from bankview.composition import Caller
from tests.flows.harness import Bank
from tests.flows.harness.stories import accepted, eur, holder

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def token(**claims: Any) -> str:
    """An access token as the bank's identity provider writes it."""
    payload = {"sub": "1", "aud": AUDIENCE, "iss": settings.OIDC_ISSUER, "token_use": "access", "exp": time() + 600}
    return jwt.encode({**payload, **claims}, settings.IDP_OIDC_PRIVATE_KEY, algorithm="RS256")


OPERATOR = {"operator": True}


@dataclass(frozen=True, slots=True)
class Beside:
    """The process beside the API, asking the contexts over HTTP; an operator asks it unless said."""

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._get(path, headers or {"Authorization": f"Bearer {token(**OPERATOR)}"}))

    async def _get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=sidecar.application)
        async with (
            sidecar.client_for(sidecar.application),
            httpx.AsyncClient(transport=transport, base_url="http://beside", headers=headers) as client,
        ):
            return await client.get(path)


@pytest.fixture
def beside(bank: Bank, live_server: LiveServer, settings: Settings) -> Beside:
    settings.INTERNAL_URLS = dict.fromkeys(settings.INTERNAL_URLS, live_server.url)
    return Beside()


@pytest.fixture
def customer_id(bank: Bank) -> str:
    """A customer of all four contexts, with one payment settled."""
    person = {"name": "Ada Lovelace", "email": "ada@example.org", "mobile_number": "+4915112345678"}
    id = bank.operator.made("/customers", person)
    bank.operator.made(f"/customers/{id}/kyc", {"status": "verified"})
    account_id = bank.operator.made("/accounts", {"customer_id": id, "kind": "savings", "currency": "EUR"})
    deposit(bank, account_id, "100.00")
    limits = {"per_payment_limit": eur("500.00"), "per_day_limit": eur("500.00")}
    card_id = accepted(bank, "/cards", {"customer_id": id, "account_id": account_id, **limits})
    bank.operator.made(f"/cards/{card_id}/activate")
    loan = {"customer_id": id, "account_id": account_id, "product": "personal"}
    loan_id = accepted(bank, "/loans", {**loan, "principal": eur("5000.00"), "term_months": 24})
    bank.operator.made(f"/loans/{loan_id}/approve")
    for amount in ("30.00", "40.00"):
        bank.operator.made(f"/cards/{card_id}/payments", {"amount": eur(amount), "merchant": "Kiosk"})
    bank.flow()
    return id


def deposit(bank: Bank, account_id: str, amount: str) -> Any:
    return bank.operator.post(f"/accounts/{account_id}/deposits", {"amount": eur(amount)}).json()


def view_of(bank: Bank, customer_id: str) -> Any:
    return bank.operator.get(f"/customers/{customer_id}/bank-view")


def test_view_and_composition_are_the_same_document_once_it_is_quiet(
    bank: Bank, beside: Beside, customer_id: str
) -> None:
    composed = beside.get(f"/api/v1/customers/{customer_id}/bank-view/composed").json()
    view = view_of(bank, customer_id)
    assert composed.pop("missing") == []
    assert composed == {name: value for name, value in view.items() if name not in ("revision", "updated_at")}
    assert [len(view[part]) for part in ("accounts", "loans", "cards", "card_payments")] == [1, 1, 1, 2]
    assert view["loans"][0]["status"] == "active"


def test_the_comparison_finds_no_difference_and_says_what_each_took(beside: Beside, customer_id: str) -> None:
    compared = beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()
    assert (compared["verdict"], compared["differences"]) == ("equal", [])
    assert min(compared["latency"].values()) > 0
    people = {"Authorization": f"Bearer {token(**OPERATOR)}", "Accept": "text/html,application/xhtml+xml"}
    page = beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare", people)
    assert page.headers["content-type"].startswith("text/html")
    assert "Both say the same." in page.text


def test_a_credit_card_is_the_same_in_view_and_composition(bank: Bank, beside: Beside, customer_id: str) -> None:
    wanted = {"customer_id": customer_id, "credit_limit": eur("1000.00")}
    card_id = bank.operator.made("/credit-cards", wanted)
    bank.operator.made(f"/cards/{card_id}/activate")
    bank.operator.made(f"/cards/{card_id}/payments", {"amount": eur("300.00"), "merchant": "Kiosk"})
    bank.flow()
    shown = next(card for card in view_of(bank, customer_id)["cards"] if card["id"] == card_id)
    assert [shown[name]["amount"] for name in ("credit_limit", "outstanding", "available")] == [
        *("1000.00", "300.00", "700.00"),
    ]
    compared = beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()
    assert (compared["verdict"], compared["differences"]) == ("equal", [])


def test_a_file_of_payments_is_the_same_in_view_and_composition_on_its_way_and_when_it_has_ended(
    bank: Bank, beside: Beside, customer_id: str
) -> None:
    account_id, other = view_of(bank, customer_id)["accounts"][0]["id"], holder(bank).account_id
    iban = bank.operator.get(f"/accounts/{other}")["iban"]
    rows = [f"{iban},0.01,EUR"] * 501 + [f"{iban},9999999.00,EUR"]
    sent = bank.operator.api.post(
        f"/api/v1/payment-files?account_id={account_id}&message_id=M-1&customer_id={customer_id}",
        "\r\n".join(("iban,amount,currency", *rows)).encode(),
        content_type="text/csv",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert sent.status_code == 202, sent.content
    for ended in (("accepted", 0, 0), ("executing", 500, 0), ("completed", 501, 1)):
        bank.flow()
        (file,) = view_of(bank, customer_id)["payment_files"]
        assert (file["status"], file["accepted"], file["refused"]) == ended
        compared = beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()
        assert (compared["verdict"], compared["differences"]) == ("equal", [])
        execute_part(UUID(sent.json()["id"]))
    texts = [one["text"] for one in bank.operator.get(f"/customers/{customer_id}/activity")["items"]]
    assert "Your file of payments: 501 executed, 1 refused" in texts


def test_a_deposit_the_view_has_not_heard_of_is_behind_and_then_equal(
    bank: Bank, beside: Beside, customer_id: str
) -> None:
    account_id = view_of(bank, customer_id)["accounts"][0]["id"]
    position = deposit(bank, account_id, "1.00")["position"]
    compared = beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()
    assert compared["verdict"] == "behind"
    assert {found["field"] for found in compared["differences"]} == {"balance", "available", "version"}
    bank.flow()
    assert beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()["verdict"] == "equal"
    assert bank.operator.get(f"/customers/{customer_id}/bank-view?after={position}")


def test_a_view_that_was_tampered_with_is_drift(beside: Beside, customer_id: str) -> None:
    with transaction("bankview") as cursor:
        cursor.execute("update bankview_part set document = replace(document, '30.00', '29.00')")
    assert beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()["verdict"] == "drift"


def test_a_context_that_is_down_is_named_and_the_rest_is_shown(
    bank: Bank, beside: Beside, customer_id: str, settings: Settings
) -> None:
    settings.INTERNAL_URLS["loans"] = f"http://127.0.0.1:{free_port()}"
    composed = beside.get(f"/api/v1/customers/{customer_id}/bank-view/composed").json()
    assert (composed["missing"], composed["loans"]) == (["loans"], [])
    assert composed["profile"]["name"] == "Ada Lovelace"
    assert beside.get(f"/api/v1/customers/{customer_id}/bank-view/compare").json()["verdict"] == "incomplete"
    assert len(view_of(bank, customer_id)["loans"]) == 1


def test_a_context_that_does_not_answer_in_time_is_missing(
    beside: Beside, customer_id: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "PART_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.INTERNAL_URLS["cards"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        rescue = Timer(20, silent.close)
        rescue.start()
        began = monotonic()
        composed = beside.get(f"/api/v1/customers/{customer_id}/bank-view/composed").json()
        rescue.cancel()
    assert composed["missing"] == ["cards", "card_payments"]
    assert monotonic() - began < 3
    assert len(composed["accounts"]) == 1


class Patient(BaseHTTPRequestHandler):
    """A server of all contexts that answers nobody before everybody has asked."""

    everybody = Barrier(len(composition.SECTIONS), timeout=composition.PART_S)

    def do_GET(self) -> None:
        self.everybody.wait()
        self.send_response(404)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        return


def test_all_contexts_are_asked_at_once(beside: Beside, settings: Settings) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Patient) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.INTERNAL_URLS = dict.fromkeys(settings.INTERNAL_URLS, f"http://127.0.0.1:{server.server_port}")
        answer = beside.get(f"/api/v1/customers/{uuid4()}/bank-view/composed")
        server.shutdown()
    assert answer.status_code == 404, answer.json()


@pytest.mark.parametrize("what", ["bank-view/composed", "bank-view/compare", "stream"])
def test_the_process_beside_shows_nobody_elses_bank(beside: Beside, customer_id: str, what: str) -> None:
    path = f"/api/v1/customers/{customer_id}/{what}"
    other = {"Authorization": f"Bearer {token(customer_id=str(uuid4()))}"}
    assert beside.get(path, headers=other).status_code == 404
    assert beside.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_customer_composes_his_own_bank(beside: Beside, customer_id: str) -> None:
    own = {"Authorization": f"Bearer {token(customer_id=customer_id)}"}
    answer = beside.get(f"/api/v1/customers/{customer_id}/bank-view/composed", headers=own)
    assert answer.json()["profile"]["email"] == "ada@example.org"


def test_an_unknown_customer_is_not_found_by_either(bank: Bank, beside: Beside) -> None:
    unknown = f"/api/v1/customers/{uuid4()}/bank-view"
    assert beside.get(f"{unknown}/composed").status_code == 404
    assert bank.operator.api.get(unknown).status_code == 404


def test_the_stream_says_the_view_at_once_and_again_after_a_change(
    bank: Bank, customer_id: str, live_server: LiveServer
) -> None:
    url = f"{live_server.url}/api/v1/customers/{customer_id}/bank-view"
    account_id = view_of(bank, customer_id)["accounts"][0]["id"]

    async def two() -> list[Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            asks = Caller(client, {}, {"authorization": f"Bearer {token(**OPERATOR)}"})
            events = sidecar.events(asks, url, await client.get(url, headers=asks.headers))
            first = await anext(events)
            await asyncio.to_thread(change)
            return [data(first), data(await next_view(events))]

    def change() -> None:
        deposit(bank, account_id, "1.00")
        bank.flow()

    before, after = asyncio.run(two())
    assert after["revision"] == before["revision"] + 1
    assert before["accounts"][0]["version"] + 1 == after["accounts"][0]["version"]


async def next_view(events: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(10):
        async for event in events:
            if event.startswith(b"event: view\n"):
                return event
    raise AssertionError("the stream ended")


def data(event: bytes) -> Any:
    (line,) = [line for line in event.splitlines() if line.startswith(b"data: ")]
    return json.loads(line.removeprefix(b"data: "))
