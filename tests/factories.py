"""Rows that no command makes: who signs in.

They have no password, which costs a tenth of a second to set and is asked for by no test that is signed in already.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from factory import Sequence
from factory.django import DjangoModelFactory

from config.identity.models import User


class LoginFactory(DjangoModelFactory[User]):
    """A customer's, or anybody's."""

    class Meta:
        model = User

    username = Sequence(lambda number: f"login-{number}")


class StaffFactory(LoginFactory):
    """Lets into the console and allows nothing there."""

    is_staff = True


class OperatorFactory(StaffFactory):
    """May do everything in the console."""

    is_superuser = True


def operator() -> Client:
    """The browser of somebody who may do everything in the console: somebody else each time."""
    return browser(OperatorFactory.create())


def staff(*permissions: str, **rights: bool) -> Client:
    """The browser of somebody in the console who may do what is named (`cards.view_payment`), and nothing else."""
    return browser(StaffFactory.create(**rights), *permissions)


def browser(user: Any, *permissions: str) -> Client:
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    signed_in = Client()
    signed_in.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return signed_in
