"""The same stories, told to a bank that runs as one service and to one that runs as five, through its public API."""

from collections.abc import Iterator
from typing import cast

import pytest

from tests.flows.harness import Bank
from tests.flows.remote import RemoteBank
from tests.flows.stories import STORIES, Story, an_authorization_nobody_captures_expires
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


def test_the_books_agree_when_everything_is_told(remote: RemoteBank) -> None:
    books = remote.operator.get("/books")
    assert books["agree"]
    assert books["transit"] == []
