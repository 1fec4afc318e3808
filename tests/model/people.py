"""Who is there before a process begins: a customer, his account, his cards and loans."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account.money import CreditMoney
from accounts.domain.chart import CASH
from bank.context import Context, Order, Unit, step_id
from cards.context import CARDS
from cards.domain.card import CARD, ActivateCard, IssueDebitCard, ReserveSpend
from cards.domain.card.credit import IssueCreditCard
from cards.domain.payment import PAYMENT, AuthorizeOnCredit
from tests.model.exploring import Asked
from tests.model.world import EMPTY, World, execute

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=30)


def without_views(*contexts: Context) -> list[Context]:
    return [replace(context, inline_projections=(), async_projections=()) for context in contexts]


def deaf(contexts: Iterable[Context], name: str, type_: str) -> list[Context]:
    """The same contexts, of which one has forgotten to hear a message: a step or a compensation taken away."""
    return [
        replace(one, subscriptions={t: s for t, s in one.subscriptions.items() if t != type_})
        if one.name == name
        else one
        for one in contexts
    ]


def did(world: World, context: Context, what: str, *orders: Order) -> World:
    return execute(world, context, Unit(*orders, id=step_id("given", what)))


def may(context: Context, what: str, *orders: Order, by_clock: bool = False) -> Asked:
    return Asked(what, context, Unit(*orders, id=step_id("asked", what)), by_clock=by_clock)


def with_account(*, balance_minor: int = 100_00, world: World = EMPTY, account_id: str = "a1") -> World:
    opened = OpenAccount(account_id, "c1", "savings", "EUR", "iban", "branch", TODAY)
    salary = CreditMoney(account_id, balance_minor, "EUR", CASH, TODAY)
    return did(world, ACCOUNTS, f"{account_id} opened", *(Order(ACCOUNT, account_id, one) for one in (opened, salary)))


def with_debit_card(world: World) -> World:
    issued = IssueDebitCard("k1", "c1", "a1", "EUR", "token", "1234", 500_00, 500_00, TODAY, LATER)
    return did(world, CARDS, "card issued", *(Order(CARD, "k1", one) for one in (issued, ActivateCard("k1"))))


def with_credit_card(world: World, *, bought_minor: int) -> World:
    """And a purchase with it, which Cards and Accounts have yet to hear of."""
    limits = (1_000_00, 0, 1, 500_00, 500_00)
    issued = IssueCreditCard("k2", "c1", "EUR", "token", "1234", *limits, TODAY, LATER)
    world = did(world, CARDS, "credit card issued", *(Order(CARD, "k2", one) for one in (issued, ActivateCard("k2"))))
    reserved = ReserveSpend("k2", "p2", bought_minor, "EUR", TODAY)
    bought = AuthorizeOnCredit("p2", "k2", "c1", bought_minor, "EUR", "Kiosk", True, TODAY, TODAY)
    return did(world, CARDS, "bought on credit", Order(CARD, "k2", reserved), Order(PAYMENT, "p2", bought))
