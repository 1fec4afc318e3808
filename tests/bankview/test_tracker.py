import random
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bank.db import cursor, transaction
from bank.recorded import Message
from bank.sagas.choreography import BY_HAND
from bankview import queries
from bankview.inbound import accounts, cards, customers, loans
from bankview.processes import BY_NAME, CHOREOGRAPHIES, HEARD, happened, steps
from bankview.tracker import PROCESSES
from tests.bankview import messages as m

pytestmark = pytest.mark.django_db(transaction=True, databases=["bankview"])


def fold(*batch: Message[Any]) -> None:
    with transaction("bankview") as cursor:
        PROCESSES.fold(cursor, 1, m.of_types(batch, PROCESSES.types))


def process() -> dict[str, Any]:
    found = queries.process(m.PAYMENT)
    assert found is not None
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    declared = steps(BY_NAME[found["name"]], happened(found["events"]), ended=bool(found["outcome"]))
    return {step.event: step.state for step in declared}


def test_a_settled_payment_has_ended_with_every_event_in_its_timeline() -> None:
    batch = m.settled_payment()
    fold(*batch)
    found = process()
    assert (found["name"], found["outcome"]) == ("debit-card-payment", "settled")
    assert found["started_at"] == batch[0].time
    assert found["ended_at"] == batch[6].time
    assert [event["type"] for event in found["events"]] == [message.type for message in batch]
    assert states(found)["accounts.HoldCaptured.v1"] == "done"


def test_the_tracker_does_not_depend_on_the_order_in_which_it_hears() -> None:
    batch = m.settled_payment()
    random.Random(7).shuffle(batch)
    for message in batch:
        fold(message)
        fold(message)
    found = process()
    assert (found["outcome"], found["customer_id"], len(found["events"])) == ("settled", m.CUSTOMER, 8)


def test_a_declined_payment_says_why() -> None:
    fold(m.payment_requested(), m.payment_declined(2, "insufficient_funds"))
    found = process()
    assert found["outcome"] == "declined"
    assert found["events"][-1]["detail"] == "insufficient_funds"
    assert states(found)["accounts.FundsHeld.v1"] == "skipped"


def test_a_reversed_payment_shows_its_hold_undone() -> None:
    fold(
        m.payment_requested(),
        m.held(3, 12_00),
        m.payment_became("Authorized", 2),
        m.payment_became("Reversed", 3),
        m.released(4, 12_00),
    )
    found = process()
    assert found["outcome"] == "reversed"
    assert states(found)["accounts.FundsHeld.v1"] == "undone"


def test_a_refund_does_not_undo_what_was_settled() -> None:
    refund = cards.CardPaymentRefunded(m.PAYMENT, "r1", 5_00, "EUR")
    refunded = m.message("cards.CardPaymentRefunded", f"payment-{m.PAYMENT}", 5, refund)
    fold(*m.settled_payment(), refunded, m.credited(9, 5_00, process_id=m.PAYMENT))
    found = process()
    assert {event["type"] for event in found["events"]} >= {"cards.CardPaymentRefunded.v1", "accounts.MoneyCredited.v1"}
    assert states(found)["cards.CardPaymentCaptured.v1"] == states(found)["accounts.HoldCaptured.v1"] == "done"


REFUND = "66666666-6666-4666-8666-666666666666"


def test_a_refund_is_a_process_of_its_own_and_stands_in_its_payments_timeline() -> None:
    asked = cards.CardPaymentRefunded(m.PAYMENT, REFUND, 5_00, "EUR")
    credited = accounts.MoneyCredited(5_00, "EUR", "card-settlement", m.PAYMENT, "Bakery", REFUND)
    settled = cards.CardPaymentRefundSettled(m.PAYMENT, REFUND, 5_00, "EUR")
    batch = [
        m.message("cards.CardPaymentRefunded", f"payment-{m.PAYMENT}", 5, asked),
        m.message("accounts.MoneyCredited", f"account-{m.ACCOUNT}", 9, credited),
        m.message("cards.CardPaymentRefundSettled", f"payment-{m.PAYMENT}", 6, settled),
    ]
    fold(*m.settled_payment(), *batch[:1])
    refund = queries.process(REFUND)
    assert refund is not None
    assert (refund["name"], refund["outcome"], refund["deadline"]) == (
        "card-refund",
        "",
        batch[0].time + BY_NAME["card-refund"].deadline,
    )
    assert states(refund) == {"accounts.MoneyCredited.v1": "waiting"}
    fold(batch[2], batch[1])
    refund = queries.process(REFUND)
    assert refund is not None
    assert (refund["outcome"], len(refund["events"])) == ("refunded", 3)
    assert (process()["name"], process()["outcome"], len(process()["events"])) == ("debit-card-payment", "settled", 11)


def test_a_payment_under_way_waits_for_its_next_step() -> None:
    fold(m.payment_requested(), m.held(3, 12_00))
    found = process()
    assert found["outcome"] == ""
    assert not found["ended_at"]
    assert states(found)["cards.CardPaymentAuthorized.v1"] == "waiting"


def test_a_process_past_its_deadline_is_overdue_until_it_ends() -> None:
    fold(m.payment_requested(time=m.NOON - timedelta(days=4000)))
    assert process()["overdue"] is True
    fold(*m.settled_payment()[1:])
    assert process()["overdue"] is False


FIRST, SECOND = "77777777-7777-4777-8777-777777777777", "88888888-8888-4888-8888-888888888888"


def test_each_origination_of_a_loan_is_a_process_of_its_own_and_shows_what_was_undone() -> None:
    cleared = customers.ClearanceStep(FIRST, m.CUSTOMER)
    fold(of_loan("OriginationRequested", loans.OriginationRequested(FIRST), 2))
    fold(m.message("customers.CustomerCleared", f"clearance-{FIRST}", 1, cleared))
    assert outcome_of(FIRST) == ""
    fold(m.message("customers.ClearanceWithdrawn", f"clearance-{FIRST}", 2, cleared))
    fold(of_loan("OriginationFailed", loans.OriginationFailed(FIRST, "account_frozen"), 3))
    fold(of_loan("OriginationRequested", loans.OriginationRequested(SECOND), 4))
    fold(of_loan("LoanDisbursed", loans.LoanDisbursed(m.LOAN, 1, "EUR", 1, 1, m.TODAY, SECOND), 6))
    assert (outcome_of(FIRST), outcome_of(SECOND)) == ("failed", "disbursed")
    failed = queries.process(FIRST)
    assert failed is not None
    assert states(failed)["customers.CustomerCleared.v1"] == "undone"
    assert states(failed)["accounts.MoneyCredited.v1"] == "skipped"


def test_what_was_not_returned_is_not_shown_as_undone() -> None:
    """Two people have moved it to suspense: it is on the account still."""
    fold(of_loan("OriginationRequested", loans.OriginationRequested(FIRST), 2))
    credited = accounts.MoneyCredited(12_00, "EUR", "transit:loan-disbursements", FIRST)
    fold(m.message("accounts.MoneyCredited", f"account-{m.ACCOUNT}", 3, credited))
    fold(of_process("TransitCleared", accounts.TransitCleared(FIRST, "suspense"), 2))
    fold(of_process("TransitReturned", accounts.TransitReturned(FIRST, 0), 3))
    fold(of_loan("OriginationFailed", loans.OriginationFailed(FIRST, "timeout"), 3))
    failed = queries.process(FIRST)
    assert failed is not None
    assert states(failed)["accounts.MoneyCredited.v1"] == "done"
    details = {event["type"]: event["detail"] for event in failed["events"]}
    assert details["accounts.TransitCleared.v1"] == "suspense"
    assert details["accounts.TransitReturned.v1"] == "nothing_returned"
    fold(of_process("TransitReturned", accounts.TransitReturned(FIRST, 12_00), 4))
    returned = queries.process(FIRST)
    assert returned is not None
    assert states(returned)["accounts.MoneyCredited.v1"] == "undone"


def of_process(name: str, data: object, version: int) -> Message[Any]:
    return m.message(f"accounts.{name}", f"process-{FIRST}", version, data, customer_id=None)


@pytest.mark.parametrize(("by_hand", "outcome", "collected"), [(True, BY_HAND, "done"), (False, "refunded", "undone")])
def test_a_bill_payment_that_people_have_ended_is_not_said_to_be_refunded(
    by_hand: bool, outcome: str, collected: str
) -> None:
    card, route = f"card-{m.CARD}", f"bill_payment-{FIRST}"
    fold(
        m.message("cards.BillPaymentRequested", card, 2, cards.BillPaymentRequested(FIRST, 60_00, "EUR")),
        m.message("cards.BillPaymentCollected", route, 2, cards.BillPaymentCollected(FIRST)),
        m.message("cards.BillPaymentReturned", route, 3, cards.BillPaymentReturned(FIRST, by_hand=by_hand)),
    )
    over = cards.BillPaymentRefunded(FIRST, 60_00, "EUR", "no_answer", by_hand=by_hand)
    fold(m.message("cards.BillPaymentRefunded", card, 3, over))
    found = queries.process(FIRST)
    assert found is not None
    assert (found["outcome"], states(found)["cards.BillPaymentCollected.v1"]) == (outcome, collected)
    assert [one["id"] for one in queries.processes({"outcome": outcome}, after=None, limit=10)] == [FIRST]


def test_a_loan_paid_out_without_an_origination_belongs_to_no_process() -> None:
    fold(of_loan("LoanDisbursed", loans.LoanDisbursed(m.LOAN, 1, "EUR", 1, 1, m.TODAY), 2))
    assert queries.process(m.LOAN) is None


def of_loan(name: str, data: object, version: int) -> Message[Any]:
    return m.message(f"loans.{name}", f"loan-{m.LOAN}", version, data)


def outcome_of(process_id: str) -> str:
    found = queries.process(process_id)
    assert found is not None
    return str(found["outcome"])


def test_a_process_is_found_by_the_correlation_id_of_its_request() -> None:
    correlation = uuid4()
    fold(m.payment_requested(correlation_id=correlation))
    found = queries.process(str(correlation))
    assert found is not None
    assert found["id"] == m.PAYMENT


def test_of_several_processes_under_one_correlation_id_the_first_begun_is_shown() -> None:
    correlation, ids = uuid4(), [str(uuid4()) for _ in range(5)]
    begun = [m.payment_requested(id, correlation_id=correlation) for id in ids]
    random.Random(7).shuffle(begun)
    for one in begun:
        fold(one)
    found = queries.process(str(correlation))
    assert found is not None
    assert found["id"] == ids[0]


def test_who_chooses_anothers_correlation_id_hides_nothing_from_him() -> None:
    correlation, other = uuid4(), str(uuid4())
    fold(m.payment_requested(str(uuid4()), correlation_id=correlation, customer_id=other))
    fold(m.payment_requested(correlation_id=correlation))
    found = queries.process(str(correlation), customer_id=m.CUSTOMER)
    assert found is not None
    assert found["id"] == m.PAYMENT
    assert queries.process(m.PAYMENT, customer_id=other) is None


MANY = """
insert into bankview_process (generation, id, name, correlation_id, started_at, heard_at)
select 1, gen_random_uuid(), 'debit-card-payment', gen_random_uuid(), now(), now() from generate_series(1, 3000)
"""


def test_a_process_among_many_is_found_by_its_indexes() -> None:
    id = str(uuid4())
    with cursor("bankview") as db:
        db.execute(MANY)
        db.execute("analyze bankview_process")
        plan = "\n".join(line for (line,) in db.execute(f"explain {queries.ONE_PROCESS}", (id, id, None, None, id)))
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert any("(id = " in line for line in conditions), plan
    assert any("(correlation_id = " in line for line in conditions), plan


def test_a_deposit_is_no_process() -> None:
    fold(m.credited(2, 100_00))
    assert queries.processes({}, after=None, limit=10) == []


def test_processes_are_listed_by_outcome() -> None:
    fold(*m.settled_payment())
    assert [found["id"] for found in queries.processes({"outcome": "settled"}, after=None, limit=10)] == [m.PAYMENT]
    assert queries.processes({"outcome": "open"}, after=None, limit=10) == []


def test_every_event_of_a_declared_process_is_heard() -> None:
    declared = {event for choreography in CHOREOGRAPHIES for event in choreography.events}
    assert declared <= set(HEARD)


def test_an_end_that_may_be_by_hand_is_one_that_may_say_so() -> None:
    may = {event for choreography in CHOREOGRAPHIES for event in choreography.by_hand}
    ends = {event for choreography in CHOREOGRAPHIES for event in choreography.ends}
    assert may == {event for event in ends if "by_hand" in {one.name for one in fields(HEARD[event].data)}}
