"""The process beside the API, before contexts that answer nothing good."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from pytest_django import Settings

from bank.runtime.postgres import free_port
from bankview import sidecar

AT = f"/api/v1/customers/{uuid4()}"


def get(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=sidecar.application)
        async with (
            sidecar.client_for(sidecar.application),
            httpx.AsyncClient(transport=transport, base_url="http://beside", headers=headers) as client,
        ):
            return await client.request(method, path)

    return asyncio.run(answer())


@contextmanager
def contexts(status: int, headers: Mapping[str, str], asked: list[str]) -> Iterator[str]:
    """The address of contexts that answer so; under which correlation ids they were asked is kept in `asked`."""

    class Context(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["X-Correlation-Id"])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Context) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def asked(settings: Settings) -> Iterator[list[str]]:
    """Contexts that know nobody; the correlation ids under which they were asked."""
    correlations: list[str] = []
    with contexts(404, {}, asked=correlations) as url:
        settings.INTERNAL_URLS = dict.fromkeys(settings.INTERNAL_URLS, url)
        yield correlations


def test_a_problem_carries_the_callers_correlation_id(asked: list[str]) -> None:
    correlation = str(uuid4())
    answer = get(f"{AT}/bank-view/composed", **{"X-Correlation-Id": correlation})
    assert (answer.status_code, answer.json()["trace_id"]) == (404, correlation)
    assert set(asked) == {correlation}


@pytest.mark.parametrize("given", [{}, {"X-Correlation-Id": "nonsense"}])
def test_a_problem_and_what_was_asked_for_it_share_an_id_made_up_here(given: dict[str, str], asked: list[str]) -> None:
    answer = get(f"{AT}/bank-view/composed", **given)
    assert set(asked) == {str(UUID(answer.json()["trace_id"]))}


@pytest.mark.parametrize("what", ["bank-view/composed", "bank-view/compare", "stream"])
def test_a_refusal_is_passed_on_with_what_it_says_about_asking_again(what: str, settings: Settings) -> None:
    challenge = {"WWW-Authenticate": 'Bearer realm="bank"', "Retry-After": "1"}
    with contexts(401, challenge, asked=[]) as url:
        settings.INTERNAL_URLS = dict.fromkeys(settings.INTERNAL_URLS, url)
        answer = get(f"{AT}/{what}")
    assert answer.status_code == 401
    assert {name: answer.headers[name] for name in challenge} == challenge


def preflight(origin: str, method: str = "GET", header: str = "authorization") -> httpx.Response:
    asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    return get(f"{AT}/bank-view/composed", method="OPTIONS", Origin=origin, **asks)


def test_a_browser_at_the_banks_own_address_may_ask_with_its_token(asked: list[str], settings: Settings) -> None:
    allowed = preflight(settings.PUBLIC_URL)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == settings.PUBLIC_URL
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    answer = get(f"{AT}/bank-view/composed", Origin=settings.PUBLIC_URL)
    assert answer.headers["Access-Control-Allow-Origin"] == settings.PUBLIC_URL
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_no_other_origin_method_or_header_may(asked: list[str], settings: Settings) -> None:
    assert "Access-Control-Allow-Origin" not in preflight("https://elsewhere.example").headers
    assert preflight(settings.PUBLIC_URL, method="POST").status_code == 400
    assert preflight(settings.PUBLIC_URL, header="x-other").status_code == 400
    answer = get(f"{AT}/bank-view/composed", Origin="https://elsewhere.example")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_document_sends_browsers_straight_to_the_process_beside(settings: Settings) -> None:
    paths = SchemaGenerator().get_schema(public=True)["paths"]  # type: ignore[no-untyped-call]
    beside = {path: found["get"]["servers"] for path, found in paths.items() if "servers" in found.get("get", {})}
    assert {path.rpartition("/")[2] for path in beside} == {"composed", "compare", "stream"}
    host = urlsplit(settings.PUBLIC_URL).hostname
    assert all(servers == [{"url": f"http://{host}:{settings.ASGI_PORT}"}] for servers in beside.values())


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/customers/nobody/stream"])
def test_an_unknown_path_is_the_problem_which_the_api_answers(path: str) -> None:
    correlation = str(uuid4())
    here = get(path, **{"X-Correlation-Id": correlation})
    there = Client().get("/api/v1/nothing", headers={"X-Correlation-Id": correlation})
    assert (here.status_code, here.json()) == (there.status_code, there.json())
    assert here.headers["Content-Type"] == there["Content-Type"]
    for name in sidecar.HARDENING:
        assert here.headers[name] == there[name]


def test_another_method_is_a_problem_that_names_those_allowed() -> None:
    answer = get(f"{AT}/stream", method="DELETE")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("what", ["bank-view/compare", "stream"])
def test_a_view_that_is_down_is_a_problem_under_the_same_id(what: str, settings: Settings) -> None:
    settings.INTERNAL_URLS = dict.fromkeys(settings.INTERNAL_URLS, f"http://127.0.0.1:{free_port()}")
    correlation = str(uuid4())
    answer = get(f"{AT}/{what}", **{"X-Correlation-Id": correlation})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert (answer.json()["code"], answer.json()["trace_id"]) == ("unavailable", correlation)
