"""`manage.py up`, whole: what a stranger sees when he types one command, and what kill -9 leaves of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from bank.runtime import databases
from bank.runtime.home import PROJECT
from tests.running import RunningBank

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBank]:
    """On its first day, once it has opened its demo customers."""
    bank = RunningBank(tmp_path_factory.mktemp("up") / "home")
    bank.start()
    deadline = time.monotonic() + 180
    while "the bank is up after" not in bank.log:
        assert time.monotonic() < deadline, bank.log
        time.sleep(0.1)
    yield bank
    if bank.process:
        bank.stop()


def test_it_is_ready_when_every_part_is_up(bank: RunningBank) -> None:
    code, answer = bank.get("/readyz")
    assert code == 200
    assert {"postgres", "web", "worker", "beat", "sidecar", "consume-bankview"} <= answer["parts"].keys()
    assert set(answer["parts"].values()) == {"up"}


FIRST_DAY = {
    "customers": {"active": 3},
    "accounts": {"open": 6},
    "debit cards": {"active": 3},
    "credit cards": {"active": 1},
    "card payments": {"settled": 5, "declined": 1},
    "bill payments": {"settled": 1},
    "standing orders": {"active": 1},
    "loans": {"active": 1},
    "payment files": {"completed": 1},
}
"""What the demo's customers have when everything has come to its end: something to look at on every page."""

LOOKED_AT = {
    "customers": ("customers", "status", "customers_customer"),
    "accounts": ("accounts", "status", "accounts_account"),
    "debit cards": ("cards", "status", "cards_card where kind = 'debit'"),
    "credit cards": ("cards", "status", "cards_card where kind = 'credit'"),
    "card payments": ("cards", "status", "cards_payment"),
    "bill payments": ("cards", "status", "cards_bill_payment"),
    "standing orders": ("accounts", "status", "accounts_standing_order"),
    "loans": ("loans", "status", "loans_loan"),
    "payment files": (
        *("accounts", "case when through = lines then 'completed' else 'open' end"),
        "accounts_payment_file where refused = 0",
    ),
}


def first_day(bank: RunningBank) -> dict[str, dict[str, int]]:
    """How many of each kind there are, by how they stand."""
    found = json.loads((bank.home / "environment.json").read_text())
    counted: dict[str, dict[str, int]] = {}
    for name, (context, status, table) in LOOKED_AT.items():
        with psycopg.connect(found[databases.variable(context)]) as connection:
            statement: Any = f"select {status}, count(*)::int from {table} group by 1"  # noqa: S608
            counted[name] = dict(connection.execute(statement).fetchall())
    return counted


def until_first_day_is_over(bank: RunningBank) -> None:
    deadline = time.monotonic() + 180
    while (counted := first_day(bank)) != FIRST_DAY:
        assert "demo ended with status" not in bank.log, bank.log
        assert time.monotonic() < deadline, (counted, bank.log)
        time.sleep(0.2)


def manage(bank: RunningBank, command: str) -> str:
    """What a command of this bank's says, from a second terminal."""
    environment = {**bank.environment, "BANK_HOME": str(bank.home)}
    return subprocess.check_output([sys.executable, "manage.py", command], env=environment, cwd=PROJECT, text=True)


def test_on_its_first_day_there_is_one_of_everything_to_look_at_and_never_two(bank: RunningBank) -> None:
    until_first_day_is_over(bank)
    said = manage(bank, "demo_customers").splitlines()
    assert len(said) == 3
    assert all(line in bank.log for line in said)
    assert first_day(bank) == FIRST_DAY


def test_secrets_are_the_owners_alone(bank: RunningBank) -> None:
    assert bank.home.stat().st_mode & 0o077 == 0
    for name in ("secrets.json", "environment.json"):
        assert (bank.home / name).stat().st_mode & 0o077 == 0


def test_no_part_is_told_a_password_of_an_owner(bank: RunningBank) -> None:
    for process in bank.family()[1:]:
        told = " ".join(process.environ())
        assert "OWNER_DATABASE_URL" not in told
        assert "ADMIN_DATABASE_URL" not in told


def test_a_second_bank_in_the_same_home_refuses_in_a_sentence(bank: RunningBank) -> None:
    second = RunningBank(bank.home)
    assert second.spawn().wait(timeout=60) != 0
    assert f"A bank already runs in {bank.home}" in bank.log


def test_a_busy_port_is_said_in_a_sentence(bank: RunningBank, tmp_path: Path) -> None:
    second = RunningBank(tmp_path / "home", port=bank.port)
    assert second.spawn().wait(timeout=60) != 0
    assert f"Port {bank.port} is in use by another program." in second.log
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("postgres", ("postgres",)),
        ("web", ("granian", "wsgi")),
        ("sidecar", ("granian", "asgi")),
        ("worker", ("celery", "worker")),
        ("beat", ("celery", "beat")),
        ("consume-accounts", ("consume", "accounts")),
    ],
)
def test_a_killed_part_is_reported_and_the_bank_is_ready_again(
    bank: RunningBank, name: str, words: tuple[str, ...]
) -> None:
    killed = bank.part(*words)
    killed.kill()
    psutil.wait_procs([killed], timeout=30)
    deadline = time.monotonic() + 60
    while f"{name} was killed by SIGKILL; starting it again" not in bank.log:
        assert time.monotonic() < deadline, bank.log
        time.sleep(0.1)
    time.sleep(1)
    bank.until_ready()
    assert bank.part(*words).pid != killed.pid


def test_ctrl_c_leaves_nothing_and_a_second_start_keeps_the_data(bank: RunningBank) -> None:
    family = bank.family()
    assert bank.stop() == 0
    assert not psutil.wait_procs(family, timeout=30)[1]
    assert not (bank.home / "postgres" / "data" / "postmaster.pid").exists()
    written = bank.log
    bank.start()
    assert "migrations applied" not in bank.log[len(written) :]


def test_a_killed_supervisor_leaves_nothing_and_can_be_started_again(bank: RunningBank) -> None:
    family = bank.family()
    assert bank.process is not None
    bank.process.send_signal(signal.SIGKILL)
    bank.process.wait()
    assert not psutil.wait_procs(family, timeout=90)[1]
    bank.start()


def test_a_command_says_where_it_looked_for_a_bank_that_is_not_there(tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "manage.py", "verify_ledger"]
    done = subprocess.run(
        command, env={**environment, "BANK_HOME": str(tmp_path)}, cwd=PROJECT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (
        1,
        f"There is no bank in {tmp_path}. Start it with `make run`, or set BANK_HOME to where it is.",
    )
