"""What the read tables show after a batch, and that the books agree with the folded accounts."""

import random
from datetime import date
from uuid import UUID, uuid4

import pytest

from accounts import queries
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.holds import ReleaseHold
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.handlers import card_payments, loans
from accounts.inbound import (
    CardPaymentCaptured,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentSettled,
    LoanCreditAsked,
    LoanDisbursed,
    LoanRepaid,
    RepaymentRequested,
)
from accounts.models import Account, Hold, Process
from accounts.queries import ledger
from bank.context import Order, Unit
from bank.db import transaction
from tests.accounts.facts import DAY, LATER
from tests.accounts.units import account_with, deposit, hold, opening, run, transfer, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def off() -> list[str]:
    return [f"{check.name} {check.currency} {check.off_minor}" for check in ledger.books() if check.off_minor]


def balances() -> dict[str, int]:
    return {balance.name: balance.balance_minor for balance in ledger.trial_balance()}


def in_transit(kind: str) -> int:
    return sum(transit.open_minor for transit in ledger.transit() if transit.kind == kind)


def test_an_account_is_shown_as_its_last_command_left_it() -> None:
    account_id, customer_id = str(uuid4()), str(uuid4())
    run(
        opening(account_id, customer_id, kind="current", overdraft_minor=5_00),
        deposit(account_id, 30_00),
        hold(account_id, customer_id, str(uuid4()), 10_00),
        Unit(Order(ACCOUNT, account_id, FreezeAccount(account_id, "credit", "legal_order"))),
    )
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.balance_minor, shown.held_minor, shown.available_minor) == (30_00, 10_00, 25_00)
    assert (shown.debit_frozen, shown.credit_frozen, shown.version, shown.status) == (False, True, 4, "open")
    assert shown.customer_id == UUID(customer_id)


def test_a_batch_gives_every_entry_the_balance_after_it() -> None:
    account_id = account_with(10_00)
    run(deposit(account_id, 5_00), withdrawal(account_id, 1_00), deposit(account_id, 2_00))
    run(withdrawal(account_id, 16_00))
    rows = queries.entries(account_id, limit=10)
    assert [(row.customer_minor, row.balance_minor) for row in rows] == [
        (-16_00, 0),
        (2_00, 16_00),
        (-1_00, 14_00),
        (5_00, 15_00),
        (10_00, 10_00),
    ]
    assert [row.customer_minor for row in queries.entries(account_id, before_version=4, limit=1)] == [5_00]


def test_a_hold_is_shown_until_it_ends() -> None:
    customer_id = str(uuid4())
    account_id = account_with(30_00, customer_id=customer_id)
    kept, released = str(uuid4()), str(uuid4())
    run(hold(account_id, customer_id, kept, 1_00), hold(account_id, customer_id, released, 2_00))
    run(Unit(Order(ACCOUNT, account_id, ReleaseHold(account_id, released))))
    assert [(str(row.pk), row.amount_minor) for row in queries.open_holds(account_id, limit=10)] == [(kept, 1_00)]
    assert Hold.objects.get(pk=released).status == "released"
    assert off() == []


def test_a_hold_given_and_ended_in_one_batch_is_shown_as_ended() -> None:
    customer_id, hold_id = str(uuid4()), str(uuid4())
    account_id = account_with(30_00, customer_id=customer_id)
    release = Unit(Order(ACCOUNT, account_id, ReleaseHold(account_id, hold_id)))
    run(hold(account_id, customer_id, hold_id, 1_00), release)
    assert Hold.objects.get(pk=hold_id).status == "released"


def asked(payment_id: str, account_id: str, customer_id: str) -> CardPaymentRequested:
    return CardPaymentRequested(payment_id, account_id, customer_id, 20_00, "EUR", "Bookshop", LATER)


def test_what_a_card_takes_and_gives_back_is_shown_with_its_merchant() -> None:
    """The capture says no more than its hold, whether it came with it or later."""
    customer_id, first, second = (str(uuid4()) for _ in range(3))
    account_id = account_with(50_00, customer_id=customer_id)
    run(
        card_payments.hold_for_payment(asked(first, account_id, customer_id)),
        card_payments.capture_for_payment(CardPaymentCaptured(first, account_id, 20_00, "EUR", DAY)),
        card_payments.hold_for_payment(asked(second, account_id, customer_id)),
    )
    assert [hold.reference for hold in queries.open_holds(account_id, limit=5)] == ["Bookshop"]
    run(card_payments.capture_for_payment(CardPaymentCaptured(second, account_id, 20_00, "EUR", DAY)))
    refund = CardPaymentRefunded(first, account_id, str(uuid4()), 1_00, "EUR", "Bookshop", DAY)
    run(
        card_payments.refund_payment(refund), card_payments.settle_payment(CardPaymentSettled(first, 20_00, "EUR", DAY))
    )
    assert [entry.reference for entry in queries.entries(account_id, limit=5)] == ["Bookshop"] * 3 + [""]


def test_a_card_payment_moves_through_transit_to_the_card_scheme() -> None:
    customer_id, payment_id = str(uuid4()), str(uuid4())
    account_id = account_with(30_00, customer_id=customer_id)
    run(card_payments.hold_for_payment(asked(payment_id, account_id, customer_id)))
    run(card_payments.capture_for_payment(CardPaymentCaptured(payment_id, account_id, 18_00, "EUR", DAY)))
    assert in_transit("card-payments") == 18_00
    assert [process.pk for process in Process.objects.all() if process.open_minor] == [UUID(payment_id)]
    assert off() == []
    run(card_payments.settle_payment(CardPaymentSettled(payment_id, 18_00, "EUR", DAY)))
    assert in_transit("card-payments") == 0
    assert ledger.transit() == []
    assert balances() == {
        "cash": 30_00,
        "customer-savings": 12_00,
        "transit:card-payments": 0,
        "card-settlement": 18_00,
    }
    refund = CardPaymentRefunded(payment_id, account_id, str(uuid4()), 18_00, "EUR", "Bookshop", DAY)
    run(card_payments.refund_payment(refund))
    assert balances()["card-settlement"] == 0
    assert off() == []


def test_a_loan_moves_through_transit_in_both_directions() -> None:
    customer_id, loan_id, repayment_id = (str(uuid4()) for _ in range(3))
    account_id = account_with(0, kind="current", customer_id=customer_id)
    run(loans.pay_out_loan(LoanCreditAsked(loan_id, customer_id, account_id, 100_00, "EUR", DAY)))
    assert in_transit("loan-disbursements") == 100_00
    assert off() == []
    run(loans.clear_disbursement(LoanDisbursed(loan_id, 100_00, "EUR", DAY)))
    repayment = RepaymentRequested(repayment_id, account_id, customer_id, 40_00, "EUR", DAY)
    run(loans.debit_for_repayment(repayment))
    assert in_transit("loan-repayments") == 40_00
    assert off() == []
    run(loans.clear_repayment(LoanRepaid(repayment_id, 40_00, "EUR", DAY)))
    assert balances() == {
        "customer-current": 60_00,
        "due-from-loans": 60_00,
        "transit:loan-disbursements": 0,
        "transit:loan-repayments": 0,
    }
    assert off() == []


def test_a_transfer_leaves_nothing_in_clearing() -> None:
    one, other = account_with(10_00), account_with(0, kind="current")
    run(transfer(one, other, 4_00))
    assert balances() == {"cash": 10_00, "customer-savings": 6_00, "customer-current": 4_00, "transfer-clearing": 0}
    assert off() == []


def test_the_books_balance_in_each_currency() -> None:
    euro = account_with(10_00)
    yen, customer = str(uuid4()), str(uuid4())
    run(opening(yen, customer, currency="JPY"), deposit(yen, 500, currency="JPY"))
    by_currency = {(balance.name, balance.currency): balance.balance_minor for balance in ledger.trial_balance()}
    assert by_currency[("cash", "EUR")] == 10_00
    assert by_currency[("cash", "JPY")] == 500
    assert {check.currency for check in ledger.books()} == {"EUR", "JPY"}
    assert off() == []
    assert queries.account(euro) is not None


def test_the_books_name_what_does_not_agree() -> None:
    account_id = account_with(10_00)
    Account.objects.filter(pk=account_id).update(balance_minor=11_00)
    assert off() == ["account rows against the folded accounts EUR 100"]
    with transaction("accounts") as cursor:
        cursor.execute("update accounts_posting set amount_minor = 999")
    assert "customer-savings against the folded accounts EUR -1" in off()


def test_balances_of_a_day_follow_the_booking_date() -> None:
    account_id = account_with(0)

    def booked(amount_minor: int, day: int) -> Unit:
        order = CreditMoney(account_id, amount_minor, "EUR", "cash", date(2026, 3, day))
        return Unit(Order(ACCOUNT, account_id, order))

    run(booked(1_00, 2), booked(2_00, 2), booked(4_00, 5), booked(8_00, 4))
    closing = queries.closing_balances([account_id], since=date(2026, 3, 1), until=date(2026, 3, 31))
    assert [(row.booked_on.day, row.balance_minor) for row in closing] == [(2, 3_00), (4, 11_00), (5, 15_00)]
    later = queries.closing_balances([account_id], since=date(2026, 3, 3), until=date(2026, 3, 4))
    assert [(row.booked_on.day, row.balance_minor) for row in later] == [(4, 11_00)]


def test_a_refused_unit_shows_nowhere() -> None:
    account_id = account_with(1_00)
    assert run(withdrawal(account_id, 2_00))[0].code == "insufficient_funds"
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.version, shown.balance_minor) == (2, 1_00)


def test_what_no_account_can_answer_is_answered_by_the_process() -> None:
    payment_id, account_id, customer_id = (str(uuid4()) for _ in range(3))
    payment = asked(payment_id, account_id, customer_id)
    assert run(card_payments.hold_for_payment(payment))[0].streams == (f"process-{payment_id}",)
    loan = LoanCreditAsked(str(uuid4()), customer_id, account_id, 1, "EUR", DAY)
    assert run(loans.pay_out_loan(loan))[0].streams == (f"process-{loan.saga_id}",)
    assert ledger.transit() == []


def test_an_unarranged_debit_is_shown_as_one() -> None:
    account_id = account_with(1_00)
    order = DebitMoney(account_id, 2_00, "EUR", "cash", DAY, allow_unarranged=True)
    run(Unit(Order(ACCOUNT, account_id, order)))
    [entry, _] = queries.entries(account_id, limit=2)
    assert (entry.unarranged, entry.balance_minor) == (True, -1_00)


def test_whatever_is_asked_in_whatever_batches_the_books_agree() -> None:
    dice = random.Random(7)
    customers = [str(uuid4()) for _ in range(4)]
    accounts = [account_with(50_00, kind=dice.choice(["savings", "current"]), customer_id=c) for c in customers]
    units: list[Unit] = []
    for _ in range(400):
        number, amount, payment = dice.randrange(4), dice.randrange(1, 30_00), str(uuid4())
        account_id, other = accounts[number], accounts[dice.randrange(4)]
        captured = CardPaymentCaptured(payment, account_id, dice.randrange(1, 30_00), "EUR", DAY)
        units += dice.choice(
            [
                [deposit(account_id, amount)],
                [withdrawal(account_id, amount)],
                [transfer(account_id, other, amount)],
                [hold(account_id, customers[number], payment, amount)],
                [hold(account_id, customers[number], payment, amount), card_payments.capture_for_payment(captured)],
                [
                    card_payments.capture_for_payment(captured),
                    card_payments.settle_payment(CardPaymentSettled(payment, captured.amount_minor, "EUR", DAY)),
                ],
                [Unit(Order(ACCOUNT, account_id, ReleaseHold(account_id, payment)))],
            ]
        )
    while units:
        size = dice.choice([1, 2, 30])
        run(*units[:size])
        del units[:size]
    assert off() == []
    for account_id in accounts:
        entries = queries.entries(account_id, limit=1_000)
        shown = queries.account(account_id)
        assert shown is not None
        assert shown.balance_minor == sum(entry.customer_minor for entry in entries) == entries[0].balance_minor
