"""`python -m bench [PART …]`: measure, and, all parts together, write the table and the plot into `docs/`."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from bank.runtime.postgres import Cluster
from bench import rabbitmq
from bench.figures import Figure
from bench.running import RunningBank, running_bank, running_bank_on_rabbitmq
from bench.server import private_bank


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*ISOLATED, []], help="which parts; all unless said")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    parts = chosen.part or reachable()
    if chosen.json:
        return write_json(ISOLATED[parts[0]]())
    figures = [figure for part in parts for figure in in_a_process_of_its_own(part)]
    from bench import report

    if not chosen.part:
        report.write(figures)
    sys.stdout.write(report.table(figures))


def reachable() -> list[str]:
    if rabbitmq.answers():
        return list(ISOLATED)
    sys.stderr.write(f"{rabbitmq.URL} does not answer: what is measured on RabbitMQ is left out\n")
    return [part for part in ISOLATED if "rabbitmq" not in part]


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
    with measured_databases() as cluster:
        from bench import ledger
        from bench.raw import Raw

        raw, ids = Raw(cluster), ledger.open_accounts()
        figures = [ledger.one_command(cluster, raw, ids), ledger.batch_of_500(cluster, raw, ids)]
        return figures + ledger.long_histories(cluster, raw)


def files_figures() -> list[Figure]:
    with measured_databases() as cluster:
        from bench import files
        from bench.raw import Raw

        raw = Raw(cluster)
        return [files.accepted("csv"), files.accepted("pain001"), *files.executed(cluster, raw)]


def messaging_figures() -> list[Figure]:
    with measured_databases() as cluster:
        from bench import messaging
        from bench.raw import Raw

        raw = Raw(cluster)
        return [*messaging.live(cluster, raw), messaging.rebuild(raw)]


def messaging_on_rabbitmq() -> list[Figure]:
    with rabbitmq.broker(), measured_databases() as cluster:
        from bench import messaging
        from bench.raw import Raw

        return on_rabbitmq(messaging.live(cluster, Raw(cluster)))


def payments_figures() -> list[Figure]:
    with running_bank() as bank:
        return payments_on(bank, limit_ms=150)


def payments_on_rabbitmq() -> list[Figure]:
    with running_bank_on_rabbitmq() as bank:
        return on_rabbitmq(payments_on(bank, limit_ms=100))


def payments_on(bank: RunningBank, *, limit_ms: int) -> list[Figure]:
    os.environ["DOORBELL"] = "1"
    set_up()
    from bench import payments
    from bench.raw import Raw

    raw, holders = Raw(bank.server), payments.Cardholders()
    return [*payments.throughput(bank, raw, holders), payments.when_idle(raw, holders, limit_ms)]


def reading_figures() -> list[Figure]:
    with running_bank() as bank:
        set_up()
        from bench import http, reading
        from bench.raw import Raw

        raw = Raw(bank.server)
        return [*reading.view_against_composition(bank, raw), *http.command_against_bare_view(bank, raw)]


@contextmanager
def measured_databases() -> Iterator[Cluster]:
    """Empty databases of all contexts on a cluster of their own."""
    with private_bank() as cluster:
        os.environ.update(BANK_ROLE="owner", DOORBELL="0")
        set_up()
        from django.core.management import call_command
        from django.db import connections

        call_command("setup_databases", verbosity=0)
        yield cluster
        connections.close_all()


def on_rabbitmq(figures: list[Figure]) -> list[Figure]:
    for figure in figures:
        figure.what += " (RabbitMQ)"
    return figures


ISOLATED: dict[str, Callable[[], list[Figure]]] = {
    "ledger": ledger_figures,
    "files": files_figures,
    "messaging": messaging_figures,
    "messaging-rabbitmq": messaging_on_rabbitmq,
    "payments": payments_figures,
    "payments-rabbitmq": payments_on_rabbitmq,
    "reading": reading_figures,
}

if __name__ == "__main__":
    main()
