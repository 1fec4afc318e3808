"""Payments, captures, reversals, refunds, blocks, lost messages and deaths in any order: what is promised still holds.

Each schedule is made from its seed alone, so one that fails can be run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import pytest

from bank.failpoints import POINTS, arm, disarm
from bank.money import to_minor
from cards.clock.expiry import expire_authorizations
from tests.flows.harness import Bank, Messages, promises
from tests.flows.harness.stories import Holder, eur, holder

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

STEPS = 120
SALARY_MINOR = 100_00
FAR_AWAY = date(2100, 1, 1)


@dataclass(slots=True)
class Schedule:
    """What may happen next, and how often it does against the rest."""

    bank: Bank
    chance: Random
    holders: list[Holder] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)

    def unreliable(self, messages: Messages) -> Messages:
        """Some messages are lost, some come twice, and none in order."""
        left = [one for one in messages for _ in range(self.chance.choices((0, 1, 2), (1, 8, 3))[0])]
        self.chance.shuffle(left)
        return left

    def moves(self) -> dict[Callable[[], object], int]:
        return {
            self.flow_a_little: 60,
            self.pay: 20,
            self.capture: 8,
            self.reverse: 5,
            self.refund: 8,
            self.block_or_unblock: 4,
            self.expire: 1,
            self.die_soon: 6,
            self.bank.restart: 2,
        }

    def run(self, steps: int) -> None:
        self.bank.disturb = self.unreliable
        self.bank.restart()
        self.holders = [holder(self.bank) for _ in range(3)]
        moves = self.moves()
        for move in self.chance.choices(list(moves), list(moves.values()), k=steps):
            move()

    def flow_a_little(self) -> None:
        self.bank.step(self.chance)

    def pay(self) -> None:
        anna = self.chance.choice(self.holders)
        amount = f"{self.chance.randint(1, 120)}.{self.chance.randint(0, 99):02d}"
        asked = {"amount": eur(amount), "merchant": "Kiosk", "auto_capture": self.chance.random() < 0.5}
        answer = self.bank.operator.post(f"/cards/{anna.card_id}/payments", asked)
        if answer.status_code == 202:
            self.payments.append(answer.json()["id"])
        else:
            assert answer.json()["code"] in ("card_blocked", "over_daily_limit"), answer.content

    def ask(self, path: str, **body: Any) -> None:
        """For something that may be refused by now; a defect would be neither accepted nor refused."""
        if self.payments:
            answer = self.bank.operator.post(f"/card-payments/{self.chance.choice(self.payments)}/{path}", body)
            assert answer.status_code in (202, 422), answer.content

    def capture(self) -> None:
        self.ask("capture", **self.part())

    def reverse(self) -> None:
        self.ask("reverse")

    def refund(self) -> None:
        self.ask("refund", **self.part())

    def part(self) -> dict[str, Any]:
        return {"amount": eur(f"{self.chance.randint(1, 30)}.00")} if self.chance.random() < 0.7 else {}

    def block_or_unblock(self) -> None:
        anna = self.chance.choice(self.holders)
        self.bank.operator.made(f"/cards/{anna.card_id}/{self.chance.choice(('block', 'unblock', 'unblock'))}")

    def expire(self) -> None:
        self.bank.clock(lambda: expire_authorizations(FAR_AWAY))

    def die_soon(self) -> None:
        disarm()
        arm(self.chance.choice(sorted(POINTS)), nth=self.chance.randint(1, 4))


@pytest.mark.parametrize("seed", range(6))
def test_any_schedule_keeps_every_promise(bank: Bank, seed: int) -> None:
    schedule = Schedule(bank, Random(seed))
    schedule.run(STEPS)
    disarm()
    bank.catch_up()
    schedule.expire()
    bank.catch_up()
    promises.hold()
    for anna in schedule.holders:
        assert to_minor(anna.account()[0], "EUR") == SALARY_MINOR - spent(anna)


def spent(anna: Holder) -> int:
    """What Cards says was captured, less what it says was refunded: the other side of the account's balance."""
    paid = anna.client.get(f"/cards/{anna.card_id}/payments?limit=200")["items"]
    signed = ((one["captured"]["amount"], one["refunded"]["amount"]) for one in paid)
    return sum(to_minor(captured, "EUR") - to_minor(refunded, "EUR") for captured, refunded in signed)
