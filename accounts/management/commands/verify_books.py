"""`manage.py verify_books --against DIR`: our balances and those which a real bank printed, day by day."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.berka.comparison import Off, compare
from accounts.berka.lines import CURRENCY
from bank.importing import Illegible
from bank.money import to_decimal

NAMED = 100


class Command(BaseCommand):
    help = (
        "Compare the closing balance of every account-day with what the bank of these books (Berka's data set) printed:"
        " exact, within 1.00 CZK, off. Names the account-days that are off, and exits non-zero if there are any."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--against", type=Path, required=True, metavar="DIR", help="Where trans.asc is.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")

    def handle(self, *, against: Path, **options: Any) -> None:
        try:
            compared = compare(against)
        except Illegible as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "transactions": compared.transactions,
                        "account_days": compared.days,
                        "exact": compared.exact,
                        "within_1_00": compared.within,
                        "off": len(compared.off),
                        "printed_below_zero": compared.below_zero,
                        "named": [named(one) for one in compared.off],
                    }
                )
            )
        else:
            self.stdout.write(
                f"{compared.transactions:,} transactions, {compared.days:,} account-days: {compared.exact:,} exact,"
                f" {compared.within:,} within 1.00, {len(compared.off):,} off"
            )
            self.stdout.write(f"{compared.below_zero:,} printed balances are below zero")
            for one in compared.off[:NAMED]:
                self.stdout.write(named(one))
            if len(compared.off) > NAMED:
                self.stdout.write(f"and {len(compared.off) - NAMED:,} more; --json names all")
        if compared.off:
            gaps = sum(one.is_their_gap for one in compared.off)
            raise CommandError(
                f"{len(compared.off):,} account-days are off by more than 1.00 CZK,"
                f" {gaps:,} of them gaps in the printed books themselves."
            )


def named(one: Off) -> str:
    ours = "nothing booked" if one.ours_minor is None else to_decimal(one.ours_minor, CURRENCY)
    printed = to_decimal(one.printed_minor, CURRENCY)
    why = "the printed amounts add up to ours" if one.is_their_gap else "not what the printed amounts add up to"
    return f"account {one.account}, {one.day}: {ours}, printed {printed} ({why})"
