"""The bank view, its activity feed, and the tracker, as JSON."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from bank.http import openapi
from bank.http.openapi import BankSchema
from bank.http.pages import Page, Shown, Wanted, listing, matches, read
from bank.http.principal import operator_only, owned, principal_of
from bank.http.problems import Problem, not_found
from bank.http.schemas import Empty, ProblemOut
from bank.http.views import BankView
from bankview import queries
from bankview.api import schemas
from bankview.processes import BY_NAME, happened, steps

WAIT_S = 2.0


class WaitingSchema(BankSchema):
    """Of a read that may wait for the view to get somewhere."""

    def get_response_serializers(self) -> Any:
        text = f"{openapi.FAILURES[503]} Or the view is still behind `after` (`view_behind`): `errors` says how far."
        return {**super().get_response_serializers(), (503, openapi.PROBLEM): OpenApiResponse(ProblemOut, text)}


class CustomerBankView(BankView):
    """A customer's whole bank in one answer, from the materialized view."""

    schema = WaitingSchema()

    def get(self, request: Request, customer_id: UUID) -> HttpResponse:
        """A customer's profile, balances, loans, cards, recent card payments and files of payments.

        Served from one database, whatever the other contexts are doing. `?after=` makes it wait for your own writes.
        """
        owned(principal_of(request), customer_id)
        wait(request, str(customer_id))
        return answered(request, str(customer_id))


openapi.reading(CustomerBankView.get, schemas.BankViewOut, schemas.BankViewQuery)


def wait(request: Request, customer_id: str) -> None:
    """Raises 503 when the view has not got to the positions asked for within two seconds."""
    if not request.query_params:
        return
    asked = schemas.BankViewQuery(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    late = queries.wait_for(customer_id, asked.validated_data.get("after", ()), timeout_s=WAIT_S)
    if late:
        raise Problem(
            503,
            "view_behind",
            "The view has not got there yet. Ask again in a moment.",
            errors={token: [f"{events} event{'s' * (events > 1)} behind."] for token, events in late.items()},
            headers={"Retry-After": "1"},
        )


def answered(request: Request, customer_id: str) -> HttpResponse:
    """JSON as the database gave it: nothing is decoded or encoded here, and nothing is read that the client has."""
    known = request.headers.get("If-None-Match")
    if known and (current := queries.current_etag(customer_id)) is not None and matches(known, current):
        return HttpResponse(status=304, headers=headers(current))
    found = queries.bank_view(customer_id)
    if found is None:
        raise not_found()
    return HttpResponse(found.document, content_type="application/json", headers=headers(found.etag))


def headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache"}


class BankViews(BankView):
    """Bank views by mobile number."""

    def get(self, request: Request) -> HttpResponse:
        """Find a customer's bank view by mobile number (operators)."""
        operator_only(principal_of(request))
        asked = schemas.MobileNumberQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        customer_id = queries.customer_by_mobile_number(asked.validated_data["mobile_number"])
        if customer_id is None:
            raise not_found()
        return answered(request, customer_id)


openapi.reading(BankViews.get, schemas.BankViewOut, schemas.MobileNumberQuery)


class Activity(BankView):
    @listing(schemas.ActivityOut)
    def get(self, wanted: Wanted, customer_id: UUID) -> Page:
        """What happened to a customer, newest first."""
        owned(wanted.principal, customer_id)
        rows = queries.activity(str(customer_id), after=wanted.after, limit=wanted.fetch)
        return wanted.page(rows, key=lambda row: (row["time"].isoformat(), row["stream"], row["version"]))


class Processes(BankView):
    @listing(schemas.ProcessOut, schemas.ProcessQuery)
    def get(self, wanted: Wanted) -> Page:
        """Processes that cross contexts, the latest begun first (operators)."""
        operator_only(wanted.principal)
        filters = {name: str(value) if isinstance(value, UUID) else value for name, value in wanted.filters.items()}
        rows = queries.processes(filters, after=wanted.after, limit=wanted.fetch)
        return wanted.page(rows, key=lambda row: (row["started_at"].isoformat(), row["id"]))


class Operation(BankView):
    @read(schemas.OperationOut)
    def get(self, wanted: Wanted, operation_id: UUID) -> Shown:
        """One process step by step, by its id or by the correlation id of the request that began it.

        A correlation id under which several were begun shows the first.
        """
        asks = wanted.principal
        if not (asks.is_operator or asks.customer_id):
            return Shown(None)
        found = queries.process(str(operation_id), customer_id=None if asks.is_operator else asks.customer_id)
        if found is None:
            return Shown(None)
        declared = steps(BY_NAME[found["name"]], happened(found["events"]), ended=bool(found["outcome"]))
        return Shown(found | {"steps": [asdict(step) for step in declared]})


class RedirectSchema(BankSchema):
    """Of what another process answers. The document names that process: a browser that is sent to another port leaves
    its Authorization behind, so it has to go there of its own accord."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_operation(*args, **kwargs)
        public = urlsplit(settings.PUBLIC_URL)
        url = settings.SIDECAR_URL or f"{public.scheme}://{public.hostname}:{settings.ASGI_PORT}"
        return found and found | {"servers": [{"url": url}]}

    def get_response_serializers(self) -> Any:
        there = OpenApiResponse(description="`Location` is the same path at the composition's process.")
        return {**super().get_response_serializers(), 307: there}


class InSidecar(BankView):
    """What the composition's own process answers, on a port of its own: this one sends you there."""

    schema = RedirectSchema()

    def redirect(self, request: Request) -> HttpResponse:
        return HttpResponse(status=307, headers={"Location": f"{sidecar_url(request)}{request.get_full_path()}"})


class Composed(InSidecar):
    def get(self, request: Request, customer_id: UUID) -> HttpResponse:
        """The same document as the bank view, asked of the four contexts at this moment.

        A part whose context does not answer in time is named in `missing`. This address redirects (307) to the
        composition's process; clients that drop their Authorization on a redirect call that address directly.
        """
        return self.redirect(request)


openapi.reading(Composed.get, schemas.ComposedOut, Empty)


class Compared(InSidecar):
    def get(self, request: Request, customer_id: UUID) -> HttpResponse:
        """View and composition side by side: latency, staleness per field, and a verdict.

        `drift` is a defect: both sides claim the same version and differ. This address redirects (307) as
        …/composed does.
        """
        return self.redirect(request)


openapi.reading(Compared.get, schemas.ComparisonOut, Empty)


class Stream(InSidecar):
    def get(self, request: Request, customer_id: UUID) -> HttpResponse:
        """The view as server-sent events: one at once, and one after every change.

        Each event is called `view`; its id is the ETag of the view. This address redirects (307) as …/composed does.
        """
        return self.redirect(request)


openapi.reading(Stream.get, schemas.BankViewOut, Empty)


def sidecar_url(request: Request) -> str:
    """Where the composition's process is reached by this client."""
    if settings.SIDECAR_URL:
        return str(settings.SIDECAR_URL)
    host = urlsplit(f"//{request.get_host()}").hostname
    return f"{request.scheme}://{host}:{settings.ASGI_PORT}"
