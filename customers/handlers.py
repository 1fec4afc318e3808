"""What Customers does when the others speak: it keeps what a customer has with the bank, and who has forgotten him."""

from collections.abc import Callable
from typing import Any

from bank.context import Order, Unit
from bank.recorded import Message
from customers.domain.customer import CUSTOMER, ConfirmErasure
from customers.domain.holdings import HOLDINGS, BeginHolding, EndHolding
from customers.domain.notices import NOTICES, RequestNotice
from customers.inbound import Account, Card, Erased, Loan


def begin_account(account: Account) -> Unit:
    return begin(account.customer_id, f"account:{account.account_id}")


def end_account(account: Account) -> Unit:
    return end(account.customer_id, f"account:{account.account_id}")


def begin_card(card: Card) -> Unit:
    return begin(card.customer_id, f"card:{card.card_id}")


def end_card(card: Card) -> Unit:
    return end(card.customer_id, f"card:{card.card_id}")


def begin_loan(loan: Loan) -> Unit:
    """From the application or the take-over on: the bank may be about to pay out."""
    return begin(loan.customer_id, f"loan:{loan.loan_id}")


def end_loan(loan: Loan) -> Unit:
    return end(loan.customer_id, f"loan:{loan.loan_id}")


def begin(customer_id: str, holding: str) -> Unit:
    return Unit(Order(HOLDINGS, customer_id, BeginHolding(customer_id, holding)))


def end(customer_id: str, holding: str) -> Unit:
    return Unit(Order(HOLDINGS, customer_id, EndHolding(customer_id, holding)))


def confirm_accounts(erased: Erased) -> Unit:
    return confirm("accounts", erased)


def confirm_cards(erased: Erased) -> Unit:
    return confirm("cards", erased)


def confirm_loans(erased: Erased) -> Unit:
    return confirm("loans", erased)


def confirm(context: str, erased: Erased) -> Unit:
    order = ConfirmErasure(erased.customer_id, context, erased.erased_on)
    return Unit(Order(CUSTOMER, erased.customer_id, order))


# Telling the customer.


def tell(kind: str) -> Callable[[Message[Any]], Unit | None]:
    """The reaction that asks for a notice of this kind. Its id is the event's, so nothing is told of twice."""

    def react(message: Message[Any]) -> Unit | None:
        if message.customer_id is None:
            return None
        said = message.data
        notice = RequestNotice(
            notice_id=str(message.id),
            customer_id=message.customer_id,
            kind=kind,
            amount_minor=getattr(said, "amount_minor", getattr(said, "overdue_minor", 0)),
            currency=getattr(said, "currency", ""),
            code=getattr(said, "code", ""),
        )
        return Unit(Order(NOTICES, message.customer_id, notice))

    return react
