"""From the console where operators sign in to those of the services that keep no logins.

Who is signed in here is let in there by a token that is good for one service's console, for a minute and once. His row
there is made, and its rights are put right, each time he comes.
"""

import math
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import uuid4

import jwt
from allauth.core.internal import jwkkit
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import APIException

from bank.http.principal import verified
from bank.runtime import databases
from config.identity.models import User

PASS_SECONDS = 60
SPARE_SECONDS = 2
"""A cache may count in whole seconds, and must not forget a pass before it has expired."""

AGAIN = "Open this console again from the one where you sign in."

SESSION = timedelta(hours=1)
"""After that he comes from here again, with the rights that he then has."""


class Operator(Protocol):
    @property
    def is_superuser(self) -> bool: ...

    @property
    def sub(self) -> str | None: ...

    def get_username(self) -> str: ...


def audience(context: str) -> str:
    """What a pass is meant for: never the API, and one service's console only."""
    return f"console-{context}"


def pass_for(user: Operator, context: str) -> str:
    """What an operator shows at the console of the service that serves this context."""
    now = int(time.time())
    claims = {
        "jti": uuid4().hex,
        **{"iss": settings.OIDC_ISSUER, "aud": audience(context), "iat": now, "exp": now + PASS_SECONDS},
        **{"sub": user.sub, "token_use": "access", "name": user.get_username(), "superuser": user.is_superuser},
    }
    published, key = jwkkit.load_jwk_from_pem(settings.IDP_OIDC_PRIVATE_KEY)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": published["kid"]})


# Where identity is kept.


@never_cache
@require_GET
@staff_member_required
def leave(request: HttpRequest, context: str) -> HttpResponse:
    """A page with the way to another service's console, and the pass for it."""
    if context in settings.CONTEXTS or context not in databases.CONTEXTS:
        raise Http404
    shown = {
        "context": context.capitalize(),
        "entrance": f"{settings.CONSOLE_URLS[context]}/admin/enter/",
        "pass": pass_for(request.user, context),  # type: ignore[arg-type]  # it is signed in, and so has its names
    }
    return render(request, "identity/leave.html", shown)


# Elsewhere.


@csrf_exempt  # who comes is known by what he shows, and has no session yet
@never_cache
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """The console, for an operator who shows a pass."""
    try:
        claims = verified(request.POST.get("pass", ""), tuple(map(audience, settings.CONTEXTS)))
    except APIException as error:
        raise PermissionDenied(f"{error.detail} {AGAIN}") from error
    require_first(claims)
    operator = row_of(claims)
    if not operator.is_active:
        raise PermissionDenied("This operator was disabled here.")
    login(request, operator, backend="django.contrib.auth.backends.ModelBackend")
    request.session.set_expiry(SESSION)
    return HttpResponseRedirect(reverse("admin:index"))


def require_first(claims: Mapping[str, Any]) -> None:
    """A pass lets in once, also when it is shown twice at one instant: the cache knows which came first."""
    number, left = claims.get("jti"), math.ceil(claims["exp"] - time.time())
    if number is None or not cache.add(f"console-pass-{number}", True, left + SPARE_SECONDS):
        raise PermissionDenied(f"This pass has been shown before. {AGAIN}")


def row_of(claims: Mapping[str, Any]) -> User:
    """The operator's row in this service, known by his `sub` and by nothing else."""
    users, sub, name = User.objects.using("default"), str(claims["sub"]), str(claims["name"])
    own_name = f"{name[:100]}+{sub}" if users.filter(username=name).exists() else name
    row, _ = users.get_or_create(subject=sub, defaults={"username": own_name, "password": make_password(None)})
    row.is_staff, row.is_superuser = True, claims["superuser"] is True
    row.save(using="default")
    return row
