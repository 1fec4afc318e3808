"""`manage.py sagas`: where the orchestrated processes of the contexts here stand, and what people order of them."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from bank.context import Context, load
from bank.http.principal import of_user
from bank.models import SagaRow
from bank.sagas import driving
from bank.sagas.progress import Command as SagaCommand
from bank.sagas.progress import Compensate, Resolve, Retry

AT_MOST = 1000
COLUMNS = ("id", "name", "status", "step", "participant", "code", "begun_at", "due_at", "overdue_at")


class Command(BaseCommand):
    help = (
        "Processes with a coordinator. `retry` asks again, `compensate` turns one back before its point of no return, "
        "`resolve` says that the step where one cannot go on was seen to by hand: one person asks, a second agrees. "
        "What only its participant can do is not resolved: mend what keeps it from that; its parked message does it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="those under way, or with a status")
        listing.add_argument("--status", help="running, compensating, stuck, compensation_failed, completed, …, or all")
        shown = actions.add_parser("show", help="one with its timeline")
        shown.add_argument("id")
        orders = {name: actions.add_parser(name) for name in ("retry", "compensate", "resolve")}
        for order in orders.values():
            order.add_argument("id")
            order.add_argument("--operator", required=True, help="the login of the operator who orders it")
        for each in (listing, shown, *orders.values()):
            each.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            self._list(options["status"], as_json=options["json"])
            return
        context, row = found(options["id"])
        if action == "show":
            self._show(context, row, as_json=options["json"])
            return
        self._order(context, row, action, options)

    def _list(self, status: str | None, *, as_json: bool) -> None:
        rows = [row for context in orchestrating() for row in listed(context.name, status)]
        if as_json:
            self.stdout.write(json.dumps([told(row) for row in rows], indent=2))
            return
        for row in rows:
            at = f"{row.step} at {row.participant}" if row.step else row.code or "–"
            self.stdout.write(f"{row.id}  {row.name}  {row.status}  {at}  since {row.changed_at:%Y-%m-%d %H:%M:%S}")
        self.stdout.write(f"{len(rows)} sagas")

    def _show(self, context: Context, row: SagaRow, *, as_json: bool) -> None:
        timeline = driving.timeline(context, driving.by_name(context, row.name), row.id)
        if as_json:
            events = [{"time": time.isoformat(), "event": what, "actor": who} for time, what, who in timeline]
            self.stdout.write(json.dumps({**told(row), "timeline": events}, indent=2))
            return
        for name, value in told(row).items():
            self.stdout.write(f"{name:<12} {value if value is not None else '–'}")
        for time, what, who in timeline:
            self.stdout.write(f"{time:%Y-%m-%d %H:%M:%S}  {what:<32} {who}")

    def _order(self, context: Context, row: SagaRow, action: str, options: dict[str, Any]) -> None:
        operator = operator_named(options["operator"])
        orders: dict[str, SagaCommand] = {
            "retry": Retry(operator),
            "compensate": Compensate(operator),
            "resolve": Resolve(operator),
        }
        saga = driving.by_name(context, row.name)
        result = driving.order(context, saga, row.id, orders[action], operator)
        if result.code:
            raise CommandError(f"{result.code}: {result.reason}")
        row.refresh_from_db(using=context.name)
        if options["json"]:
            self.stdout.write(json.dumps(told(row), indent=2))
            return
        waits = f"; {row.proposed_by} says that {row.proposed} was seen to by hand" if row.proposed else ""
        self.stdout.write(f"{row.id} is {row.status}{waits}")


def operator_named(login: str) -> str:
    """As the console and the API name him in events."""
    found = get_user_model()._default_manager.using("default").filter(username=login, is_staff=True, is_active=True)
    user = found.first()
    if user is None:
        raise CommandError(f"There is no active operator with the login {login!r}.")
    try:
        return of_user(user).actor
    except PermissionDenied as error:
        raise CommandError(str(error)) from error


def orchestrating() -> list[Context]:
    return [context for context in map(load, settings.CONTEXTS) if context.sagas]


def listed(context: str, status: str | None) -> list[SagaRow]:
    rows = SagaRow.objects.using(context).order_by("-begun_at", "id")
    if status is None:
        rows = rows.filter(overdue_at__isnull=False)
    elif status != "all":
        rows = rows.filter(status=status)
    return list(rows[:AT_MOST])


def found(id: str) -> tuple[Context, SagaRow]:
    for context in orchestrating():
        row = SagaRow.objects.using(context.name).filter(id=id).first()
        if row is not None:
            return context, row
    raise CommandError(f"There is no saga {id!r} here.")


def told(row: SagaRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
