"""The logins of customers who were erased: blanked here, where identity is kept, once the view has heard of it."""

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token

from bank.db import transaction
from bank.http.principal import opened_by
from bankview import queries
from config.identity.models import User

FORGOTTEN = "erased-"
"""What the name of a forgotten login begins with."""

_looked: set[str] = set()
"""Customers whose logins this process has looked for: most have none, and nobody gets one any more."""


def forget_logins() -> int:
    """Blank what is left; how many logins were. Repeating it does no harm."""
    erased = set(queries.erased()) - _looked
    if not erased:
        return 0
    logins = [login for login in User.objects.using("default").filter(is_staff=False) if _customer(login) in erased]
    left = [login for login in logins if not login.username.startswith(FORGOTTEN)]
    for login in left:
        _forget(login)
    _looked.update(erased)
    return len(left)


def _customer(login: User) -> str:
    return str(login.customer_id or opened_by(str(login.pk)))


def _forget(login: User) -> None:
    """The row stays, so that its number is never given out again; nobody signs in with it."""
    with transaction("default"):
        EmailAddress.objects.using("default").filter(user=login).delete()
        Token.objects.using("default").filter(user=login).delete()
        login.username, login.email, login.is_active = f"{FORGOTTEN}{login.pk}", "", False
        login.first_name = login.last_name = ""
        login.set_unusable_password()
        login.save(using="default")
