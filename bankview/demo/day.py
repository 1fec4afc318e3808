"""The day itself: people become customers, are paid, and pay."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bank.money import to_decimal
from bankview.demo.client import Answer, Bank, Unexpected
from bankview.demo.plan import (
    CURRENCY,
    LIMIT_PER_DAY_MINOR,
    LIMIT_PER_PAYMENT_MINOR,
    SALARY_MINOR,
    Day,
    Payment,
    Person,
)

SAVINGS_MINOR = 1_000_00
LOAN_MINOR, REPAYMENT_MINOR, LOAN_MONTHS = 5_000_00, 500_00, 24
QUIET_S = 120.0
POLL_S = 0.1

Item = TypeVar("Item")


def money(minor: int) -> dict[str, str]:
    return {"amount": to_decimal(minor, CURRENCY), "currency": CURRENCY}


@dataclass(frozen=True, slots=True)
class Customer:
    person: Person
    id: str
    savings_id: str
    current_id: str
    card_id: str
    blocked_card_id: str


@dataclass(slots=True)
class Outcome:
    """One payment of the plan, and what became of it; `id` is empty if the card itself refused it."""

    payment: Payment
    id: str = ""
    code: str = ""


@dataclass(slots=True)
class Lived:
    """The day as far as it has been lived; watched while it grows."""

    plan: Day
    customers: list[Customer] = field(default_factory=list)
    salaries: int = 0
    loans: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stage: str = "Opening customers"


@dataclass(frozen=True, slots=True)
class Actor:
    """Does what the plan says. `run` makes the idempotency keys of this run its own."""

    bank: Bank
    lived: Lived
    run: str
    concurrency: int

    def key(self, *parts: object) -> str:
        return "-".join(("demo", self.run, *map(str, parts)))

    async def live(self) -> None:
        lived = self.lived
        await self.each(lived.plan.people, self.open)
        lived.stage = "Paying salaries"
        await self.each(lived.customers, self.pay_in)
        lived.stage = "Lending"
        await self.each([one for one in lived.customers if one.person.borrows], self.lend)
        lived.customers.sort(key=lambda customer: customer.person.number)
        lived.stage = "Paying by card"
        await self.each(lived.plan.payments, self.pay)
        lived.stage = "Waiting for quiet"

    async def each(self, items: Iterable[Item], act: Callable[[Item], Awaitable[None]]) -> None:
        """So many at a time."""
        waiting = iter(items)

        async def worker() -> None:
            for item in waiting:
                await act(item)

        await asyncio.gather(*(worker() for _ in range(self.concurrency)))

    async def open(self, person: Person) -> None:
        number = person.number
        id = await self.become_customer(person)
        savings, current = await asyncio.gather(
            *(
                self.bank.done("/api/v1/accounts", {"customer_id": id, "kind": kind}, self.key(number, kind))
                for kind in ("savings", "current")
            )
        )
        card, blocked = await asyncio.gather(
            *(self.issue(id, savings["id"], self.key(number, name)) for name in ("card", "blocked"))
        )
        await self.bank.done(f"/api/v1/cards/{blocked}/block", {"reason": "lost"}, self.key(number, "block"))
        self.lived.customers.append(Customer(person, id, savings["id"], current["id"], card, blocked))

    async def become_customer(self, person: Person) -> str:
        body = {"name": person.name, "email": person.email, "mobile_number": person.mobile_number}
        opened = await self.bank.done("/api/v1/customers", body, self.key(person.number, "customer"))
        kyc = {"status": "verified"}
        await self.bank.done(f"/api/v1/customers/{opened['id']}/kyc", kyc, self.key(person.number, "kyc"))
        return str(opened["id"])

    async def issue(self, customer_id: str, account_id: str, key: str) -> str:
        body = {
            "customer_id": customer_id,
            "account_id": account_id,
            "per_payment_limit": money(LIMIT_PER_PAYMENT_MINOR),
            "per_day_limit": money(LIMIT_PER_DAY_MINOR),
        }
        card = await self.bank.done("/api/v1/cards", body, key)
        await self.bank.done(f"/api/v1/cards/{card['id']}/activate", {}, f"{key}-activate")
        return str(card["id"])

    async def pay_in(self, customer: Customer) -> None:
        """The salary comes into savings, from which the card pays; a little of it goes over to the current account."""
        number = customer.person.number
        salary = {"amount": money(SALARY_MINOR), "reference": "Salary"}
        await self.bank.done(f"/api/v1/accounts/{customer.savings_id}/deposits", salary, self.key(number, "salary"))
        transfer = {
            "from_account_id": customer.savings_id,
            "to_account_id": customer.current_id,
            "amount": money(SAVINGS_MINOR),
            "reference": "Household",
        }
        await self.bank.done("/api/v1/transfers", transfer, self.key(number, "transfer"))
        self.lived.salaries += 1

    async def lend(self, customer: Customer) -> None:
        """A loan is applied for, approved, paid out, and a first part of it repaid."""
        number = customer.person.number
        body = {
            "customer_id": customer.id,
            "account_id": customer.current_id,
            "product": "personal",
            "principal": money(LOAN_MINOR),
            "term_months": LOAN_MONTHS,
        }
        loan_id = (await self.bank.done("/api/v1/loans", body, self.key(number, "loan")))["id"]
        await self.bank.done(f"/api/v1/loans/{loan_id}/approve", {}, self.key(number, "approve"))
        await self.until(f"/api/v1/loans/{loan_id}", "active")
        repay = {"amount": money(REPAYMENT_MINOR)}
        await self.bank.done(f"/api/v1/loans/{loan_id}/repayments", repay, self.key(number, "repay"))
        self.lived.loans.append(loan_id)

    async def until(self, path: str, status: str) -> None:
        """Wait until a resource says so."""
        async for body in self.watch(path):
            if body["status"] == status:
                return

    async def watch(self, path: str) -> AsyncIterator[Any]:
        async with asyncio.timeout(QUIET_S):
            while True:
                yield await self.bank.read(path)
                await asyncio.sleep(POLL_S)

    async def pay(self, payment: Payment) -> None:
        customer = self.lived.customers[payment.payer]
        outcome = Outcome(payment)
        answer = await self.begin(customer, payment)
        if answer.status == 422 and payment.story == "blocked":
            outcome.code = answer.code
        elif answer.status == 202:
            outcome.id = answer.body["id"]
            await self.go_on(payment, outcome.id)
        else:
            raise Unexpected(f"Payment {payment.number} ({payment.story}) answered {answer.status} {answer.body}")
        self.lived.outcomes.append(outcome)
        self.lived.counts[payment.story] += 1

    async def begin(self, customer: Customer, payment: Payment) -> Answer:
        card_id = customer.blocked_card_id if payment.story == "blocked" else customer.card_id
        body = {
            "amount": money(payment.amount_minor),
            "merchant": payment.merchant,
            "auto_capture": payment.story not in ("captured", "reversed"),
        }
        return await self.bank.write(f"/api/v1/cards/{card_id}/payments", body, self.key("pay", payment.number))

    async def go_on(self, payment: Payment, id: str) -> None:
        """What the merchant does next, if anything. A reversal may come before or after the authorization."""
        path, key = f"/api/v1/card-payments/{id}", self.key("pay", payment.number, payment.story)
        match payment.story:
            case "captured":
                await self.until(path, "authorized")
                await self.bank.done(f"{path}/capture", {}, key)
            case "reversed":
                if payment.number % 2:
                    await self.until(path, "authorized")
                await self.bank.done(f"{path}/reverse", {}, key)
            case "refunded":
                await self.until(path, "settled")
                await self.bank.done(f"{path}/refund", {"amount": money(payment.refund_minor)}, key)
            case _:
                pass
