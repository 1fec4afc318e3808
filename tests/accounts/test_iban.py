from uuid import uuid4

import pytest
from schwifty import IBAN

from accounts.iban import iban_for, own_iban


def test_an_iban_is_valid_names_the_branch_and_is_the_accounts_own() -> None:
    one, other = str(uuid4()), str(uuid4())
    iban = IBAN(iban_for(one, "00042"))
    assert (iban.country_code, iban.branch_code, len(iban.account_code)) == ("MT", "00042", 18)
    assert iban_for(one) == iban_for(one) != iban_for(other)


@pytest.mark.parametrize("branch", ["", "1", "000001", "0000x", "-0001"])
def test_a_branch_is_a_number_of_five_digits(branch: str) -> None:
    with pytest.raises(ValueError, match="five digits"):
        iban_for(str(uuid4()), branch)


def test_an_iban_of_this_bank_is_found_in_a_text_however_it_is_printed() -> None:
    iban = iban_for(str(uuid4()), "00042")
    printed = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    for text in (iban, printed, iban.lower(), f"Landlord, {printed}", f"{printed} (rent)", f"IBAN:{iban}."):
        assert own_iban(text) == iban
    wrong = f"{iban[:2]}{(int(iban[2:4]) + 1) % 98:02d}{iban[4:]}"
    for text in ("", "Landlord", "DE89 3704 0044 0532 0130 00", wrong, iban[:-1]):
        assert own_iban(text) is None
