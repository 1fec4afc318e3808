"""A client of the bank's public API that does not give up: every write is repeated under its own key until answered."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx

from bankview.demo.addresses import Addresses

PATIENCE_S = 90.0
"""How long one request may be repeated: longer than any child of the bank takes to come back."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
TOO_EARLY = ("still_running", "account_not_known", "customer_not_verified")
"""What a 409 says that is worth another try."""


class Unanswered(Exception):
    """The bank did not answer in all that time."""


class Unexpected(Exception):
    """The bank answered what it should not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    location: str = ""

    @property
    def code(self) -> str:
        """A problem's code; empty for a success."""
        return str(self.body.get("code", "")) if self.status >= 400 and isinstance(self.body, Mapping) else ""


@dataclass(slots=True)
class Bank:
    """`retries` counts requests that had to be repeated: a killed child shows here and nowhere else."""

    http: httpx.AsyncClient
    addresses: Addresses
    client_id: str
    client_secret: str
    token: str = ""
    retries: int = 0
    signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def is_open(self) -> bool:
        """Whether anybody answers at all: asked before patience begins."""
        try:
            return (await self.http.get(self.addresses.of("/livez"))).status_code < 500
        except httpx.TransportError:
            return False

    async def read(self, path: str, **params: Any) -> Any:
        """The body of a 200. Raises `Unexpected`."""
        answer = await self.send("GET", path, params=params)
        if answer.status != 200:
            raise Unexpected(f"GET {path} answered {answer.status} {answer.body}")
        return answer.body

    async def redirected(self, path: str) -> str:
        """The address to which a path sends its clients. Raises `Unexpected`."""
        answer = await self.send("GET", path)
        if answer.status != 307:
            raise Unexpected(f"GET {path} answered {answer.status} and not where else to ask")
        return answer.location

    async def items(self, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Everything on all pages of a list."""
        page = await self.read(path, limit=200, **params)
        while True:
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            page = await self.read(path, limit=200, cursor=page["next"], **params)

    async def write(self, path: str, body: Mapping[str, Any], key: str) -> Answer:
        """A command under a key: whatever happens on the way, it takes effect at most once."""
        return await self.send("POST", path, json=body, headers={"Idempotency-Key": key})

    async def done(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        """A command that must be accepted. Raises `Unexpected`."""
        answer = await self.write(path, body, key)
        if answer.status >= 300:
            raise Unexpected(f"POST {path} answered {answer.status} {answer.body}")
        return answer.body

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        """Repeated while nobody answers, a part of the bank is away, or the same request is still running."""
        until, pause_s = monotonic() + PATIENCE_S, FIRST_PAUSE_S
        while True:
            answer = await self._once(method, path, options)
            if answer is not None:
                return answer
            if monotonic() > until:
                raise Unanswered(f"{method} {path} was not answered within {PATIENCE_S:.0f} s")
            self.retries += 1
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _once(self, method: str, path: str, options: dict[str, Any]) -> Answer | None:
        """None: ask again."""
        try:
            response = await self._authorized(method, path, options)
        except httpx.TransportError:
            return None
        if response.status_code >= 500 or response.status_code == 429:
            return None
        body = response.json() if response.content else {}
        if response.status_code == 409 and body.get("code") in TOO_EARLY:
            return None
        return Answer(response.status_code, body, response.headers.get("location", ""))

    async def _authorized(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        """With the token there is, or a new one where it has run out."""
        token = self.token or await self.sign_in("")
        address = self.addresses.of(path)
        response = await self.http.request(method, address, **self._with(token, options))
        if response.status_code == 401:
            response = await self.http.request(method, address, **self._with(await self.sign_in(token), options))
        return response

    def _with(self, token: str, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "headers": {**options.get("headers", {}), "Authorization": f"Bearer {token}"}}

    async def sign_in(self, instead_of: str) -> str:
        """A token for the client itself (OAuth 2 client credentials); many may ask, one gets it for all."""
        async with self.signing_in:
            if self.token == instead_of:
                self.token = await self._new_token()
            return self.token

    async def _new_token(self) -> str:
        provider = await self.http.get(self.addresses.of("/.well-known/openid-configuration"))
        if provider.status_code >= 500:
            raise httpx.ReadError("The identity provider is away.")
        response = await self.http.post(
            self.addresses.of(httpx.URL(provider.json()["token_endpoint"]).path),
            data={"grant_type": "client_credentials", "scope": "openid"},
            auth=(self.client_id, self.client_secret),
        )
        if 400 <= response.status_code < 500:
            raise Unexpected(f"The bank does not know the client {self.client_id!r}: {response.text}")
        if response.status_code >= 500:
            raise httpx.ReadError("The identity provider is away.")
        return str(response.json()["access_token"])


@asynccontextmanager
async def bank(addresses: Addresses, *, connections: int) -> AsyncIterator[Bank]:
    """The bank as the demo's own client sees it; its id and secret come from the environment."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    timeout = httpx.Timeout(30.0, connect=5.0, pool=None)
    async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as http:
        yield Bank(
            http,
            addresses,
            os.environ.get("BANK_DEMO_CLIENT_ID", "demo"),
            os.environ.get("BANK_DEMO_CLIENT_SECRET", ""),
        )
