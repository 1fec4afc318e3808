"""Who may sign in, with what, and as whom he then acts."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIClient

from bank.db import transaction
from bank.http.principal import _published_keys, opened_by, verified
from bank.runtime.postgres import free_port
from bankview.inbound.customers import CustomerOpened
from bankview.projections import BANK_VIEW
from config.identity import logins
from config.identity.models import User
from tests.bankview.messages import message

pytestmark = [
    pytest.mark.django_db(databases=["default", "accounts", "bankview"], transaction=True),
]

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BANK_OPERATOR_PASSWORD", "BANK_DEMO_CLIENT_SECRET", "BANK_CUSTOMER_PASSWORD"):
        monkeypatch.setenv(name, PASSWORD)
    monkeypatch.setenv("BANK_OPERATOR_EMAIL", "operator@bank.example")
    monkeypatch.setenv("BANK_DEMO_CLIENT_ID", "demo")


def token(client_id: str = "demo", secret: str = PASSWORD) -> Any:
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(
        "/identity/o/api/token",
        {"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )


# Seeding.


def test_seeding_twice_changes_nothing() -> None:
    customer = uuid4()
    for _ in range(2):
        call_command("seed_identity", f"--login=ada@bank.example:{customer}", verbosity=0)
    assert User.objects.count() == 2
    assert User.objects.get(email="ada@bank.example").customer_id == customer
    assert OAuthClient.objects.get().owner.email == "operator@bank.example"


@pytest.mark.parametrize("login", ["nonsense", "ada@bank.example:x", f":{UUID(int=7)}"])
def test_a_login_that_is_not_one_is_refused(login: str) -> None:
    with pytest.raises(CommandError, match="EMAIL:CUSTOMER_ID"):
        call_command("seed_identity", f"--login={login}", verbosity=0)


def test_without_a_password_there_is_no_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANK_OPERATOR_PASSWORD")
    with pytest.raises(CommandError, match="BANK_OPERATOR_PASSWORD"):
        call_command("seed_identity")


# Tokens.


def test_a_client_gets_a_token_that_acts_as_its_owner() -> None:
    call_command("seed_identity", verbosity=0)
    answer = token()
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_in"] == 900
    claims = verified(answer.json()["access_token"])
    assert claims["operator"] is True
    assert claims["sub"] == str(User.objects.get().pk)


def test_a_client_of_a_customer_acts_for_that_customer_alone() -> None:
    customer = uuid4()
    owner = logins.ensure_customer("ada@bank.example", PASSWORD, customer)
    logins.ensure_client("ada-app", PASSWORD, "Ada's", owner)
    claims = verified(token("ada-app").json()["access_token"])
    assert (claims["operator"], claims["customer_id"]) == (False, str(customer))


def test_a_wrong_secret_gets_no_token() -> None:
    call_command("seed_identity", verbosity=0)
    assert token(secret="wrong").status_code == 401


def test_a_client_whose_owner_was_disabled_gets_a_token_nobody_accepts() -> None:
    call_command("seed_identity", verbosity=0)
    User.objects.update(is_active=False)
    with pytest.raises(AuthenticationFailed):
        verified(token().json()["access_token"])


@pytest.mark.urls("tests.bank.examples.counting_api")
def test_a_token_opens_the_api() -> None:
    api = APIClient(headers={"Authorization": f"Bearer {access(sub='1', operator=True)}"})
    assert api.get("/api/v1/lines").status_code == 200


def access(
    key: str | None = None, algorithm: str = "RS256", headers: dict[str, str] | None = None, **claims: object
) -> str:
    now = int(time.time())
    payload = {
        **{
            "iss": configured.OIDC_ISSUER,
            "aud": "bank",
            "iat": now,
            "exp": now + 60,
            "sub": "1",
            "token_use": "access",
        },
        **claims,
    }
    signed_with = configured.IDP_OIDC_PRIVATE_KEY if key is None else key
    return jwt.encode(payload, signed_with, algorithm=algorithm, headers=headers)


def tokens_to_refuse() -> dict[str, dict[str, object]]:
    return {
        "expired": {"exp": int(time.time()) - 1},
        "for another": {"aud": "https://elsewhere.example"},
        "of another issuer": {"iss": "https://elsewhere.example"},
        "an id token": {"token_use": "id"},
        "unsigned": {"key": "", "algorithm": "none"},
        "signed with a secret": {"key": "x" * 32, "algorithm": "HS256"},
    }


@pytest.mark.urls("tests.bank.examples.counting_api")
@pytest.mark.parametrize("which", list(tokens_to_refuse()))
def test_any_other_token_is_refused(which: str) -> None:
    token = access(**tokens_to_refuse()[which])  # type: ignore[arg-type]
    answer = APIClient(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/lines")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_the_keys_to_verify_tokens_are_published() -> None:
    keys = Client().get("/.well-known/jwks.json").json()["keys"]
    header = jwt.get_unverified_header(make_token())
    assert header["kid"] in [key["kid"] for key in keys]


def make_token() -> str:
    call_command("seed_identity", verbosity=0)
    return str(token().json()["access_token"])


def test_a_service_without_the_key_asks_for_the_published_ones(settings: Any) -> None:
    keys, shown = published(), make_token()
    with served(keys) as url:
        settings.IDP_OIDC_PRIVATE_KEY, settings.OIDC_JWKS_URL = "", url
        assert verified(shown)["operator"] is True


def published() -> bytes:
    return Client().get("/.well-known/jwks.json").content


def test_a_provider_that_is_away_is_not_missed_by_who_knows_its_key(settings: Any) -> None:
    keys = published()
    key_id = {"kid": json.loads(keys)["keys"][0]["kid"]}
    before, after = (access(headers=key_id, sub=sub) for sub in ("1", "2"))
    with served(keys) as url:
        settings.IDP_OIDC_PRIVATE_KEY, settings.OIDC_JWKS_URL = "", url
        assert verified(before)["sub"] == "1"
    _published_keys(url).jwk_set_cache.lifespan = 0  # type: ignore[union-attr]  # an hour later
    assert verified(after)["sub"] == "2"


@pytest.mark.urls("tests.bank.examples.counting_api")
def test_where_nobody_tells_the_key_a_token_is_not_called_wrong(settings: Any) -> None:
    token = access(headers={"kid": "unknown"})
    settings.IDP_OIDC_PRIVATE_KEY, settings.OIDC_JWKS_URL = "", f"http://127.0.0.1:{free_port()}/jwks.json"
    answer = APIClient(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/lines")
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "1", "unavailable")


@contextmanager
def served(body: bytes) -> Iterator[str]:
    """A web server that gives one answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        server.shutdown()


def test_a_token_that_was_good_a_moment_ago_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = access()
    assert verified(shown)["sub"] == "1"
    later = time.time() + 61
    monkeypatch.setattr("bank.http.principal.time.time", lambda: later)
    with pytest.raises(AuthenticationFailed):
        verified(shown)


# Sessions.


def test_a_customer_signs_in_with_his_email() -> None:
    logins.ensure_customer("ada@bank.example", PASSWORD, uuid4())
    browser = Client()
    assert browser.get("/identity/login/").status_code == 200
    answer = browser.post("/identity/login/", {"login": "ada@bank.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert "_auth_user_id" in browser.session


@pytest.mark.urls("tests.bank.examples.counting_api")
def test_a_session_opens_the_api_for_its_customer() -> None:
    customer = uuid4()
    user = logins.ensure_customer("ada@bank.example", PASSWORD, customer)
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = write(browser, {"customer_id": str(customer)})
    assert answer.status_code == 201, answer.content


@pytest.mark.urls("tests.bank.examples.counting_api")
def test_a_session_without_its_csrf_token_writes_nothing() -> None:
    user = logins.ensure_customer("ada@bank.example", PASSWORD, uuid4())
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert write(browser, {}).status_code == 403


def write(browser: Client, body: object) -> Any:
    headers = {"Idempotency-Key": str(uuid4())}
    return browser.post("/api/v1/counters", body, content_type="application/json", headers=headers)


# Where identity is not kept.


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "path", ["/identity/signup/", "/identity/login/", "/identity/o/api/token", "/.well-known/jwks.json"]
)
def test_nobody_signs_up_or_in_where_identity_is_not_kept(path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().get("/livez").status_code == 200


@pytest.mark.urls("tests.bank.examples.counting_api")
@pytest.mark.parametrize(("is_staff", "subject", "status"), [(False, "7", 401), (True, "7", 200), (True, None, 403)])
def test_where_identity_is_not_kept_only_operators_whom_the_provider_knows_have_sessions(
    is_staff: bool, subject: str | None, status: int, settings: Any
) -> None:
    settings.OWNS_IDENTITY = False
    user = User.objects.create_user("local", customer_id=uuid4(), is_staff=is_staff, subject=subject)
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/lines").status_code == status


# Becoming a customer.


@pytest.fixture
def newcomer() -> User:
    return User.objects.create_user("new@bank.example", "new@bank.example", PASSWORD)


def heard_of(customer_id: str) -> None:
    """The view has heard that Customers opened this customer."""
    data = CustomerOpened("Ada", "ada@example.org", "+35699000001", date(2026, 3, 2))
    opened = message("customers.CustomerOpened", f"customer-{customer_id}", 1, data, customer_id=customer_id)
    with transaction("bankview") as cursor:
        BANK_VIEW.fold(cursor, 1, [opened])


def test_who_opened_himself_is_a_customer_once_the_view_has_heard_of_it(newcomer: User) -> None:
    own = opened_by(str(newcomer.pk))
    logins.ensure_client("new-app", PASSWORD, "New", newcomer)
    assert "customer_id" not in verified(token("new-app").json()["access_token"])
    heard_of(own)
    assert verified(token("new-app").json()["access_token"])["customer_id"] == own


def test_the_console_says_for_whom_a_login_acts(newcomer: User) -> None:
    own = opened_by(str(newcomer.pk))
    heard_of(own)
    browser = Client()
    operator = logins.ensure_operator("operator@bank.example", PASSWORD)
    browser.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    assert own in browser.get(f"/admin/identity/user/{newcomer.pk}/change/").content.decode()


def test_what_somebody_else_opened_is_not_his(newcomer: User) -> None:
    heard_of(opened_by(str(newcomer.pk + 1)))
    heard_of(str(uuid4()))
    assert newcomer.acts_for is None


def test_a_login_that_was_given_a_customer_gets_no_second_one(newcomer: User) -> None:
    heard_of(opened_by(str(newcomer.pk)))
    newcomer.customer_id = uuid4()
    assert newcomer.acts_for == str(newcomer.customer_id)


def test_a_customer_that_was_given_to_another_login_has_no_second_one(newcomer: User) -> None:
    own = opened_by(str(newcomer.pk))
    heard_of(own)
    other = logins.ensure_customer("other@bank.example", PASSWORD, UUID(own))
    assert (newcomer.acts_for, other.acts_for) == (None, own)


def test_an_operator_is_no_customer() -> None:
    operator = logins.ensure_operator("operator@bank.example", PASSWORD)
    heard_of(opened_by(str(operator.pk)))
    assert operator.acts_for is None


@pytest.mark.urls("tests.bank.examples.counting_api")
def test_a_session_acts_for_the_customer_that_was_opened_in_it(newcomer: User) -> None:
    browser = Client()
    browser.force_login(newcomer, backend="django.contrib.auth.backends.ModelBackend")
    assert write(browser, {}).json()["code"] == "customer_missing"
    heard_of(opened_by(str(newcomer.pk)))
    assert write(browser, {}).status_code == 201
