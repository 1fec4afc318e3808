from uuid import uuid4

import pytest
from schwifty import IBAN

from accounts.iban import iban_for


def test_an_iban_is_valid_names_the_branch_and_is_the_accounts_own() -> None:
    one, other = str(uuid4()), str(uuid4())
    iban = IBAN(iban_for(one, "00042"))
    assert (iban.country_code, iban.branch_code, len(iban.account_code)) == ("MT", "00042", 18)
    assert iban_for(one) == iban_for(one) != iban_for(other)


@pytest.mark.parametrize("branch", ["", "1", "000001", "0000x", "-0001"])
def test_a_branch_is_a_number_of_five_digits(branch: str) -> None:
    with pytest.raises(ValueError, match="five digits"):
        iban_for(str(uuid4()), branch)
