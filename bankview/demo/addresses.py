"""Which service answers which path, where the bank runs as five of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

COLLECTIONS: Mapping[str, str] = {
    "customers": "customers",
    "accounts": "accounts",
    "transfers": "accounts",
    "standing-orders": "accounts",
    "books": "accounts",
    "loans": "loans",
    "loan-repayments": "loans",
    "loan-books": "loans",
    "cards": "cards",
    "card-payments": "cards",
    "card-books": "cards",
    "bill-payments": "cards",
}
OF_A_CUSTOMER = ("bank-view", "activity", "stream")
"""What Bankview shows below a customer's own address."""


def context_of(path: str) -> str:
    """Whose a path is; Bankview's unless another context's, and so are signing in and its keys."""
    below = path.removeprefix("/api/v1/").split("/")
    if len(below) > 2 and below[2] in OF_A_CUSTOMER:
        return "bankview"
    return COLLECTIONS.get(below[0], "bankview")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`urls` is by context; all the same where one address serves the whole bank."""

    urls: Mapping[str, str]

    @property
    def bank(self) -> str:
        return self.urls["bankview"]

    def of(self, path: str) -> str:
        """A path's whole address; an address stays as it is."""
        return path if path.startswith("http") else f"{self.urls[context_of(path)]}{path}"


def addresses() -> Addresses:
    """BASE_URL serves everything, where it is set; else the bank that runs here."""
    base_url = os.environ.get("BASE_URL")
    return Addresses(dict.fromkeys(settings.INTERNAL_URLS, base_url) if base_url else settings.INTERNAL_URLS)
