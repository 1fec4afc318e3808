"""The small ASGI process on the port beside the API: composition, comparison and server-sent events.

All three wait for others, so none of them holds a request worker; and the composition reaches the contexts through the
network in every topology, so that its comparison with the view is honest.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from time import perf_counter
from typing import Any

import httpx
import msgspec
from django.conf import settings
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bank.http.problems import CONTENT_TYPE, Problem, as_problem, not_found, trace_id, unavailable
from bankview.comparison import differences, verdict
from bankview.composition import PART_S, Caller, Denied, compose
from bankview.side_by_side import page

POLL_S = 0.25
HEARTBEAT_S = 15.0
FORWARDED = ("authorization", "cookie", "traceparent")
OF_REFUSALS = ("content-type", "retry-after", "www-authenticate")
PREFIX = "/api/v1/customers/{customer_id:uuid}"


@asynccontextmanager
async def client_for(app: Starlette) -> AsyncIterator[None]:
    """One client for all requests, with connections that stay open."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx.AsyncClient(timeout=httpx.Timeout(PART_S), limits=limits, trust_env=False) as client:
        app.state.client = client
        yield


def caller(request: Request) -> Caller:
    """Whatever answers, here or there, answers under one trace id: the caller's, or one made up here."""
    headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
    headers["x-correlation-id"] = trace_id(request)
    return Caller(request.app.state.client, settings.INTERNAL_URLS, headers)


def bank_view_url(request: Request) -> str:
    return f"{settings.INTERNAL_URLS['bankview']}/api/v1/customers/{request.path_params['customer_id']}/bank-view"


# Answers.


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, UNCACHED | (headers or {}), JSON)


JSON = "application/json"
UNCACHED = {"Cache-Control": "private, no-cache", "Vary": "Accept"}


def as_response(request: Request, problem: Problem) -> Response:
    body = msgspec.json.encode(problem.document(trace_id(request)))
    return Response(body, problem.status_code, dict(problem.headers), media_type=CONTENT_TYPE)


def passed_on(response: httpx.Response) -> Response:
    """A context's own refusal."""
    headers = {name: response.headers[name] for name in OF_REFUSALS if name in response.headers}
    return Response(response.content, response.status_code, headers)


async def refused(request: Request, error: Exception) -> Response:
    """What Starlette refuses by itself (no such path, another method), and a defect, are problems as the API's are."""
    match error:
        case HTTPException(status_code=404):
            return as_response(request, not_found())
        case HTTPException(status_code=405):
            sentence = f'Method "{request.method}" not allowed.'
            return as_response(request, Problem(405, "method_not_allowed", sentence, headers=error.headers))
    return as_response(request, as_problem(error))


class Hardened:
    """The headers which Django's middleware puts on every answer of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HARDENING)
            await send(message)

        await self.app(scope, receive, hardened)


HARDENING = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# What is asked.


async def composed(request: Request) -> Response:
    try:
        found = await compose(caller(request), str(request.path_params["customer_id"]))
    except Denied as denied:
        return passed_on(denied.response)
    return answer(found) if found is not None else as_response(request, not_found())


async def compared(request: Request) -> Response:
    """Asks the view first and the contexts right after, and takes the time of each."""
    asks = caller(request)
    began = perf_counter()
    try:
        response = await asks.client.get(bank_view_url(request), headers=asks.headers)
    except httpx.HTTPError:
        return as_response(request, unavailable("The view cannot be reached. Try again."))
    viewed = perf_counter()
    if response.status_code != 200:
        return passed_on(response)
    try:
        other = await compose(asks, str(request.path_params["customer_id"]))
    except Denied as denied:
        return passed_on(denied.response)
    if other is None:
        return as_response(request, not_found())
    latency = {"view_ms": milliseconds(viewed - began), "composed_ms": milliseconds(perf_counter() - viewed)}
    found = comparison(response.json(), other, latency)
    return HTMLResponse(page(found), headers=UNCACHED) if wants_a_page(request) else answer(found)


def wants_a_page(request: Request) -> bool:
    """Browsers say that they read HTML; programs do not."""
    return "text/html" in request.headers.get("accept", "")


def comparison(view: dict[str, Any], other: dict[str, Any], latency: dict[str, float]) -> dict[str, Any]:
    found = differences(view, other)
    return {
        "verdict": verdict(found, other["missing"]),
        "latency": latency,
        "differences": [asdict(difference) for difference in found],
        "view": view,
        "composed": other,
    }


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


async def stream(request: Request) -> Response:
    """Whether the caller may see this customer is for the view to say, so it is asked once before we begin."""
    asks = caller(request)
    try:
        first = await asks.client.get(bank_view_url(request), headers=asks.headers)
    except httpx.HTTPError:
        return as_response(request, unavailable("The view cannot be reached. Try again."))
    if first.status_code != 200:
        return passed_on(first)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(asks, bank_view_url(request), first), 200, headers, "text/event-stream")


async def events(asks: Caller, url: str, first: httpx.Response) -> AsyncIterator[bytes]:
    """The view, and again whenever it changes; a comment now and then so that nobody thinks we are gone."""
    etag, silent_s = first.headers["etag"], 0.0
    yield event(first)
    while True:
        await asyncio.sleep(POLL_S)
        silent_s += POLL_S
        try:
            response = await asks.client.get(url, headers={**asks.headers, "if-none-match": etag})
        except httpx.HTTPError:
            continue
        if response.status_code == 200:
            etag, silent_s = response.headers["etag"], 0.0
            yield event(response)
        elif response.status_code in (401, 403, 404):
            return
        elif silent_s >= HEARTBEAT_S:
            silent_s = 0.0
            yield b": still here\n\n"


def event(response: httpx.Response) -> bytes:
    id = response.headers["etag"].strip('"')
    return b"event: view\nid: %s\ndata: %s\n\n" % (id.encode(), response.content)


async def alive(request: Request) -> Response:
    return answer({"status": "alive"})


application = Starlette(
    routes=[
        Route(f"{PREFIX}/bank-view/composed", composed),
        Route(f"{PREFIX}/bank-view/compare", compared),
        Route(f"{PREFIX}/stream", stream),
        Route("/livez", alive),
    ],
    middleware=[
        Middleware(Hardened),
        Middleware(
            CORSMiddleware,
            allow_origins=[settings.PUBLIC_URL],
            allow_methods=["GET"],
            allow_headers=["Authorization", "If-None-Match"],
            expose_headers=["ETag"],
        ),
    ],
    exception_handlers={HTTPException: refused, Exception: refused},
    lifespan=client_for,
)
