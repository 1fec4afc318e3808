"""Who asks Cards by HTTP."""

import pytest

from tests.cards.client import ACCOUNT, ME, Client
from tests.cards.units import known_account


@pytest.fixture
def known() -> None:
    known_account(ACCOUNT, ME)


@pytest.fixture
def customer() -> Client:
    return Client(ME)


@pytest.fixture
def operator() -> Client:
    return Client(is_operator=True)
