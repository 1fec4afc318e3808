"""The same stories, told to a bank that runs as one service and to one that runs as five, through its public API."""

from collections.abc import Iterator
from typing import cast

import pytest

from tests.flows.harness import Bank
from tests.flows.harness.remote import RemoteBank
from tests.flows.harness.stories import STORIES, Story, an_authorization_nobody_captures_expires
from tests.running import RunningBank

TOPOLOGIES = {"one service": ["--no-demo"], "five services": ["--services", "--no-demo"]}
TOLD = [story for story in STORIES if story is not an_authorization_nobody_captures_expires]


@pytest.fixture(scope="module", params=TOPOLOGIES)
def remote(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteBank]:
    running = RunningBank(tmp_path_factory.mktemp("topology") / "home", arguments=TOPOLOGIES[request.param])
    running.start()
    try:
        yield RemoteBank.of(running)
    finally:
        running.stop()


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.__name__)
def test_the_story_ends_the_same_in_either_topology(remote: RemoteBank, story: Story) -> None:
    story(cast(Bank, remote), remote.flow)


def test_who_signs_up_becomes_a_customer_by_himself_and_banks(remote: RemoteBank) -> None:
    newcomer = remote.signed_up("newcomer")
    opening = {"kind": "savings", "currency": "EUR"}
    assert newcomer.post("/accounts", opening).json()["code"] == "customer_missing"
    person = {"name": "Ada Lovelace", "email": "ada@example.org", "mobile_number": "+4915112345670"}
    customer_id = newcomer.made("/customers", person)
    remote.flow()
    newcomer.sign_in()
    account_id = newcomer.made("/accounts", opening)
    assert newcomer.get(f"/accounts/{account_id}")["customer_id"] == customer_id
    assert newcomer.get(f"/customers/{customer_id}")["name"] == "Ada Lovelace"
    remote.flow()
    view = newcomer.get(f"/customers/{customer_id}/bank-view")
    assert [account["id"] for account in view["accounts"]] == [account_id]
    stranger = remote.signed_up("stranger")
    assert stranger.http.get(stranger.address(f"/accounts/{account_id}"), headers=stranger.headers()).status_code == 404


def test_no_process_of_another_service_could_make_a_token(remote: RemoteBank) -> None:
    told = [process.environ() for process in remote.running.family()[1:]]
    keepers = [environment["CONTEXTS"] for environment in told if "BANK_OIDC_PRIVATE_KEY" in environment]
    assert keepers
    assert all("bankview" in contexts for contexts in keepers)


def test_the_books_agree_when_everything_is_told(remote: RemoteBank) -> None:
    books = remote.operator.get("/books")
    assert books["agree"]
    assert books["transit"] == []
