"""`python -m bench [PART …]`: measure, and write the table and the plot into `docs/`."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict

from bench.figures import Figure
from bench.running import running_bank
from bench.server import private_bank

PARTS = ("ledger", "messaging", "payments", "reading")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="which parts; all unless said")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    parts = chosen.part or list(PARTS)
    if chosen.json:
        return write_json(ISOLATED[parts[0]]())
    figures = [figure for part in parts for figure in in_a_process_of_its_own(part)]
    from bench import report

    report.write(figures, runtime=os.environ.get("BANK_RUNTIME", "embedded"))
    sys.stdout.write(report.table(figures, os.environ.get("BANK_RUNTIME", "embedded")))


def in_a_process_of_its_own(part: str) -> list[Figure]:
    """Django reads its settings once, and each part has databases of its own."""
    sys.stderr.write(f"{part} …\n")
    done = subprocess.run(
        [sys.executable, "-m", "bench", part, "--json"], stdout=subprocess.PIPE, text=True, check=True
    )
    return [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])]


def write_json(figures: list[Figure]) -> None:
    sys.stdout.write(json.dumps([asdict(figure) for figure in figures]) + "\n")


def set_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()


def ledger_figures() -> list[Figure]:
    with private_bank() as cluster:
        os.environ.update(BANK_ROLE="owner", DOORBELL="0")
        set_up()
        from django.core.management import call_command
        from django.db import connections

        call_command("setup_databases", verbosity=0)
        from bench import ledger
        from bench.raw import Raw

        raw, ids = Raw(cluster), ledger.open_accounts()
        figures = [ledger.one_command(cluster, raw, ids), ledger.batch_of_500(cluster, raw, ids)]
        figures += ledger.long_histories(cluster)
        connections.close_all()
        return figures


def messaging_figures() -> list[Figure]:
    with private_bank() as cluster:
        os.environ.update(BANK_ROLE="owner", DOORBELL="0")
        set_up()
        from django.core.management import call_command
        from django.db import connections

        call_command("setup_databases", verbosity=0)
        from bench import ledger, messaging

        ids = ledger.open_accounts()
        figures = [messaging.relay(cluster, ids), messaging.consumer_to_view(cluster, ids), messaging.rebuild(cluster)]
        connections.close_all()
        return figures


def payments_figures() -> list[Figure]:
    with running_bank() as bank:
        os.environ["DOORBELL"] = "1"
        set_up()
        from bench import payments

        holders = payments.Cardholders()
        return [*payments.throughput(bank, holders), payments.when_idle(holders)]


def reading_figures() -> list[Figure]:
    with running_bank() as bank:
        set_up()
        from bench import reading

        return reading.view_against_composition(bank)


ISOLATED: dict[str, Callable[[], list[Figure]]] = {
    "ledger": ledger_figures,
    "messaging": messaging_figures,
    "payments": payments_figures,
    "reading": reading_figures,
}

if __name__ == "__main__":
    main()
