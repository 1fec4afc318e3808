"""Writes: each is a command under an idempotency key, executed at most once, and answered the same for ever.

    class Deposits(BankView):
        @command(ACCOUNTS, DepositBody, location="/api/v1/accounts/{account}")
        def post(self, asked: Asked, account_id: UUID) -> Do:
            "Pay money in."
            owned(asked.principal, queries.owner(account_id))
            paid = asked.body["amount"]
            return Do(Order(ACCOUNT, str(account_id), DepositMoney(str(account_id), paid.amount_minor, paid.currency)))

The answer is a pure function of the command's row and the request: nothing else is stored, nothing personal either.
What the view would say today of what took effect yesterday does not matter: its no is told when the row is not there.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from bank.context import Attachment, Context, Order, Unit
from bank.db import exceeds_a_limit, refresh_connections
from bank.decider import Decider, Refused
from bank.execution import Contended, IdReused, Running, StaleVersion, execute, recall
from bank.http import openapi, problems
from bank.http.principal import Principal, principal_of
from bank.http.problems import Problem, bad_request
from bank.http.schemas import Body, Empty
from bank.http.strict_json import canonical
from bank.outcomes import Result, find
from bank.recorded import Origin

COMMANDS = UUID("0b7c6d0a-6b0e-5a5e-8f6a-3f1f0c9b7d21")
"""The namespace of command ids that come by HTTP. Final: ids are remembered for ever."""

KEY = re.compile(r"[\x21-\x7e]{1,255}")

NO = (Refused, APIException, Http404, PermissionDenied)
"""How a view says that it does not do what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A write as it was asked for: by whom, under which command id, with which validated body."""

    principal: Principal
    id: UUID
    body: dict[str, Any]
    fingerprint: bytes
    expected_version: int | None
    origin: Origin

    def new_id(self, kind: str = "") -> str:
        """The id of something this command creates: the same again when the request is repeated."""
        return str(uuid5(self.id, kind))


@dataclass(frozen=True, slots=True, init=False)
class Do:
    """What a write amounts to: the orders of one unit.

    - `before` is a unit with an id of its own that is executed first in the same transaction, and stands also where
      this one is refused: what the bank remembers of a mistake.
    - `then` is called once the unit has taken effect, and told whether this is a repetition: for what cannot be part of
      the unit and may have come to nothing the first time. It may raise a `Problem`.
    - `attachments` are stored with the events, and not at all when there are none.
    """

    orders: tuple[Order, ...]
    before: Unit | None
    then: Callable[[bool], object] | None
    attachments: tuple[Attachment, ...]

    def __init__(
        self,
        *orders: Order,
        before: Unit | None = None,
        then: Callable[[bool], object] | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        object.__setattr__(self, "orders", orders)
        object.__setattr__(self, "before", before)
        object.__setattr__(self, "then", then)
        object.__setattr__(self, "attachments", attachments)


@dataclass(frozen=True, slots=True)
class Write:
    """How a write is answered, whichever of its requests it is.

    - `location` is the resource's address. What stands in its braces is the answer's `id`: `{account}` is the
      `account_id` of the request's own address or else the key of the unit's stream `account-…`, `{command}` the
      command's id.
    - The answer speaks of the stream of `about`, the first order's unless said: `version`, `ETag` and `position` are
      its own, and `If-Match` concerns it.
    """

    context: Context
    location: str
    status: int = 200
    about: Decider[Any, Any, Any] | None = None


def command(
    context: Context,
    body: type[Body] = Empty,
    *,
    location: str,
    status: int = 200,
    about: Decider[Any, Any, Any] | None = None,
) -> Callable[[Callable[..., Do]], Callable[..., Response]]:
    """Make a view method a write: it gets an `Asked` and returns what to `Do`, or raises `Refused` or a `Problem`.

    `status` is 201 where something is made, 202 where the answer is only the beginning; the others are a `Write`'s.
    """
    write = Write(context, location, status, about)

    def decorate(method: Callable[..., Do]) -> Callable[..., Response]:
        @wraps(method)
        def answer(view: Any, request: Request, **path: Any) -> Response:
            asked = ask(request, body)
            return carry_out(write, asked, path, lambda: method(view, asked, **path))

        return openapi.write(answer, body, status, location)

    return decorate


def carry_out(write: Write, asked: Asked, path: Mapping[str, Any], decide: Callable[[], Do]) -> Response:
    """From what was asked, at this `path`, to the answer."""
    try:
        do = decide()
    except NO:
        result = recalled(write.context, asked)
        if result is None:
            raise
        return respond(write, result, path)
    result = run(write, asked, do)
    if do.then is not None:
        do.then(result.replayed)
    return respond(write, result, path)


def ask(request: Request, body: type[Body] = Empty) -> Asked:
    """Read a write: its key, its body, its `If-Match`. Raises the problem that says what is wrong with it."""
    return asked_with(request, body, lambda: request.data, lambda: fingerprint(request))


def asked_with(request: Request, body: type[Body], data: Callable[[], Any], fingerprint: Callable[[], bytes]) -> Asked:
    """The same, where the fields are not those of a JSON body."""
    principal = principal_of(request)
    id = command_id(principal, request)
    correlation = problems.correlation_id(request)
    problems.set_trace_id(request, correlation or id)
    read = body(data=data())
    read.is_valid(raise_exception=True)
    return Asked(
        principal=principal,
        id=id,
        body=read.validated_data,
        fingerprint=fingerprint(),
        expected_version=expected_version(request),
        origin=Origin(principal.actor, correlation_id=correlation, traceparent=problems.traceparent(request)),
    )


def command_id(principal: Principal, request: Request) -> UUID:
    """The same user, address and key are the same command."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise bad_request("idempotency_key_missing", "Every write needs an Idempotency-Key of your making.")
    if not KEY.fullmatch(key):
        raise bad_request("idempotency_key_invalid", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    return uuid5(COMMANDS, f"{principal.user_id}\n{request.method} {request.path}\n{key}")


def fingerprint(request: Request) -> bytes:
    asked = b"\n".join(((request.method or "").encode(), request.path.encode(), canonical(request.data)))
    return hashlib.sha256(asked).digest()


def expected_version(request: Request) -> int | None:
    """The version `If-Match` names; `*` and its absence mean any. The day in the ETag of a read does not matter."""
    value = request.headers.get("If-Match", "*").strip()
    if value == "*":
        return None
    named = re.fullmatch(r'"([0-9]{1,9})(\.[0-9]{8})?"', value, re.ASCII)
    if named is None:
        raise bad_request("if_match_invalid", 'If-Match is one ETag as the bank gave it, such as "7".')
    return int(named[1])


def run(write: Write, asked: Asked, do: Do) -> Result:
    """Execute it, once. Raises the problem when it did not take effect."""
    unit = Unit(
        *_matching(write, do, asked.expected_version),
        id=asked.id,
        origin=asked.origin,
        fingerprint=asked.fingerprint,
        attachments=do.attachments,
    )
    with _explained():
        try:
            result = execute(write.context, [*([do.before] if do.before else []), unit], wait=False)[-1]
        except problems.UNREACHABLE as error:
            if exceeds_a_limit(error):
                raise problems.too_much() from error
            result = _truth(write.context, asked, error)
    return _accepted(result)


def recalled(context: Context, asked: Asked) -> Result | None:
    """What became of it, if it was executed before. Raises the problem when it did not take effect."""
    with _explained():
        result = recall(context, asked.id, asked.fingerprint)
    return None if result is None else _accepted(result)


def _matching(write: Write, do: Do, version: int | None) -> list[Order]:
    if version is None:
        return list(do.orders)
    about = next(order for order in do.orders if write.about is None or order.decider is write.about)
    return [replace(order, expected_version=version) if order is about else order for order in do.orders]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except IdReused as error:
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for another request.") from error
    except StaleVersion as error:
        raise Problem(412, "stale_version", "The resource has changed since you read it.") from error
    except Running as error:
        raise _running() from error
    except Contended as error:
        raise problems.unavailable("Too many others change this at the moment. Try again with the same key.") from error


def _running() -> Problem:
    return Problem(
        409, "still_running", "The same request is being executed at this moment.", headers={"Retry-After": "1"}
    )


def _truth(context: Context, asked: Asked, error: Exception) -> Result:
    """The connection broke: the transaction may have committed before its answer was lost. Look before speaking."""
    refresh_connections()
    try:
        found = find(context, asked.id)
    except problems.UNREACHABLE:
        found = None
    if found is None:
        raise problems.unavailable(
            "The bank cannot say yet whether this took effect. A retry with the same Idempotency-Key tells the truth."
        ) from error
    return replace(found, replayed=False)


def _accepted(result: Result) -> Result:
    if result.outcome in ("refused", "cancelled"):
        problem = problems.refused(result.code, result.reason)
        problem.headers = _replayed(result)
        raise problem
    return result


def _replayed(result: Result) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if result.replayed else {}


def respond(write: Write, result: Result, path: Mapping[str, Any]) -> Response:
    """The answer to a command that took effect, now or before."""
    id = _named(write.location, result, path)
    stream, version = _spoken_of(write, result)
    body = {"id": id, "version": version, "position": None}
    headers = {"Location": NAMED.sub(id, write.location), **_replayed(result)}
    if version is not None:
        body["position"] = f"{write.context.name}:{stream}@{version}"
        headers["ETag"] = f'"{version}"'
    return Response(body, status=write.status, headers=headers)


NAMED = re.compile(r"\{(\w+)\}")


def _named(location: str, result: Result, path: Mapping[str, Any]) -> str:
    (name,) = NAMED.findall(location)
    if name == "command":
        return str(result.id)
    if f"{name}_id" in path:
        return str(path[f"{name}_id"])
    return next(key for owner, _, key in (stream.partition("-") for stream in result.streams) if owner == name)


def _spoken_of(write: Write, result: Result) -> tuple[str, int | None]:
    for stream, version in zip(result.streams, result.versions, strict=True):
        if write.about is None or write.about.name == stream.partition("-")[0]:
            return stream, version
    return "", None
