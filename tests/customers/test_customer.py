"""What a customer and a mobile number allow."""

from dataclasses import replace
from datetime import date

import pytest

from bank.testing import given
from customers.domain.customer import (
    CUSTOMER,
    AddressChanged,
    ChangeAddress,
    ChangeEmail,
    ChangeMobileNumber,
    ChangeName,
    Command,
    CustomerOpened,
    EmailChanged,
    MobileNumberChanged,
    NameChanged,
    OpenCustomer,
)
from customers.domain.mobile import (
    MOBILE,
    ClaimMobileNumber,
    MobileNumberClaimed,
    MobileNumberReleased,
    ReleaseMobileNumber,
)

DAY = date(2026, 3, 1)
OPEN = OpenCustomer("c1", "Ada", "ada@example.com", "+35699123456", "k1", DAY)
OPENED = CustomerOpened("c1", "Ada", "ada@example.com", "+35699123456", "k1", DAY)
NEW_NUMBER = ChangeMobileNumber("c1", "+35679000000", "k2", replaces_key="k1")


def test_a_customer_opens_with_contact_data() -> None:
    assert given(CUSTOMER).when(OPEN) == [OPENED]


def test_a_customer_opens_once() -> None:
    assert given(CUSTOMER, OPENED).refuses(OPEN) == "customer_exists"


def test_a_customer_changes_name_email_and_address() -> None:
    customer = given(CUSTOMER, OPENED)
    assert customer.when(ChangeName("c1", "Ada L.")) == [NameChanged("c1", "Ada L.")]
    assert customer.when(ChangeEmail("c1", "a@example.com")) == [EmailChanged("c1", "a@example.com")]
    assert customer.when(ChangeAddress("c1", "1 Main St")) == [AddressChanged("c1", "1 Main St")]


@pytest.mark.parametrize(
    "command", [ChangeName("c1", "x"), ChangeEmail("c1", "x"), ChangeAddress("c1", "x"), NEW_NUMBER]
)
def test_nobody_changes_a_customer_who_is_not_there(command: Command) -> None:
    assert given(CUSTOMER).refuses(command) == "customer_not_found"


def test_a_customer_changes_the_mobile_number() -> None:
    assert given(CUSTOMER, OPENED).when(NEW_NUMBER) == [MobileNumberChanged("c1", "+35679000000", "k2")]


def test_changing_to_the_same_mobile_number_changes_nothing() -> None:
    assert given(CUSTOMER, OPENED).when(replace(NEW_NUMBER, mobile_key="k1")) == []


def test_a_change_of_mobile_number_is_refused_when_another_came_between() -> None:
    changed = MobileNumberChanged("c1", "+35677000000", "k3")
    assert given(CUSTOMER, OPENED, changed).refuses(NEW_NUMBER) == "mobile_number_changed"


def test_the_state_of_a_customer_keeps_nothing_personal() -> None:
    state = given(CUSTOMER, OPENED, NameChanged("c1", "Eve"), AddressChanged("c1", "1 Main St")).state
    assert repr(state) == "Customer(customer_id='c1', mobile_key='k1')"


def test_a_free_mobile_number_is_claimed() -> None:
    assert given(MOBILE).when(ClaimMobileNumber("c1")) == [MobileNumberClaimed("c1")]


def test_a_mobile_number_is_held_by_one_customer_at_most() -> None:
    assert given(MOBILE, MobileNumberClaimed("c1")).refuses(ClaimMobileNumber("c2")) == "mobile_number_taken"


def test_claiming_ones_own_mobile_number_again_changes_nothing() -> None:
    assert given(MOBILE, MobileNumberClaimed("c1")).when(ClaimMobileNumber("c1")) == []


def test_a_released_mobile_number_is_free_for_others() -> None:
    number = given(MOBILE, MobileNumberClaimed("c1"), MobileNumberReleased("c1"))
    assert number.when(ClaimMobileNumber("c2")) == [MobileNumberClaimed("c2")]


def test_only_its_holder_releases_a_mobile_number() -> None:
    number = given(MOBILE, MobileNumberClaimed("c1"))
    assert number.when(ReleaseMobileNumber("c2")) == []
    assert number.when(ReleaseMobileNumber("c1")) == [MobileNumberReleased("c1")]
