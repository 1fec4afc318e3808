"""What happens on the day: the same for the same seed, down to every figure in the evening."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

CURRENCY = "EUR"
SALARY_MINOR = 10_000_00
LIMIT_PER_PAYMENT_MINOR = 100_000_00
LIMIT_PER_DAY_MINOR = 10_000_000_00
TOO_MUCH_MINOR = 50_000_00
"""More than anybody has, and within the card's limits: the account declines it."""

LEAST_MINOR = 2
"""Of which half can be refunded."""

Story = Literal["settled", "captured", "too_much", "blocked", "reversed", "refunded"]
STORIES: dict[Story, int] = {"settled": 70, "captured": 6, "too_much": 9, "blocked": 4, "reversed": 6, "refunded": 5}
"""How a payment goes, in percent. `captured` waits for the merchant; `blocked` is tried with a blocked card."""

NAMES = ("Ada", "Alan", "Barbara", "Carl", "Edsger", "Emmy", "Grace", "Hedy", "John", "Katherine", "Kurt", "Niklaus")
SURNAMES = ("Bauer", "Borg", "Dupont", "Ferrari", "Garcia", "Jensen", "Kowalska", "Novak", "Silva", "Virtanen")
MERCHANTS = ("Bakery", "Books & more", "Café Central", "Cinema", "Florist", "Greengrocer", "Petrol", "Pharmacy", "Rail")
STREETS = ("Canal Street", "Hill Road", "Market Square", "Mill Lane", "Station Road")


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    name: str
    email: str
    mobile_number: str
    address: str
    borrows: bool


@dataclass(frozen=True, slots=True)
class Payment:
    number: int
    payer: int
    amount_minor: int
    merchant: str
    story: Story

    @property
    def refund_minor(self) -> int:
        return self.amount_minor // 2

    @property
    def costs_minor(self) -> int:
        """What it takes from the payer's account in the end."""
        match self.story:
            case "settled" | "captured":
                return self.amount_minor
            case "refunded":
                return self.amount_minor - self.refund_minor
            case "too_much" | "blocked" | "reversed":
                return 0


@dataclass(frozen=True, slots=True)
class Day:
    people: Sequence[Person]
    payments: Sequence[Payment]


def day(*, customers: int, payments: int, seed: int, run: str) -> Day:
    """`run` keeps the people of several runs against one bank apart."""
    random = Random(seed)
    apart = Random(f"{run}/{seed}")
    people = [person(random, apart, number) for number in range(customers)]
    return Day(people, list(draw(random, customers, payments)))


def person(random: Random, apart: Random, number: int) -> Person:
    name, surname = random.choice(NAMES), random.choice(SURNAMES)
    return Person(
        number=number,
        name=f"{name} {surname}",
        email=f"{name}.{surname}.{number}@example.com".lower(),
        mobile_number=f"+49151{apart.randrange(10**8):08d}",
        address=f"{random.randrange(1, 200)} {random.choice(STREETS)}",
        borrows=number % 10 == 0,
    )


def draw(random: Random, customers: int, payments: int) -> Iterator[Payment]:
    """Small enough that nobody runs short: whether a payment is declined is the plan's to say, not the order's."""
    most_minor = max(LEAST_MINOR, min(60_00, SALARY_MINOR * customers // (4 * payments)))
    stories = list(STORIES)
    weights = list(STORIES.values())
    for number in range(payments):
        (story,) = random.choices(stories, weights)
        amount_minor = TOO_MUCH_MINOR if story == "too_much" else random.randrange(LEAST_MINOR, most_minor + 1)
        yield Payment(number, random.randrange(customers), amount_minor, random.choice(MERCHANTS), story)
