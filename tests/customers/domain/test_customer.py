"""What a customer and a mobile number allow."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from bank.testing import given
from customers.domain.customer import (
    CUSTOMER,
    ChangeAddress,
    ChangeEmail,
    ChangeMobileNumber,
    ChangeName,
    CloseCustomer,
    Command,
    ConfirmErasure,
    OpenCustomer,
    ReinstateCustomer,
    RejectCustomer,
    RequestErasure,
    SuspendCustomer,
    VerifyCustomer,
)
from customers.domain.customer.facts import (
    AddressChanged,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerOpened,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    EmailChanged,
    ErasureCertified,
    ErasureConfirmed,
    Event,
    MobileNumberChanged,
    NameChanged,
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
VERIFY, VERIFIED = VerifyCustomer("c1", DAY), CustomerVerified("c1", DAY, 1)
REJECT, REJECTED = RejectCustomer("c1", "underage", DAY), CustomerRejected("c1", "underage", DAY, 1)
SUSPEND, SUSPENDED = SuspendCustomer("c1", "fraud", DAY), CustomerSuspended("c1", "fraud", DAY, 1)
REINSTATE, REINSTATED = ReinstateCustomer("c1", DAY), CustomerReinstated("c1", DAY, 1)
CLOSE, CLOSED = CloseCustomer("c1", "k1", DAY), CustomerClosed("c1", DAY, 1)
EVERYTHING = (
    *(ChangeName("c1", "x"), ChangeEmail("c1", "x"), ChangeAddress("c1", "x"), NEW_NUMBER),
    *(VERIFY, REJECT, SUSPEND, REINSTATE),
)


def test_a_customer_opens_with_contact_data() -> None:
    assert given(CUSTOMER).when(OPEN) == [OPENED]


def test_a_customer_opens_once() -> None:
    assert given(CUSTOMER, OPENED).refuses(OPEN) == "customer_exists"


def test_a_customer_changes_name_email_and_address() -> None:
    customer = given(CUSTOMER, OPENED)
    assert customer.when(ChangeName("c1", "Ada L.")) == [NameChanged("c1", "Ada L.")]
    assert customer.when(ChangeEmail("c1", "a@example.com")) == [EmailChanged("c1", "a@example.com")]
    assert customer.when(ChangeAddress("c1", "1 Main St")) == [AddressChanged("c1", "1 Main St")]


@pytest.mark.parametrize("command", [*EVERYTHING, CLOSE])
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
    assert (state.customer_id, state.mobile_key) == ("c1", "k1")
    assert not any(text in repr(state) for text in ("Ada", "Eve", "example", "+356", "Main"))


def numbered(events: list[Any], first: int) -> list[Any]:
    return [replace(event, sequence=n) for n, event in enumerate(events, start=first)]


@pytest.mark.parametrize(
    ("history", "command", "events"),
    [
        ([], VERIFY, [VERIFIED]),
        ([], REJECT, [REJECTED]),
        ([VERIFIED], VERIFY, []),
        ([VERIFIED], REJECT, [REJECTED]),
        ([REJECTED], VERIFY, [VERIFIED]),
        ([REJECTED], REJECT, []),
        ([REJECTED], replace(REJECT, reason="documents_missing"), [replace(REJECTED, reason="documents_missing")]),
        ([SUSPENDED], VERIFY, [VERIFIED]),
        ([SUSPENDED], REJECT, [REJECTED]),
    ],
)
def test_an_identity_is_verified_or_rejected_whatever_the_status(
    history: list[Event], command: Command, events: list[Event]
) -> None:
    customer = given(CUSTOMER, OPENED, *numbered(history, 1))
    assert customer.when(command) == numbered(events, len(history) + 1)
    assert CUSTOMER.fold(customer.state, events).status == customer.state.status


@pytest.mark.parametrize(
    ("history", "command", "events"),
    [
        ([], SUSPEND, [SUSPENDED]),
        ([], REINSTATE, []),
        ([], CLOSE, [CLOSED]),
        ([SUSPENDED], SUSPEND, []),
        ([SUSPENDED], replace(SUSPEND, reason="court_order"), [replace(SUSPENDED, reason="court_order")]),
        ([SUSPENDED], REINSTATE, [REINSTATED]),
        ([SUSPENDED], CLOSE, [CLOSED]),
        ([SUSPENDED, REINSTATED], SUSPEND, [SUSPENDED]),
        ([CLOSED], CLOSE, []),
    ],
)
def test_a_customer_is_suspended_reinstated_and_closed(
    history: list[Event], command: Command, events: list[Event]
) -> None:
    customer = given(CUSTOMER, OPENED, VERIFIED, *numbered(history, 2))
    assert customer.when(command) == numbered(events, len(history) + 2)
    assert CUSTOMER.fold(customer.state, events).kyc == "verified"


@pytest.mark.parametrize("command", EVERYTHING)
def test_nothing_changes_for_who_is_closed(command: Command) -> None:
    assert given(CUSTOMER, OPENED, CLOSED).refuses(command) == "customer_closed"


def test_who_is_suspended_keeps_the_mobile_number_that_his_codes_go_to() -> None:
    assert given(CUSTOMER, OPENED, SUSPENDED).refuses(NEW_NUMBER) == "customer_suspended"
    assert given(CUSTOMER, OPENED, SUSPENDED, REINSTATED).when(NEW_NUMBER) != []


@pytest.mark.parametrize("command", [replace(REJECT, reason="ugly"), replace(SUSPEND, reason="ugly")])
def test_a_reason_is_one_of_those_the_bank_has(command: Command) -> None:
    assert given(CUSTOMER, OPENED).refuses(command) == "unknown_reason"


def test_closing_releases_the_number_that_is_held_and_no_other() -> None:
    changed = MobileNumberChanged("c1", "+35677000000", "k3")
    assert given(CUSTOMER, OPENED, changed).refuses(CLOSE) == "mobile_number_changed"


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


FORGET, FORGOTTEN = RequestErasure("c1", DAY), CustomerErasureRequested("c1", DAY)


def confirm(context: str) -> ConfirmErasure:
    return ConfirmErasure("c1", context, DAY)


def confirmed(*contexts: str) -> list[Event]:
    return [ErasureConfirmed("c1", context) for context in contexts]


def test_who_is_closed_may_be_forgotten_once() -> None:
    assert given(CUSTOMER, OPENED, CLOSED).when(FORGET) == [FORGOTTEN]
    assert given(CUSTOMER, OPENED, CLOSED, FORGOTTEN).when(FORGET) == []
    assert given(CUSTOMER, OPENED, CLOSED, FORGOTTEN).when(CLOSE) == []


@pytest.mark.parametrize("history", [[OPENED], [OPENED, SUSPENDED]])
def test_who_is_still_a_customer_is_not_forgotten(history: list[Event]) -> None:
    assert given(CUSTOMER, *history).refuses(FORGET) == "customer_not_closed"


@pytest.mark.parametrize("contexts", list(permutations(("accounts", "cards", "loans"))))
def test_the_last_to_forget_brings_the_certificate_whoever_it_is(contexts: tuple[str, ...]) -> None:
    *first, last = contexts
    asked = given(CUSTOMER, OPENED, CLOSED, FORGOTTEN, *confirmed(*first))
    certified = ErasureCertified("c1", "accounts,cards,customers,loans", DAY)
    assert asked.when(confirm(last)) == [*confirmed(last), certified]
    for again in contexts:
        assert given(CUSTOMER, OPENED, CLOSED, FORGOTTEN, *confirmed(*contexts), certified).when(confirm(again)) == []


def test_one_who_confirms_twice_counts_once_and_unasked_not_at_all() -> None:
    assert given(CUSTOMER, OPENED, CLOSED, FORGOTTEN, *confirmed("cards")).when(confirm("cards")) == []
    assert given(CUSTOMER, OPENED, CLOSED).when(confirm("cards")) == []
