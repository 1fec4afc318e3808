"""What the examples of the README need, for a shell: `eval "$(.venv/bin/python manage.py demo_shell)"`."""

from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.identity.demo import PEOPLE, Bank
from config.identity.models import User


class Command(BaseCommand):
    help = (
        "Print, for a shell, API and BESIDE (the addresses), TOKEN (an operator's, good for 15 minutes), and CUSTOMER"
        " and ACCOUNT of a demo customer of the running bank."
    )
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        ada = User.objects.using("default").filter(email=PEOPLE[0].email).first()
        if ada is None:
            raise CommandError("There are no demo customers here: the bank was started with --no-demo.")
        try:
            with httpx.Client(timeout=30) as http:
                bank = Bank(http)
                found = bank.get("accounts", "accounts", customer_id=str(ada.customer_id))["items"]
            account = next(each["id"] for each in found if each["kind"] == "savings")
        except httpx.HTTPError as error:
            raise CommandError(f"The bank does not answer ({error}). Start it with: make run") from error
        for name, value in {
            "API": settings.INTERNAL_URLS["bankview"] + "/api/v1",
            "BESIDE": f"{settings.SIDECAR_URL or f'http://127.0.0.1:{settings.ASGI_PORT}'}/api/v1",
            "TOKEN": bank.token,
            "CUSTOMER": ada.customer_id,
            "ACCOUNT": account,
        }.items():
            self.stdout.write(f"export {name}={value}")
