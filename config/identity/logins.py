"""Making those who sign in: people, and clients that act for them. Idempotent."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client

from bank.db import transaction
from config.identity.models import User


def ensure_operator(email: str, password: str) -> User:
    """A member of staff with every right in the console. The password is set when he is made, and kept after that."""
    return _ensure_user(email, password, {"is_staff": True, "is_superuser": True}, None)


def ensure_customer(email: str, password: str, customer_id: UUID) -> User:
    """A login that acts for one customer."""
    return _ensure_user(email, password, {}, customer_id)


def _ensure_user(email: str, password: str, rights: dict[str, bool], customer_id: UUID | None) -> User:
    with transaction("default"):
        user, made = User.objects.using("default").get_or_create(
            username=email.lower(), defaults={"email": email.lower(), "customer_id": customer_id, **rights}
        )
        if made:
            user.set_password(password)
            user.save(using="default", update_fields=["password"])
        EmailAddress.objects.using("default").get_or_create(
            user=user, email=email.lower(), defaults={"verified": True, "primary": True}
        )
    return user


def ensure_client(client_id: str, secret: str, name: str, owner: User) -> Client:
    """An OAuth client that signs in for itself (client_credentials) and then acts as its owner."""
    with transaction("default"):
        client, _ = Client.objects.using("default").get_or_create(id=client_id, defaults={"name": name})
        client.name, client.owner = name, owner
        client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
        client.set_scopes(["openid"])
        client.set_default_scopes(["openid"])
        if not client.check_secret(secret):
            client.set_secret(secret)
        client.save(using="default")
    return client
