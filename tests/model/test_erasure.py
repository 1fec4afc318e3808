"""A customer is forgotten while what he paid for is still given back, in every interleaving."""

import sys
from datetime import timedelta

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.money import DebitMoney
from accounts.domain.chart import CASH
from bank.context import Context, Order
from cards.context import CARDS
from cards.domain.card import CARD, ReserveSpend
from cards.domain.card.life import CancelCard
from cards.domain.payment import PAYMENT, RefundPayment, RequestPayment
from cards.sagas import CARD_REFUND
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.customer import CUSTOMER
from customers.orders import close_customer, erase_customer, open_customer
from customers.sagas import CUSTOMER_ERASURE
from loans.context import LOANS
from tests.model.conftest import Count
from tests.model.exploring import Model, explore
from tests.model.people import TODAY, deaf, did, may, with_account, with_debit_card, without_views
from tests.model.promises import all_of, at_most_once, books_agree, ended, nothing_in_flight
from tests.model.world import World

CHECKED = (CUSTOMER_ERASURE,)
NUMBER, PAID, LEFT = "+35699000001", 60_00, 40_00
KEEPERS = ("accounts", "cards", "loans")


def contexts() -> list[Context]:
    """Nobody is told by e-mail: what Customers only writes down changes nothing here."""
    return without_views(CUSTOMERS, ACCOUNTS, CARDS, LOANS)


def asked_to_forget() -> World:
    """He has paid by card, and left."""
    quiet = Model(contexts()).quiet
    world = with_debit_card(with_account())
    person = open_customer("c1", name="Anna Meier", email="anna@bank.example", mobile_number=NUMBER, opened_on=TODAY)
    world = quiet(did(world, CUSTOMERS, "opened", *person))
    paid = RequestPayment("p1", "k1", "a1", "c1", PAID, "EUR", "Kiosk", True, TODAY, TODAY + timedelta(days=7))
    reserved = ReserveSpend("k1", "p1", PAID, "EUR", TODAY)
    world = quiet(did(world, CARDS, "paid", Order(CARD, "k1", reserved), Order(PAYMENT, "p1", paid)))
    leaving = (DebitMoney("a1", LEFT, "EUR", CASH, TODAY), CloseAccount("a1", TODAY))
    world = did(world, ACCOUNTS, "left", *(Order(ACCOUNT, "a1", one) for one in leaving))
    world = quiet(did(world, CARDS, "cancelled", Order(CARD, "k1", CancelCard("k1", TODAY))))
    world = quiet(did(world, CUSTOMERS, "closed", *close_customer("c1", TODAY, releases_key=mobile_key(NUMBER))))
    return did(world, CUSTOMERS, "to be forgotten", *erase_customer("c1", TODAY))


REFUND = may(
    CARDS,
    "the merchant gives all back",
    Order(PAYMENT, "p1", RefundPayment("p1", "r1", None, TODAY, "Kiosk")),
)


def certified_last(world: World) -> str:
    """The certificate says what is so: everybody has forgotten him."""
    if world.state(CUSTOMERS, CUSTOMER, "c1").status != "erased":
        return ""
    remember = [name for name in KEEPERS if "c1" not in world.forgotten(name)]
    return f"certified, but {remember} remember" if remember else ""


always = all_of(books_agree, certified_last, at_most_once(CUSTOMER_ERASURE, CARD_REFUND))
at_the_end = all_of(ended(CUSTOMER_ERASURE, CARD_REFUND), nothing_in_flight)


def test_who_is_forgotten_is_forgotten_by_all_and_loses_no_money(count: Count) -> None:
    found = explore(asked_to_forget(), Model(contexts(), [REFUND]), at_the_end, always)
    count(CUSTOMER_ERASURE, "while a refund is on its way", found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def test_somebody_who_does_not_forget_is_found_and_told() -> None:
    """Nothing is undone of an erasure, so it is a step that is taken away."""
    everybody = deaf(contexts(), "loans", "loans.BorrowerErasureBegun.v1")
    told = explore(asked_to_forget(), Model(everybody), at_the_end, always).counter_example
    sys.stdout.write(told)
    assert "when loans hears CustomerErasureRequested(" in told
    assert told.endswith("then customer-erasure c1 began 1 times and ended 0 times")
