"""The same stories, told to a bank that runs as one service and to one that runs as five, through its public API."""

import json
import os
from collections.abc import Iterator
from typing import cast
from uuid import uuid4

import pytest

from bank.runtime import databases
from tests.flows.credit_cards.test_bill_payments import accounts_declines, the_bill_is_paid_in_two_parts
from tests.flows.credit_cards.test_card_payouts import the_balance_is_paid_out_and_the_card_ends
from tests.flows.customers.test_erasure import a_customer_is_forgotten
from tests.flows.harness import Bank
from tests.flows.harness.remote import RemoteBank, RemoteClient
from tests.flows.harness.stories import (
    STORIES,
    Story,
    Then,
    an_authorization_nobody_captures_expires,
    customer,
    open_account,
)
from tests.flows.loans.test_loans import (
    a_loan_for_a_frozen_account_is_paid_out_to_another,
    a_loan_is_repaid_to_the_last_cent,
    a_repayment_that_the_account_refuses_is_declined,
    apply_for,
    balance,
)
from tests.running import RunningBank, surroundings

pytestmark = pytest.mark.processes

EMBEDDED = os.environ["BANK_RUNTIME"] == "embedded"
TOPOLOGIES = {"one service": ["--no-demo"], "five services": ["--services", "--no-demo"]}


def what_is_withdrawn_or_rejected_is_not_lent(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    withdrawn, rejected = (apply_for(bank, customer_id, account_id) for _ in range(2))
    bank.operator.made(f"/loans/{withdrawn}/withdraw")
    bank.operator.made(f"/loans/{rejected}/reject", {"reason": "affordability"})
    for loan_id, status in ((withdrawn, "withdrawn"), (rejected, "rejected")):
        refused = bank.operator.post(f"/loans/{loan_id}/approve")
        assert (refused.status_code, refused.json()["code"]) == (422, "loan_not_applied")
        then()
        assert bank.operator.get(f"/loans/{loan_id}")["status"] == status
    shown = bank.operator.get(f"/customers/{customer_id}/bank-view")["loans"]
    assert {loan["status"] for loan in shown} == {"withdrawn", "rejected"}
    assert balance(bank, account_id) == "100.00"


def who_banks_here_is_neither_closed_nor_forgotten(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    open_account(bank, customer_id)
    then()
    for order, code in (("erasure", "customer_not_closed"), ("close", "customer_has_holdings")):
        refused = bank.operator.post(f"/customers/{customer_id}/{order}")
        assert (refused.status_code, refused.json()["code"]) == (422, code)


TOLD: tuple[Story, ...] = (
    *(story for story in STORIES if story is not an_authorization_nobody_captures_expires),
    the_bill_is_paid_in_two_parts,
    accounts_declines,
    the_balance_is_paid_out_and_the_card_ends,
    a_loan_is_repaid_to_the_last_cent,
    a_loan_for_a_frozen_account_is_paid_out_to_another,
    a_repayment_that_the_account_refuses_is_declined,
    what_is_withdrawn_or_rejected_is_not_lent,
    a_customer_is_forgotten,
    who_banks_here_is_neither_closed_nor_forgotten,
)
"""The others move the clock, stop a context, or look into a database."""


@pytest.fixture(
    scope="module",
    params=[
        "one service",
        pytest.param("five services", marks=pytest.mark.skipif(EMBEDDED, reason="make test-all: five services")),
    ],
)
def remote(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteBank]:
    home = tmp_path_factory.mktemp("topology") / "home"
    running = RunningBank(home, arguments=TOPOLOGIES[request.param], environment=surroundings())
    running.start()
    try:
        yield RemoteBank.of(running)
    finally:
        running.stop()
        running.forget()


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.__name__)
def test_the_story_ends_the_same_in_either_topology(remote: RemoteBank, story: Story) -> None:
    story(cast(Bank, remote), remote.flow)


def new_number() -> str:
    return f"+49152{uuid4().int % 10**8:08d}"


@pytest.fixture(scope="module")
def people(remote: RemoteBank) -> list[RemoteClient]:
    """Who have signed up and are no customers yet."""
    return remote.signed_up("newcomer", "stranger", "ada")


def opened(remote: RemoteBank, newcomer: RemoteClient) -> str:
    """The id of the customer as whom somebody who has signed up opened himself."""
    person = {"name": "Ada Lovelace", "email": "ada@example.org", "mobile_number": new_number()}
    customer_id = newcomer.made("/customers", person)
    remote.flow()
    newcomer.sign_in()
    return customer_id


def test_who_signs_up_becomes_a_customer_by_himself_and_banks(remote: RemoteBank, people: list[RemoteClient]) -> None:
    newcomer, stranger, _ = people
    opening = {"kind": "savings", "currency": "EUR"}
    assert newcomer.post("/accounts", opening).json()["code"] == "customer_missing"
    customer_id = opened(remote, newcomer)
    account_id = newcomer.made("/accounts", opening)
    assert newcomer.get(f"/accounts/{account_id}")["customer_id"] == customer_id
    assert newcomer.get(f"/customers/{customer_id}")["name"] == "Ada Lovelace"
    remote.flow()
    view = newcomer.get(f"/customers/{customer_id}/bank-view")
    assert [account["id"] for account in view["accounts"]] == [account_id]
    assert stranger.http.get(stranger.address(f"/accounts/{account_id}"), headers=stranger.headers()).status_code == 404


def test_who_proves_that_he_has_the_new_phone_is_known_by_its_number_unless_somebody_refuses(
    remote: RemoteBank, people: list[RemoteClient]
) -> None:
    """Accounts refuses it while a court has frozen his account, and everybody knows him by the number before."""
    ada = people[-1]
    customer_id, new = opened(remote, ada), new_number()
    account_id = ada.made("/accounts", {"kind": "savings", "currency": "EUR"})
    proves_to_have(remote, ada, customer_id, new)
    assert known_by(remote, ada, customer_id) == (new, new, "changed")
    remote.operator.made(f"/accounts/{account_id}/freeze", {"side": "both", "reason": "legal_order"})
    remote.flow()
    proves_to_have(remote, ada, customer_id, new_number())
    assert known_by(remote, ada, customer_id) == (new, new, "undone")


def proves_to_have(remote: RemoteBank, client: RemoteClient, customer_id: str, number: str) -> None:
    path = f"/customers/{customer_id}/mobile-number"
    client.made(path, {"mobile_number": number})
    code = remote.texted(number)
    guessed = client.post(f"{path}/confirmation", {"mobile_number": number, "code": wrong(code)})
    assert (guessed.status_code, guessed.json()["code"]) == (422, "wrong_code")
    client.made(f"{path}/confirmation", {"mobile_number": number, "code": code})
    remote.flow()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def known_by(remote: RemoteBank, client: RemoteClient, customer_id: str) -> tuple[str, str, str]:
    """The number at Customers and in the view, and how the last change of it ended."""
    profile = client.get(f"/customers/{customer_id}/bank-view")["profile"]
    changes = remote.operator.get(f"/processes?customer_id={customer_id}&name=mobile-number-change")["items"]
    return client.get(f"/customers/{customer_id}")["mobile_number"], profile["mobile_number"], changes[0]["outcome"]


def test_a_day_of_banking_adds_up_though_its_processes_are_killed(remote: RemoteBank) -> None:
    """The clients of `manage.py demo` repeat what was not answered; whoever is killed is started again."""
    day = remote.manage(
        "demo", "--customers", "4", "--payments", "60", "--json", "--plot", str(remote.running.home / "day.png")
    )
    for words in (("consume", "accounts"), ("granian", "wsgi"), ("consume", "bankview")):
        before = remote.moved()[0]
        while remote.moved()[0] < before + 40:
            assert day.poll() is None, "the day was over before anybody was killed"
        remote.running.part(*words).kill()
    figures = json.loads(day.communicate()[0])
    assert (day.returncode, figures["failures"], figures["in_flight"], figures["drift"]) == (0, [], 0, 0)
    assert figures["settled"] > 0
    assert figures["settled"] + figures["declined"] + figures["reversed"] + figures["refused"] == 60
    assert remote.running.log.count("was killed by SIGKILL; starting it again") >= 3


def test_no_process_is_told_the_database_of_a_context_that_it_does_not_run(remote: RemoteBank) -> None:
    told = [process.environ() for process in remote.running.family()[1:]]
    parts = [environment for environment in told if "CONTEXTS" in environment]
    assert {context for part in parts for context in part["CONTEXTS"].split(",")} == {*databases.CONTEXTS}
    for part in parts:
        others = {*databases.CONTEXTS} - {*part["CONTEXTS"].split(",")}
        assert not [context for context in others if databases.variable(context) in part]


def test_no_process_of_another_service_could_make_a_token(remote: RemoteBank) -> None:
    told = [process.environ() for process in remote.running.family()[1:]]
    keepers = [environment["CONTEXTS"] for environment in told if "BANK_OIDC_PRIVATE_KEY" in environment]
    assert keepers
    assert all("bankview" in contexts for contexts in keepers)


def test_the_books_agree_when_everything_is_told(remote: RemoteBank) -> None:
    books = remote.operator.get("/books")
    assert books["agree"]
    assert books["transit"] == []
