"""What Customers does when the others speak: it keeps what a customer has with the bank, and who has forgotten him.

Of a loan's origination it says whether the bank goes ahead with the customer.
"""

from collections.abc import Callable
from typing import Any

from bank.context import Order, Unit
from bank.decider import Refused
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id
from customers.domain.clearance import CLEARANCE, DeclineClearance, GiveClearance, WithdrawClearance
from customers.domain.customer import CUSTOMER, ConfirmErasure, RequireVerified
from customers.domain.holdings import HOLDINGS, BeginHolding, EndHolding
from customers.domain.notices import NOTICES, RequestNotice
from customers.inbound import Account, Card, ClearanceAsked, ClearanceWithdrawalAsked, Erased, Loan


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


# Loans originated.


def clear(asked: ClearanceAsked) -> Unit:
    """Customers knows at this instant what the others have only heard of."""

    def decline(refused: Refused) -> Order:
        declined = DeclineClearance(asked.saga_id, asked.customer_id, refused.code)
        return Order(CLEARANCE, asked.saga_id, declined)

    return Unit(
        Order(CUSTOMER, asked.customer_id, RequireVerified(asked.customer_id)),
        Order(CLEARANCE, asked.saga_id, GiveClearance(asked.saga_id, asked.customer_id)),
        id=do_id(asked.saga_id, "customer"),
        otherwise=decline,
    )


def withdraw_clearance(asked: ClearanceWithdrawalAsked) -> Unit:
    """Takes it back, or forbids it if it was not asked for yet."""
    withdraw = WithdrawClearance(asked.saga_id, asked.customer_id)
    return Unit(
        Order(CLEARANCE, asked.saga_id, withdraw),
        id=undo_id(asked.saga_id, "customer", asked.attempt),
        undoes=do_id(asked.saga_id, "customer"),
    )


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
            on=message.on,
        )
        return Unit(Order(NOTICES, message.customer_id, notice))

    return react
