"""Processes die for real, and every payment still comes to its end."""

import random
from itertools import cycle
from pathlib import Path

import pytest

from bank.failpoints import EXIT_CODE
from tests.flows.harness import Bank, promises
from tests.flows.harness.processes import CONSUMING, consumers
from tests.flows.harness.stories import Holder, holder

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = [pytest.mark.processes, pytest.mark.django_db(databases=ALL, transaction=True)]

POINTS = ("before_commit", "after_commit", "after_publish", "after_apply")
PAYMENTS, KILLS = 60, 9


def quiet() -> bool:
    """Nothing under way in any context, and the view has folded everything."""
    try:
        promises.hold()
    except AssertionError:
        return False
    return True


def test_a_process_that_dies_at_any_point_loses_no_payment(bank: Bank, tmp_path: Path) -> None:
    anna = holder(bank)
    bank.stop()
    with consumers(tmp_path) as running:
        for died, point in enumerate(POINTS, start=1):
            running.arm(point)
            payment_id = anna.pays("10.00")
            running.until(lambda died=died: len(running.exits) == died)  # type: ignore[misc]
            running.until(lambda paid=payment_id: anna.payment(paid)["status"] == "settled")  # type: ignore[misc]
        running.until(quiet)
    assert running.exits == [EXIT_CODE] * len(POINTS)
    promises.hold()
    assert anna.account() == ("60.00", "60.00")


def test_processes_killed_again_and_again_lose_no_payment(bank: Bank, tmp_path: Path) -> None:
    chance = random.Random(7)
    holders = [holder(bank) for _ in range(6)]
    payments: list[tuple[Holder, str]] = []
    bank.stop()
    kills = sorted(chance.sample(range(PAYMENTS), KILLS))
    victims = cycle(CONSUMING)
    with consumers(tmp_path) as running:
        for n, anna in zip(range(PAYMENTS), cycle(holders), strict=False):
            payments.append((anna, anna.pays("8.00" if n % 5 else "100.01")))
            if n in kills:
                running.kill(next(victims))
            running.look_after()
        running.until(lambda: all(anna.payment(paid)["ended_at"] for anna, paid in payments))
        running.until(quiet)
    assert running.exits.count(-9) >= KILLS - 2, "too few of the kills met a process that was there"
    promises.hold()
    assert {anna.account() for anna in holders} == {("36.00", "36.00")}
