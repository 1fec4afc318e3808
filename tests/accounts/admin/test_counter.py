"""What operators do for customers at the counter: the console's orders on the page of an account."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localdate

from accounts import orders, queries
from accounts.domain.account import ACCOUNT
from accounts.domain.account.closing import CloseAccount
from accounts.domain.holder import HOLDER, HearStanding
from accounts.domain.products import PRODUCTS
from accounts.models import Account, Posting, StandingOrder
from accounts.queries import ledger
from accounts.statements import statement as statements
from bank.context import Order, Unit
from bank.models import Event
from tests import factories
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, deposit, opening, run, verified
from tests.factories import staff

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def at(account_id: str, order: str) -> str:
    return f"/admin/accounts/account/{account_id}/{order}/"


def given(operator: Client, account_id: str, order: str, **answers: str) -> str:
    """What the operator reads when he has given an order."""
    return operator.post(at(account_id, order), answers, follow=True).content.decode()


def row(account_id: str) -> queries.AccountRow:
    account = queries.account(account_id)
    assert account is not None
    return account


def balance(account_id: str) -> int:
    return row(account_id).balance_minor


def test_cash_is_paid_in_and_out(operator: Client) -> None:
    account_id = account_with(0)
    assert "In EUR, such as 12.34." in operator.get(at(account_id, "deposit")).content.decode()
    assert "1 of 1 accounts changed." in given(operator, account_id, "deposit", amount="12.34", reference="Tips")
    assert "1 of 1 accounts changed." in given(operator, account_id, "withdraw", amount="2", reference="")
    assert balance(account_id) == 10_34
    paid_out, paid_in = queries.entries(account_id, limit=5)
    assert (paid_in.reference, paid_in.contra, paid_out.contra) == ("Tips", "cash", "cash")
    assert '"actor":"operator:' in Event.objects.using("accounts").get(type="MoneyCredited.v1").metadata


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "This field is required."),
        ("NaN", "An amount is a decimal string such as"),
        ("1e3", "An amount is a decimal string such as"),
        ("12,34", "An amount is a decimal string such as"),
        ("1.234", "EUR has 2 decimal places."),
        ("-5", "The smallest amount here is 0.01 EUR."),
        ("0.00", "The smallest amount here is 0.01 EUR."),
        ("10000000000000.01", "The largest amount here is 10000000000000.00 EUR."),
        ("1" * 500_000, "at most 40 characters"),
        ("4111 1111 1111 1111", "This looks like a card number."),
    ],
    ids=lambda value: value[:10],
)
def test_what_is_no_amount_is_told_beside_its_field_and_nothing_is_booked(
    operator: Client, amount: str, said: str
) -> None:
    account_id = account_with(10_00)
    answer = operator.post(at(account_id, "deposit"), {"amount": amount, "reference": ""})
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert balance(account_id) == 10_00


@pytest.mark.parametrize(("amount", "minor"), [("0.01", 1), ("10000000000000.00", 10**15)])
def test_the_smallest_and_the_largest_amount_are_booked(operator: Client, amount: str, minor: int) -> None:
    account_id = account_with(0)
    given(operator, account_id, "deposit", amount=amount, reference="")
    assert balance(account_id) == minor


def test_what_is_sent_in_megabytes_changes_nothing(operator: Client) -> None:
    account_id = account_with(10_00)
    answer = operator.post(at(account_id, "deposit"), {"amount": "1" * 10_000_000, "reference": ""})
    assert (answer.status_code, "go back and send less" in answer.content.decode()) == (413, True)
    assert balance(account_id) == 10_00


def test_an_amount_is_in_the_currency_of_the_account(operator: Client) -> None:
    account_id = str(uuid4())
    run(opening(account_id, str(uuid4()), currency="JPY"))
    assert "JPY has 0 decimal places." in given(operator, account_id, "deposit", amount="12.5", reference="")
    given(operator, account_id, "deposit", amount="1234", reference="")
    assert balance(account_id) == 1234


def test_a_reference_is_one_line_of_at_most_140_characters(operator: Client) -> None:
    account_id = account_with(0)
    for reference, said in (("a\tb", "Control characters"), ("x" * 141, "at most 140 characters")):
        assert said in given(operator, account_id, "deposit", amount="1", reference=reference)
    given(operator, account_id, "deposit", amount="1", reference="x" * 140)
    assert balance(account_id) == 1_00


def test_a_form_that_is_sent_twice_is_one_order(operator: Client) -> None:
    account_id = account_with(0)
    keys = [once(operator, at(account_id, "deposit")) for _ in range(2)]
    assert keys[0] != keys[1]
    sent = {"amount": "5", "reference": "", "once": keys[0]}
    assert "sent before" not in given(operator, account_id, "deposit", **sent)
    assert "1 had been sent before: nothing was done twice." in given(operator, account_id, "deposit", **sent)
    assert "sent before, with other answers" in given(operator, account_id, "deposit", **sent | {"amount": "6"})
    assert balance(account_id) == 5_00
    given(operator, account_id, "deposit", **sent | {"once": keys[1]})
    assert balance(account_id) == 10_00


def once(operator: Client, path: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', operator.get(path).content.decode())
    assert found is not None
    return found[1]


def test_a_form_that_was_wrong_keeps_its_key_and_is_sent_again(operator: Client) -> None:
    account_id = account_with(0)
    key = once(operator, at(account_id, "deposit"))
    assert key in given(operator, account_id, "deposit", amount="x", reference="", once=key)
    given(operator, account_id, "deposit", amount="5", reference="", once=key)
    assert balance(account_id) == 5_00


def test_the_same_key_is_another_order_on_another_account(operator: Client) -> None:
    sent = {"amount": "5", "reference": "", "once": str(uuid4())}
    for account_id in (account_with(0), account_with(0)):
        given(operator, account_id, "deposit", **sent)
        assert balance(account_id) == 5_00


def test_more_than_there_is_is_not_paid_out(operator: Client) -> None:
    account_id = account_with(10_00)
    said = given(operator, account_id, "withdraw", amount="10.01", reference="")
    assert "1 refused: The debit would exceed what is available." in said
    assert balance(account_id) == 10_00


def test_an_overdraft_is_arranged_and_ended(operator: Client) -> None:
    customer_id = str(uuid4())
    account_id = account_with(0, kind="current", customer_id=customer_id)
    assert "has not verified" in given(operator, account_id, "arrange-overdraft", limit="500")
    run(verified(customer_id))
    for limit, minor in (("500", 500_00), ("0", 0)):
        given(operator, account_id, "arrange-overdraft", limit=limit)
        assert row(account_id).overdraft_limit_minor == minor
    saving = account_with(0)
    assert "Only current accounts" in given(operator, saving, "arrange-overdraft", limit="1")
    assert "smallest amount here is 0.00" in given(operator, account_id, "arrange-overdraft", limit="-1")


def test_a_freeze_is_lifted_for_one_side(operator: Client) -> None:
    account_id = account_with(0)
    for lifted, left in (("debits", (False, True)), ("credits", (True, False))):
        given(operator, account_id, "freeze", reason="legal_order")
        given(operator, account_id, f"unfreeze-{lifted}", reason="legal_order")
        assert (row(account_id).debit_frozen, row(account_id).credit_frozen) == left


def test_money_goes_to_another_account_by_its_iban_however_it_is_printed_or_by_its_id(operator: Client) -> None:
    one, other = account_with(30_00), account_with(0)
    iban = row(other).iban
    printed = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    for to in (iban, printed, iban.lower(), other):
        assert "1 of 1 accounts changed." in given(operator, one, "transfer", to=to, amount="5", reference="Rent")
    assert (balance(one), balance(other)) == (10_00, 20_00)
    assert queries.entries(other, limit=1)[0].reference == "Rent"
    assert not any(check.off_minor for check in ledger.books())


@pytest.mark.parametrize(
    "to", ["", "nobody", "MT97DEMO00001601536045272385522", "5f0c5a36-2f0e-4b43-9d3c-0d9b0a8f6a51", "x" * 250]
)
def test_an_account_that_is_not_here_is_told_beside_its_field(operator: Client, to: str) -> None:
    account_id = account_with(10_00)
    said = given(operator, account_id, "transfer", to=to, amount="5", reference="")
    expected = {"": "This field is required.", "x" * 250: "at most 200 characters"}
    assert expected.get(to, "No account of this bank has this IBAN or id.") in said
    assert balance(account_id) == 10_00


def test_a_transfer_that_one_side_refuses_moves_nothing(operator: Client) -> None:
    one, other, yen = account_with(10_00), account_with(0), str(uuid4())
    run(opening(yen, str(uuid4()), currency="JPY"))
    for to, amount, reason in (
        (one, "1", "A transfer needs two different accounts."),
        (other, "10.01", "The debit would exceed what is available."),
        (yen, "1", "The account is kept in another currency."),
    ):
        assert reason in given(operator, one, "transfer", to=to, amount=amount, reference="")
    assert Posting.objects.count() == 1


def test_a_statement_is_the_apis(operator: Client) -> None:
    account_id = account_with(10_00)
    asked = {"since": "2026-03-01", "to": "2026-03-31", "format": "csv"}
    answer = operator.post(at(account_id, "statement"), asked)
    address = urlsplit(answer["Location"])
    assert address.path == f"/api/v1/accounts/{account_id}/statement"
    assert parse_qs(address.query) == {"from": ["2026-03-01"], "to": ["2026-03-31"], "format": ["csv"]}
    file = operator.get(answer["Location"])
    assert (file.status_code, file["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert DAY.isoformat() in file.content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"to": "2026-02-28"}, "Not before"), ({"to": "1.3.2026"}, "Enter a valid date."), ({"format": "xls"}, "xls")],
    ids=["ends too early", "no day", "no format"],
)
def test_a_statement_that_cannot_be_made_is_told(operator: Client, wrong: dict[str, str], said: str) -> None:
    asked = {"since": "2026-03-01", "to": "2026-03-31", "format": "csv"} | wrong
    answer = operator.post(at(account_with(0), "statement"), asked)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)


def test_a_statement_that_would_be_too_long_is_told_on_the_page(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = account_with(10_00)
    run(deposit(account_id, 1_00))
    asked = {"since": "2026-03-01", "to": "2026-03-31", "format": "csv"}
    for most, status in ((2, 302), (1, 200)):
        monkeypatch.setattr(statements, "MAX_LINES", most)
        answer = operator.post(at(account_id, "statement"), asked)
        assert answer.status_code == status
    assert "Ask for a shorter time." in answer.content.decode()


def test_whoever_may_only_view_reads_a_statement_and_gives_no_order() -> None:
    viewer, account_id = staff("accounts.view_account"), account_with(10_00)
    for order in ("deposit", "withdraw", "transfer", "arrange-overdraft", "unfreeze-debits"):
        assert viewer.post(at(account_id, order), {"amount": "1", "reference": ""}).status_code == 403
    assert viewer.get(at(account_id, "statement")).status_code == 200
    assert viewer.get(at(str(uuid4()), "statement")).status_code == 404
    assert balance(account_id) == 10_00


# What is opened.

OPEN = "/admin/accounts/account/open-account/"


def asked(**other: str) -> dict[str, str]:
    return {"customer_id": str(uuid4()), "kind": "current", "currency": "EUR"} | other


def test_an_account_is_opened_with_the_terms_of_its_product(operator: Client) -> None:
    assert OPEN in operator.get("/admin/accounts/account/").content.decode()
    known = str(uuid4())
    assert known in operator.get(OPEN, {"customer_id": known}).content.decode()
    answer = operator.post(OPEN, asked(customer_id=known))
    account = Account.objects.get()
    assert answer["Location"] == f"/admin/accounts/account/{account.pk}/change/"
    assert operator.get(answer["Location"]).status_code == 200
    assert (str(account.customer_id), account.kind, account.currency) == (known, "current", "EUR")
    assert account.overdraft_bps == PRODUCTS["current"].overdraft_bps


def test_an_account_is_opened_once_by_a_form_that_is_sent_twice(operator: Client) -> None:
    sent = asked(once=once(operator, OPEN))
    first, again = operator.post(OPEN, sent), operator.post(OPEN, sent)
    assert first["Location"] == again["Location"]
    other = operator.post(OPEN, sent | {"kind": "savings"}).content.decode()
    assert "sent before, with other answers" in other
    assert Account.objects.count() == 1
    assert sent["once"] not in other
    assert operator.post(OPEN, sent | {"once": str(uuid4())}).status_code == 302
    assert Account.objects.count() == 2


def test_a_form_sent_twice_leads_to_its_account_though_the_customer_is_suspended_meanwhile(operator: Client) -> None:
    sent = asked(once=once(operator, OPEN))
    first = operator.post(OPEN, sent)
    run(Unit(Order(HOLDER, sent["customer_id"], HearStanding(sent["customer_id"], "suspended", DAY, 1))))
    again = operator.post(OPEN, sent, follow=True)
    assert again.redirect_chain == [(first["Location"], 302)]
    assert "sent before: nothing was done twice" in again.content.decode()
    assert "sent before, with other answers" in operator.post(OPEN, sent | {"kind": "savings"}).content.decode()
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"currency": "DEM"}, "The bank does not know this currency."),
        ({"currency": "EURO"}, "at most 3 characters"),
        ({"kind": "gold"}, "gold is not one of the available choices"),
        ({"customer_id": "me"}, "Enter a valid UUID."),
        ({"customer_id": "4111 1111 1111 1111"}, "This looks like a card number."),
    ],
    ids=["no tender", "no code", "no kind", "no id", "a card"],
)
def test_an_opening_that_is_wrong_is_told_and_opens_nothing(operator: Client, wrong: dict[str, str], said: str) -> None:
    answer = operator.post(OPEN, asked(**wrong))
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert Account.objects.count() == 0


def test_no_account_is_opened_for_who_is_suspended_until_he_is_reinstated(operator: Client) -> None:
    sent = asked(once=str(uuid4()))
    customer_id = sent["customer_id"]
    run(Unit(Order(HOLDER, customer_id, HearStanding(customer_id, "suspended", DAY, 1))))
    assert "This customer is suspended: no account is opened." in operator.post(OPEN, sent).content.decode()
    run(Unit(Order(HOLDER, customer_id, HearStanding(customer_id, "active", DAY, 2))))
    assert operator.post(OPEN, sent).status_code == 302


def test_who_may_only_view_opens_nothing() -> None:
    viewer = staff()
    assert viewer.get(OPEN).status_code == 403
    assert viewer.post(OPEN, asked()).status_code == 403
    assert Account.objects.count() == 0


# Standing orders.


def rent(**other: str) -> dict[str, str]:
    first_on = localdate() + timedelta(days=1)
    return {
        **{"to": "", "payee": "Landlord", "amount": "30", "reference": "Rent", "first_on": first_on.isoformat()},
        **other,
    }


def test_a_standing_order_is_opened_once_and_ended(operator: Client) -> None:
    account_id, sent = account_with(0), rent(once=str(uuid4()))
    for _ in range(2):
        assert "1 of 1 accounts changed." in given(operator, account_id, "open-standing-order", **sent)
    order = StandingOrder.objects.get()
    assert (order.payee, order.amount_minor, order.currency, order.to_account_id) == ("Landlord", 30_00, "EUR", None)
    assert str(order.pk) in operator.get("/admin/accounts/standingorder/", {"q": account_id}).content.decode()
    page = f"/admin/accounts/standingorder/{order.pk}"
    assert f"{page}/end/" in operator.get(f"{page}/change/").content.decode()
    assert "1 of 1 standing orders changed." in operator.post(f"{page}/end/", follow=True).content.decode()
    assert "1 needed no change." in operator.post(f"{page}/end/", follow=True).content.decode()
    assert StandingOrder.objects.get().status == "ended"


def test_a_standing_order_goes_to_an_account_by_its_iban(operator: Client) -> None:
    account_id, other = account_with(0), account_with(0)
    given(operator, account_id, "open-standing-order", **rent(to=row(other).iban, payee=""))
    assert str(StandingOrder.objects.get().to_account_id) == other


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "0"}, "The smallest amount here is 0.01 EUR."),
        ({"payee": ""}, "goes to an account of this bank or to a payee"),
        ({"payee": "x" * 71}, "at most 70 characters"),
        ({"to": "nobody"}, "No account of this bank"),
        ({"first_on": "1999-01-01"}, "begins today or within a year"),
        ({"first_on": "soon"}, "Enter a valid date."),
    ],
    ids=["no amount", "nobody", "long", "no account", "long ago", "no day"],
)
def test_a_standing_order_that_is_wrong_is_told_and_not_opened(
    operator: Client, wrong: dict[str, str], said: str
) -> None:
    assert said in given(operator, account_with(0), "open-standing-order", **rent(**wrong))
    assert StandingOrder.objects.count() == 0


def test_who_may_begin_no_standing_order_is_told_why(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MAX_PER_ACCOUNT", 1)
    account_id = account_with(0)
    sent = rent(once=str(uuid4()))
    for _ in range(2):
        assert "1 of 1 accounts changed." in given(operator, account_id, "open-standing-order", **sent)
    assert "end one of them first" in given(operator, account_id, "open-standing-order", **rent())
    closed = account_with(0)
    run(Unit(Order(ACCOUNT, closed, CloseAccount(closed, DAY))))
    assert "nothing is paid from it any more" in given(operator, closed, "open-standing-order", **rent())
    assert StandingOrder.objects.count() == 1
