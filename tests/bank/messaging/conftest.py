"""What the tests of consumers share."""

from contextlib import closing

import pytest

from bank.messaging import brokers, topology
from tests.bank.examples.ticking import ECHOING, Trouble


@pytest.fixture
def bound(talking: Trouble) -> None:
    """The reactions' queue is there before anything is published."""
    with closing(brokers.consumer(topology.reactions(ECHOING, 0))):
        pass
