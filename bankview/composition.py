"""The bank view asked of the four contexts at this moment, in parallel, over their public API.

Each context has a time limit of its own; one that does not answer is named as missing and the rest is shown. Nothing
is known here of the caller: his credentials are handed on, and each context decides what he may see.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from bankview.parts import PARTS
from bankview.parts.card_payment import RECENT_PAYMENTS
from bankview.parts.part import Part
from bankview.parts.payment_file import RECENT_FILES

PART_S = 2.0
"""How long a context has for its part."""

MAX_PAGES = 10


class Denied(Exception):
    """A context refuses this caller: its answer is the composition's answer."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Unanswered(Exception):
    """A context did not answer in time, or not sensibly."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Asks contexts in the name of whoever asked us."""

    client: httpx.AsyncClient
    urls: Mapping[str, str]
    headers: Mapping[str, str]

    async def get(self, context: str, path: str, **params: str | int) -> Any:
        """The JSON of an answer; None for 404. Raises `Denied` and `Unanswered`."""
        try:
            response = await self.client.get(f"{self.urls[context]}{path}", params=params, headers=self.headers)
        except httpx.HTTPError as error:
            raise Unanswered(context) from error
        if response.status_code == 404:
            return None
        if response.status_code in (401, 403):
            raise Denied(response)
        if response.status_code != 200:
            raise Unanswered(f"{context} answered {response.status_code}")
        return response.json()

    async def items(self, context: str, path: str, customer_id: str) -> list[dict[str, Any]] | None:
        """All pages of a customer's things; None for 404."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = await self.get(context, path, customer_id=customer_id, limit=200, **cursor)
            if page is None:
                return None
            found += page["items"]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        return found


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the document: its name there, what it is made of, and who is asked."""

    name: str
    part: Part[Any]
    ask: Callable[[Caller, str], Awaitable[Any]]


async def ask_profile(caller: Caller, customer_id: str) -> Any:
    return await caller.get("customers", f"/api/v1/customers/{customer_id}")


async def ask_accounts(caller: Caller, customer_id: str) -> Any:
    return await caller.items("accounts", "/api/v1/accounts", customer_id)


async def ask_loans(caller: Caller, customer_id: str) -> Any:
    return await caller.items("loans", "/api/v1/loans", customer_id)


async def ask_cards(caller: Caller, customer_id: str) -> Any:
    return await caller.items("cards", "/api/v1/cards", customer_id)


async def ask_card_payments(caller: Caller, customer_id: str) -> Any:
    page = await caller.get("cards", "/api/v1/card-payments", customer_id=customer_id, limit=RECENT_PAYMENTS)
    return page and page["items"]


async def ask_payment_files(caller: Caller, customer_id: str) -> Any:
    page = await caller.get("accounts", "/api/v1/payment-files", customer_id=customer_id, limit=RECENT_FILES)
    return page and page["items"]


BY_PART = {part.name: part for part in PARTS}
SECTIONS = (
    Section("profile", BY_PART["profile"], ask_profile),
    Section("accounts", BY_PART["account"], ask_accounts),
    Section("loans", BY_PART["loan"], ask_loans),
    Section("cards", BY_PART["card"], ask_cards),
    Section("card_payments", BY_PART["card_payment"], ask_card_payments),
    Section("payment_files", BY_PART["payment_file"], ask_payment_files),
)
NEWEST_FIRST = ("card_payments", "payment_files")
"""As their contexts answer."""


async def compose(caller: Caller, customer_id: str) -> dict[str, Any] | None:
    """The document, with the names of missing parts; None when the customer is unknown or somebody else's.

    Raises `Denied`.
    """
    answers = await asyncio.gather(*(_ask(section, caller, customer_id) for section in SECTIONS))
    missing = [section.name for section, answer in zip(SECTIONS, answers, strict=True) if answer is MISSING]
    known = [answer for answer in answers if answer is not MISSING]
    if known and not any(known) and None in known:
        return None
    document = {
        section.name: shown(section, None if answer is MISSING else answer)
        for section, answer in zip(SECTIONS, answers, strict=True)
    }
    return {"customer_id": customer_id} | document | {"missing": missing}


MISSING: Any = object()


async def _ask(section: Section, caller: Caller, customer_id: str) -> Any:
    try:
        async with asyncio.timeout(PART_S):
            return await section.ask(caller, customer_id)
    except (Unanswered, TimeoutError):
        return MISSING


def shown(section: Section, answer: Any) -> Any:
    """The answer as the view shows it: the fields of its part, in its order."""
    if section.name == "profile":
        return answer and picked(section.part, answer)
    items = [picked(section.part, item) for item in answer or ()]
    if section.name in NEWEST_FIRST:
        return items
    return sorted(items, key=lambda item: (item.get(section.part.ordered_by) or "", item["id"]))


def picked(part: Part[Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answer.get(name) for name in (*part.fields, "version")}
