"""A customer is forgotten: nobody finds his name again, and everything still adds up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils.timezone import localdate

from accounts.payment_files.execution import execute_files, execute_part
from bank.context import Unit, load
from bank.decider import ERASED
from bank.execution import execute
from bank.failpoints import POINTS
from bank.history.sealing import StillLeaving
from bank.history.verification import verify
from bank.http.principal import opened_by
from bank.messaging import retrying
from bank.messaging.feed import Feed
from bank.messaging.inbox import Inbox
from bank.messaging.sinks import Reactions
from bank.projections import inline
from config.identity import forgetting, logins
from config.identity.models import User
from customers.context import CUSTOMERS
from customers.orders import open_customer
from tests.flows.harness import DISTURBANCES, Bank, Disturbance, crashing, promises
from tests.flows.harness.stories import LIMITS, Then, accepted, eur, holder, open_account

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

NAME, EMAIL, NUMBER, ADDRESS = "Zebedee Quux", "zebedee@quux.example", "+35699123456", "7 Planted Lane"
NOTE, MERCHANT = "Xanthippe says thanks", "Surgery of Dr. Plum"
PLANTED = (NAME, EMAIL, NUMBER, ADDRESS, NOTE, MERCHANT)


@dataclass(frozen=True, slots=True)
class Gone:
    """A customer who has said all about himself, paid by card, been lent nothing, and left."""

    customer_id: str
    account_id: str


def gone(bank: Bank) -> Gone:
    operator = bank.operator
    customer_id = operator.made("/customers", {"name": NAME, "email": EMAIL, "mobile_number": NUMBER})
    operator.patch(f"/customers/{customer_id}", {"address": ADDRESS})
    account_id = open_account(bank, customer_id)
    card_id = accepted(bank, "/cards", {"customer_id": customer_id, "account_id": account_id, **LIMITS})
    operator.made(f"/cards/{card_id}/activate")
    operator.made(f"/cards/{card_id}/payments", {"amount": eur("10.00"), "merchant": MERCHANT})
    bank.catch_up()
    operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("90.00"), "reference": NOTE})
    operator.made(f"/cards/{card_id}/cancel")
    operator.made(f"/accounts/{account_id}/close")
    bank.catch_up()
    operator.made(f"/customers/{customer_id}/close")
    return Gone(customer_id, account_id)


def retry_parked() -> None:
    """What beat does, at the hour of the next try."""
    for context in ("accounts", "cards", "loans", "customers"):
        promises.rows(context, "update bank_parked set retry_at = now() returning 1")
        retrying.retry_parked(Inbox(Reactions(load(context)), Feed(context)))


def certificate(bank: Bank, customer_id: str) -> Any:
    return bank.operator.get(f"/customers/{customer_id}/erasure")


def found(text: str) -> Iterator[str]:
    """Every table of every database in which a text stands."""
    for alias in ("default", *settings.CONTEXTS):
        tables = promises.rows(
            alias,
            "select oid::regclass::text from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
        )
        for (table,) in tables:
            if promises.rows(alias, f"select count(*) from {table} t where t::text like %s", f"%{text}%")[0][0]:  # noqa: S608
                yield f"{alias}.{table}"


def a_customer_is_forgotten(bank: Bank, then: Then) -> None:
    left = gone(bank)
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    then()
    is_certified(bank, left)


def is_certified(bank: Bank, left: Gone) -> None:
    done = certificate(bank, left.customer_id)
    assert (done["covered"], done["certified_at"] is not None) == (["accounts", "cards", "customers", "loans"], True)
    entries = bank.operator.get(f"/accounts/{left.account_id}/entries")["items"]
    assert [entry["reference"] for entry in entries] == [ERASED, ERASED, ERASED]
    assert bank.operator.get(f"/customers/{left.customer_id}")["name"] == ERASED
    process = bank.operator.get(f"/operations/{left.customer_id}")
    assert (process["name"], process["outcome"]) == ("customer-erasure", "erased")


def test_who_is_forgotten_is_found_nowhere_and_the_books_stand(bank: Bank) -> None:
    left = gone(bank)
    logins.ensure_customer(EMAIL, "a long password", UUID(left.customer_id))
    assert all(list(found(text)) for text in PLANTED)
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    assert forgetting.forget_logins() == 1
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    is_certified(bank, left)
    promises.hold()
    for context in ("customers", "accounts", "loans", "cards"):
        assert verify(load(context)).broken == []


PAYEE, FOREIGN_IBAN, REMITTANCE, MARK, FILE = (
    "Yolanda Plum",
    "DE89370400440532013000",
    "Alimony for Xerxes",
    "E2E-Quux",
    "Quux payroll",
)


def test_the_files_of_who_is_forgotten_say_nothing_more(bank: Bank) -> None:
    """Neither whom he wanted to pay nor what for, executed or not. What he wrote to another customer of the bank stays
    where it was read: on that one's statement (decision 0022)."""
    operator, anna = bank.operator, holder(bank)
    customer_id = operator.made("/customers", {"name": NAME, "email": EMAIL, "mobile_number": NUMBER})
    account_id = open_account(bank, customer_id)
    own, hers = (operator.get(f"/accounts/{one}")["iban"] for one in (account_id, anna.account_id))
    rows = [(hers, "1.00", NOTE), (FOREIGN_IBAN, "2.00", REMITTANCE), (own, "3.00", REMITTANCE)] + 498 * [
        (FOREIGN_IBAN, "4.00", REMITTANCE)
    ]
    lines = [f"{iban},{amount},EUR,{PAYEE},{reference},{MARK}" for iban, amount, reference in rows]
    text = "\r\n".join(("iban,amount,currency,name,reference,end_to_end_id", *lines))
    sent = operator.api.post(
        f"/api/v1/payment-files?account_id={account_id}&message_id={FILE}&customer_id={customer_id}",
        text.encode(),
        content_type="text/csv",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert sent.status_code == 202, sent.content
    file_id = sent.json()["id"]
    assert execute_part(UUID(file_id))
    planted = (PAYEE, FOREIGN_IBAN, REMITTANCE, MARK)
    assert operator.get(f"/payment-files/{file_id}/lines")["items"][1]["name"] == PAYEE
    assert {text: list(found(text)) for text in planted} == {text: [] for text in planted}
    assert "accounts.accounts_payment_file" in found(FILE)
    operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("99.00"), "reference": REMITTANCE})
    operator.made(f"/accounts/{account_id}/close")
    bank.catch_up()
    operator.made(f"/customers/{customer_id}/close")
    operator.made(f"/customers/{customer_id}/erasure")
    bank.flow()
    assert execute_files(lambda: True) is False
    bank.flow()
    assert certificate(bank, customer_id)["certified_at"] is not None
    assert {text: list(found(text)) for text in (*planted, FILE)} == {text: [] for text in (*planted, FILE)}
    file = operator.get(f"/payment-files/{file_id}")
    assert (file["message_id"], file["status"], file["accepted"], file["refused"]) == (ERASED, "completed", 1, 500)
    told = operator.get(f"/payment-files/{file_id}/lines")["items"]
    assert {(line["iban"], line["name"], line["reference"]) for line in told} == {(None, None, None)}
    assert set(found(NOTE)) <= {"accounts.accounts_posting", "bankview.bankview_activity"}
    kept = "select account_id::text from accounts_posting where reference = %s"
    assert promises.rows("accounts", kept, NOTE) == [(anna.account_id,)]


def test_the_view_of_who_is_forgotten_is_what_his_history_still_says(bank: Bank) -> None:
    left = gone(bank)
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    view = bank.operator.get(f"/customers/{left.customer_id}/bank-view")
    assert (view["profile"]["name"], view["profile"]["address"], view["profile"]["status"]) == (
        ERASED,
        ERASED,
        "erased",
    )
    shown = bank.operator.get(f"/customers/{left.customer_id}")
    assert {name: view["profile"][name] for name in view["profile"]} == {n: shown[n] for n in view["profile"]}
    (paid,) = view["card_payments"]
    (asked,) = bank.operator.get(f"/card-payments?customer_id={left.customer_id}")["items"]
    assert (paid["merchant"], asked["merchant"], paid["amount"]) == (ERASED, ERASED, asked["amount"])
    assert bank.operator.get(f"/customers/{left.customer_id}/activity")["items"] == []


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_an_erasure_ends_whatever_happens_to_the_messages(bank: Bank, disturb: Disturbance) -> None:
    left = gone(bank)
    bank.disturb = disturb
    bank.restart()
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    bank.catch_up()
    retry_parked()  # who hears itself by the feed may be too early
    bank.catch_up()
    assert certificate(bank, left.customer_id)["certified_at"] is not None
    names = "select count(*) from bank_event where type like '%%Erased.v1' or type = 'ErasureCertified.v1'"
    assert [promises.rows(c, names)[0][0] for c in ("accounts", "cards", "loans", "customers")] == [1, 1, 1, 1]


@pytest.mark.parametrize("point", sorted(POINTS))
def test_an_erasure_ends_wherever_somebody_dies(bank: Bank, point: str) -> None:
    for nth in (1, 3, 6):
        left, deaths = gone(bank), bank.unanswered
        with crashing(point, nth):
            bank.operator.made(f"/customers/{left.customer_id}/erasure")
            bank.flow()
        assert bank.unanswered == deaths + 1, "nobody came by"
        bank.catch_up()
        retry_parked()
        bank.catch_up()
        assert certificate(bank, left.customer_id)["certified_at"] is not None
    promises.hold()


def test_a_refund_reaches_who_is_being_forgotten(bank: Bank) -> None:
    """Accounts has forgotten him before Cards hears of it, and a merchant gives back what he paid."""
    left = gone(bank)
    (paid,) = bank.operator.get(f"/card-payments?customer_id={left.customer_id}")["items"]
    bank.stop()
    bank.start("customers", "accounts", "loans", "bankview")
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    retry_parked()  # who hears itself by the feed may be too early
    bank.flow()
    assert sorted(certificate(bank, left.customer_id)["covered"]) == ["accounts", "loans"]
    bank.operator.made(f"/card-payments/{paid['id']}/refund")
    bank.catch_up()
    retry_parked()
    bank.catch_up()
    assert certificate(bank, left.customer_id)["certified_at"] is not None
    (refund,) = bank.operator.get(f"/card-payments/{paid['id']}")["refunds"]
    assert refund["settled_at"] is not None
    assert bank.operator.get(f"/accounts/{left.account_id}")["balance"]["amount"] == "10.00"
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    promises.hold()


def test_a_refund_reaches_who_has_been_forgotten_and_says_nothing_of_him(bank: Bank) -> None:
    left = gone(bank)
    (paid,) = bank.operator.get(f"/card-payments?customer_id={left.customer_id}")["items"]
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    assert certificate(bank, left.customer_id)["certified_at"] is not None
    bank.operator.made(f"/card-payments/{paid['id']}/refund")
    bank.flow()
    (refund,) = bank.operator.get(f"/card-payments/{paid['id']}")["refunds"]
    assert refund["settled_at"] is not None
    assert bank.operator.get(f"/accounts/{left.account_id}")["balance"]["amount"] == "10.00"
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    promises.hold()


def test_no_key_is_destroyed_while_something_is_still_leaving(bank: Bank) -> None:
    left = gone(bank)
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    stuck = (
        "insert into bank_outbox (id, lane, aggregatetype, aggregateid, type, payload, blocked_at)"
        " values (gen_random_uuid(), 1, 'account', 'account-x', 'X.v1', %s, now()) returning 1"
    )
    promises.rows("accounts", stuck, f'{{"customerid":"{left.customer_id}"}}')
    bank.flow()
    assert sorted(certificate(bank, left.customer_id)["covered"]) == ["cards", "loans"]
    ((error,),) = promises.rows("accounts", "select error from bank_parked")
    assert StillLeaving.__name__ in error
    assert promises.rows("accounts", "select count(*) from bank_subject_key where destroyed_at is not null")[0][0] == 0

    promises.rows("accounts", "delete from bank_outbox where blocked_at is not null returning 1")
    retry_parked()
    bank.flow()
    assert certificate(bank, left.customer_id)["certified_at"] is not None


def test_who_still_banks_is_not_forgotten(bank: Bank) -> None:
    customer_id = bank.operator.made("/customers", {"name": NAME, "email": EMAIL, "mobile_number": NUMBER})
    path = f"/customers/{customer_id}/erasure"
    assert bank.operator.post(path).json()["code"] == "customer_not_closed"
    bank.operator.made(f"/customers/{customer_id}/close")
    open_late = {"customer_id": customer_id, "kind": "savings", "currency": "EUR"}
    bank.operator.made("/accounts", open_late)
    bank.flow()
    assert bank.operator.post(path).json()["code"] == "customer_has_holdings"
    assert bank.operator.get(f"/customers/{customer_id}")["name"] == NAME


def test_read_tables_rebuilt_after_an_erasure_say_no_more_than_before(bank: Bank) -> None:
    left = gone(bank)
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    for context in map(load, settings.CONTEXTS):
        for projection in context.inline_projections:
            inline.rebuild_inline(context, projection)
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    assert bank.operator.get(f"/customers/{left.customer_id}")["name"] == ERASED
    assert certificate(bank, left.customer_id)["covered"] == ["accounts", "cards", "customers", "loans"]


def test_a_login_that_opened_its_customer_itself_is_forgotten_too(bank: Bank) -> None:
    login = User(username=EMAIL, email=EMAIL)
    login.save(using="default")
    customer_id = opened_by(str(login.pk))
    orders = open_customer(customer_id, name=NAME, email=EMAIL, mobile_number=NUMBER, opened_on=localdate())
    execute(CUSTOMERS, [Unit(*orders)])
    bank.operator.made(f"/customers/{customer_id}/close")
    bank.operator.made(f"/customers/{customer_id}/erasure")
    bank.flow()
    assert forgetting.forget_logins() == 1
    login.refresh_from_db(using="default")
    assert (login.username, login.email, login.is_active) == (f"erased-{login.pk}", "", False)
    assert forgetting.forget_logins() == 0
