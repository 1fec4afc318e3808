"""Users, clients and tokens in the console: people are made and changed there, and secrets do not show."""

from typing import Any
from uuid import uuid4

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.contrib import admin
from django.test import Client

from config.identity import logins
from config.identity.models import User

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

USERS = "/admin/identity/user/"


@pytest.fixture
def operator() -> Client:
    browser = Client()
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_operators_are_made_and_changed_in_the_console(operator: Client) -> None:
    for name in ("grace", "alan"):
        made = {"username": name, "password1": "a long pass phrase", "password2": "a long pass phrase"}
        assert operator.post(f"{USERS}add/", {**made, "usable_password": "true"}).status_code == 302
        user = User.objects.get(username=name)
        change = {
            **{"username": name, "email": f"{name}@bank.example", "customer_id": "", "is_active": "on"},
            **{"is_staff": "on", "date_joined_0": "2026-03-01", "date_joined_1": "12:00:00"},
        }
        answer = operator.post(f"{USERS}{user.pk}/change/", change)
        assert answer.status_code == 302, answer.context["errors"]
    assert list(User.objects.filter(username__in=["grace", "alan"]).values_list("is_staff", "customer_id")) == [
        (True, None),
        (True, None),
    ]


def test_the_only_section_of_accounts_is_the_banks(operator: Client) -> None:
    names = [app["name"] for app in admin.site.get_app_list(operator.get(USERS).wsgi_request)]
    assert names.count("Accounts") == 1


def test_neither_a_clients_secret_nor_a_tokens_hash_is_shown_or_changed(operator: Client) -> None:
    user = logins.ensure_customer("ada@bank.example", "correct-horse-battery", uuid4())
    client = logins.ensure_client("robot", "its secret", "Robot", user)
    token = Token.objects.create(client=client, user=user, type=Token.Type.ACCESS_TOKEN, hash="0123456789abcdef")
    shown = page(operator, f"client/{client.pk}/change/")
    assert "Robot" in shown
    assert OAuthClient.objects.get().secret not in shown
    url = f"token/{token.pk}/change/"
    assert token.hash not in page(operator, url)
    assert operator.post(f"/admin/allauth_idp_oidc/{url}", {"hash": "another"}).status_code == 403
    assert operator.get("/admin/allauth_idp_oidc/token/add/").status_code == 403


def page(operator: Client, path: str) -> Any:
    answer = operator.get(f"/admin/allauth_idp_oidc/{path}")
    assert answer.status_code == 200
    return answer.content.decode()
