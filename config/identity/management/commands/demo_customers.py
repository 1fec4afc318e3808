"""Somebody to look at, on a new bank's first day."""

import os
from typing import Any

import httpx
from django.core.management.base import BaseCommand

from config.identity import logins
from config.identity.demo import PEOPLE, Bank


class Command(BaseCommand):
    help = "Open demo customers with accounts, cards, a loan and payments. Running it again changes nothing."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        ada, grace, alan = PEOPLE
        with httpx.Client(timeout=30) as http:
            bank = Bank(http)
            opened = {person: bank.welcome(person) for person in PEOPLE}
            for person, customer in opened.items():
                logins.ensure_customer(person.email, os.environ["BANK_CUSTOMER_PASSWORD"], customer.id)
                self.stdout.write(f"{person.email}: customer {customer.id}")
            bank.buy_on_credit(ada, opened[ada])
            bank.pay_rent(ada, opened[ada], landlord=opened[grace])
            bank.borrow(grace, opened[grace])
            bank.pay_many(alan, opened[alan], {one.name: opened[one] for one in (ada, grace)})
