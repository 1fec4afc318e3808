"""The console: every page opens, none of them changes anything, and what is sealed stays sealed."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bank import models
from bank.console import dashboard
from bank.console.dashboard import books
from bank.console.kernel_pages import SEALED, kernel_pages, masked
from bank.context import Check, Order, Unit, load, no_books
from bank.db import cursor, transaction
from bank.execution import execute
from config.identity import logins
from config.identity.models import User
from tests.bank.examples.counting import COUNTER, COUNTING, Note, add

pytestmark = pytest.mark.django_db(databases=["default", *settings.CONTEXTS], transaction=True)

SECRET = "Ada Lovelace"


@pytest.fixture
def operator() -> Client:
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def pages() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in settings.CONTEXTS]


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_context_shows_its_kernel_tables() -> None:
    shown = {(model._meta.app_label, model._meta.model_name) for model in pages()}
    expected = {
        (name, kernel.model._meta.model_name) for name in settings.CONTEXTS for kernel in kernel_pages(load(name))
    }
    assert ("accounts", "event") in expected
    assert expected <= shown


def test_every_page_and_the_start_page_open(operator: Client) -> None:
    for url in (reverse("admin:index"), *(address(model, "changelist") for model in pages())):
        answer = operator.get(url)
        assert answer.status_code == 200, url


def test_a_search_for_nonsense_finds_nothing(operator: Client) -> None:
    for model in pages():
        if admin.site._registry[model].search_fields:
            answer = operator.get(address(model, "changelist"), {"q": "x'y 4711"})
            assert answer.status_code == 200, model._meta.label


def test_the_start_page_counts_what_waits(operator: Client) -> None:
    execute(COUNTING, [add("a", 1)])
    table = operator.get(reverse("admin:index")).context["bank_standing"]
    (accounts,) = [row for row in table["rows"] if row[0] == "Accounts"]
    assert [re.sub("<[^>]*>", "", str(cell)) for cell in accounts[2:7]] == ["1", "1", "0", "0", "0"]


def test_the_start_page_says_whether_the_books_agree() -> None:
    assert "agree" in books([Check("legs", 0, "EUR")])
    assert "off by legs: 1.23 EUR" in books([Check("legs", 123, "EUR"), Check("other", 0)])
    assert "nothing booked" in books([])
    assert dashboard.standing_of_books(replace(COUNTING, books=no_books)) == "–"


def test_the_start_page_says_that_it_does_not_know_when_the_books_take_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow() -> list[Check]:
        with cursor("accounts") as asked:
            asked.execute("select pg_sleep(9)")
        return []

    monkeypatch.setattr(dashboard, "BOOKS_TIMEOUT_MS", 50)
    assert "not known" in dashboard.standing_of_books(replace(COUNTING, books=slow))
    assert "agree" in dashboard.standing_of_books(replace(COUNTING, books=lambda: [Check("legs", 0)]))


def test_nothing_can_be_added_changed_or_deleted(operator: Client) -> None:
    for model in pages():
        assert operator.get(address(model, "add")).status_code == 403
        assert operator.post(address(model, "delete", 1), {"post": "yes"}).status_code in (302, 403)


def test_a_customer_does_not_get_in() -> None:
    browser = Client()
    user = logins.ensure_customer("ada@bank.example", "correct-horse-battery", uuid4())
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(reverse("admin:index")).status_code == 302


def test_an_event_is_shown_whole_and_what_is_sealed_in_it_stays_sealed(operator: Client) -> None:
    customer = str(uuid4())
    execute(COUNTING, [Unit(Order(COUNTER, "a", Note(customer, SECRET)), id=uuid4())])
    event = models.Event.objects.using("accounts").get()
    found = operator.get(reverse("admin:accounts_event_change", args=[event.position])).content.decode()
    assert "Noted.v1" in found
    assert customer in found
    for name in ("event", "commandrow", "head", "outboxmessage"):
        for page in every_page(operator, name):
            assert SECRET not in page


def every_page(operator: Client, name: str) -> list[str]:
    (model,) = [model for model in pages() if model._meta.label_lower == f"accounts.{name}"]
    rows = model._default_manager.using("accounts").values_list("pk", flat=True)
    urls = [address(model, "changelist"), *(address(model, "change", pk) for pk in rows)]
    answers = [operator.get(url) for url in urls]
    assert len(answers) == 2
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content.decode() for answer in answers]


def test_a_message_in_the_outbox_is_masked_where_the_event_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bank.console.kernel_pages.load", lambda name: replace(COUNTING))
    shown = masked("accounts", "counter-a", "Noted.v1", '{"data":{"customer_id":"c","note":"Ada Lovelace"}}')
    assert SECRET not in shown
    assert SEALED in shown
    assert '"customer_id": "c"' in shown


def park(stream: str, retry_at: str, consumer: str = "reactions", *, deadly: bool = False) -> None:
    with transaction("cards") as cursor:
        cursor.execute(
            "insert into bank_parked (consumer, source, stream, version, message_id, type, message, error, retry_at,"
            " deadly) values (%s, 'accounts', %s, 1, gen_random_uuid(), 'Added.v1', '', 'broken', %s::timestamptz, %s)",
            (consumer, stream, retry_at, deadly),
        )


def parked(stream: str) -> tuple[bool, int]:
    with transaction("cards") as cursor:
        cursor.execute("select retry_at <= now(), id from bank_parked where stream = %s", (stream,))
        ((is_due, id),) = cursor.fetchall()
    return is_due, id


def test_a_parked_message_is_tried_again_at_an_operators_word(operator: Client) -> None:
    park("counter-a", "2999-01-01")
    park("counter-b", "infinity", deadly=True)
    park("sha256:untrusted", "infinity")
    url = reverse("admin:cards_parkedmessage_changelist")
    page = operator.get(url).content.decode()
    assert "never" in page
    assert "when asked for" in page
    chosen = [parked(stream)[1] for stream in ("counter-a", "counter-b", "sha256:untrusted")]
    assert operator.get(reverse("admin:cards_parkedmessage_change", args=[chosen[2]])).status_code == 200
    operator.post(url, {"action": "retry_soon", "_selected_action": chosen})
    assert parked("counter-a")[0] is True
    assert parked("counter-b")[0] is True
    assert parked("sha256:untrusted")[0] is False


@pytest.mark.parametrize(
    ("retry_at", "consumer", "deadly", "text"),
    [
        ("2999-01-01", "cards.reactions", False, "it would fail again: Unreadable"),
        ("2999-01-01", "cards.dreams", False, "nobody here is called cards.dreams any more"),
        ("infinity", "cards.reactions", False, "it is never tried again"),
        ("infinity", "cards.reactions", True, "it may end the process that tries it"),
    ],
)
def test_a_parked_messages_page_says_what_a_retry_would_do(
    operator: Client, retry_at: str, consumer: str, deadly: bool, text: str
) -> None:
    park("counter-a", retry_at, consumer, deadly=deadly)
    page = operator.get(reverse("admin:cards_parkedmessage_change", args=[parked("counter-a")[1]]))
    assert text in page.content.decode()
    assert parked("counter-a")[0] is False


def test_a_blocked_stream_is_published_again_at_an_operators_word(operator: Client) -> None:
    execute(COUNTING, [add("a", 1)])
    rows = models.OutboxMessage.objects.using("accounts")
    rows.update(blocked_at=timezone.now(), attempts=9, error="no")
    url = reverse("admin:accounts_outboxmessage_changelist")
    operator.post(url, {"action": "publish_again", "_selected_action": [rows.get().pk]})
    assert (rows.get().blocked_at, rows.get().attempts) == (None, 0)


def test_the_consoles_models_are_no_business_of_migrations() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    assert not any(model.__name__ == "Event" for model in apps.get_app_config("accounts").get_models())


def test_users_are_managed_in_the_console(operator: Client) -> None:
    user = User.objects.get()
    assert operator.get(reverse("admin:identity_user_changelist")).status_code == 200
    assert operator.get(reverse("admin:identity_user_change", args=[user.pk])).status_code == 200
    assert operator.get(reverse("admin:allauth_idp_oidc_client_changelist")).status_code == 200


def test_whoever_types_only_the_address_gets_to_the_console(operator: Client) -> None:
    assert operator.get("/", follow=True).redirect_chain == [("/admin/", 302)]


def test_a_customer_who_signs_in_is_not_asked_to_sign_in_as_an_operator(client: Client) -> None:
    client.force_login(User.objects.create_user("ada@bank.example"), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/", follow=True).redirect_chain == [("/api/docs", 302)]
