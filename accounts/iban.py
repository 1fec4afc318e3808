"""International bank account numbers, made outside the decider so that deciding stays pure."""

import re
from functools import lru_cache
from uuid import UUID

from schwifty import IBAN

COUNTRY = "MT"
"""Malta's numbers hold a branch of five digits and an account of eighteen characters: room for a part of a uuid."""
BANK_CODE = "DEMO"
DEFAULT_BRANCH = "00001"
OURS = re.compile(rf"{COUNTRY}[0-9]{{2}}{BANK_CODE}[0-9]{{23}}")
LONGEST_IBAN = 42
"""34 characters and the spaces of print."""


def iban_for(account_id: str, branch: str = DEFAULT_BRANCH) -> str:
    """The account's IBAN: the same for the same account and branch, always. 18 digits of the uuid make it unique.

    Raises ValueError when the id is no uuid or the branch has not five digits.
    """
    if len(branch) != 5 or not branch.isdecimal():
        raise ValueError("A branch is a number of five digits.")
    number = f"{UUID(account_id).int % 10**18:018d}"
    return str(IBAN.generate(COUNTRY, bank_code=BANK_CODE, branch_code=branch, account_code=number))


@lru_cache(maxsize=4096)
def known_iban(text: str) -> str | None:
    """The IBAN without its spaces, or None if it is none."""
    if len(text) > LONGEST_IBAN:
        return None
    iban = IBAN(text, allow_invalid=True)
    return iban.compact if iban.is_valid else None


def own_iban(text: str) -> str | None:
    """The IBAN of this bank that stands in a text, however it is printed there, whether or not it is an account's."""
    found = OURS.search("".join(filter(str.isalnum, text)).upper())
    return known_iban(found[0]) if found else None
