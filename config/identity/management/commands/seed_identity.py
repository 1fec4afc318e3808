"""The first people of a new bank: an operator, a client for programs, and logins for customers."""

import os
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from config.identity import logins


class Command(BaseCommand):
    help = (
        "Make an operator, an OAuth client that acts as the operator, and logins for customers. Running it again"
        " changes nothing. Secrets come from the environment: BANK_OPERATOR_EMAIL, BANK_OPERATOR_PASSWORD,"
        " BANK_DEMO_CLIENT_ID, BANK_DEMO_CLIENT_SECRET, BANK_CUSTOMER_PASSWORD."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--login", action="append", default=[], metavar="EMAIL:CUSTOMER_ID", help="a customer's login; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = os.environ.get("BANK_OPERATOR_EMAIL", "operator@bank.example")
        operator = logins.ensure_operator(email, required("BANK_OPERATOR_PASSWORD"))
        self.stdout.write(f"operator {email}")
        client_id = os.environ.get("BANK_DEMO_CLIENT_ID", "demo")
        if secret := os.environ.get("BANK_DEMO_CLIENT_SECRET"):
            logins.ensure_client(client_id, secret, "Demo", operator)
            self.stdout.write(f"client {client_id}")
        for login in options["login"]:
            customer_email, customer_id = parse(login)
            logins.ensure_customer(customer_email, required("BANK_CUSTOMER_PASSWORD"), customer_id)
            self.stdout.write(f"customer {customer_email}")


def required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise CommandError(f"Set {name}.")
    return value


def parse(login: str) -> tuple[str, UUID]:
    email, _, customer_id = login.rpartition(":")
    try:
        return validated(email), UUID(customer_id)
    except (ValueError, ValidationError) as error:
        raise CommandError(f"{login!r} is not EMAIL:CUSTOMER_ID.") from error


def validated(email: str) -> str:
    validate_email(email)
    return email
