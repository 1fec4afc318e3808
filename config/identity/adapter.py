"""What the identity provider writes into its tokens: enough for every context to know who asks, without asking back."""

from collections.abc import Iterable
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from django.conf import settings

from bank.http.principal import AUDIENCE
from config.identity.models import User


class OIDCAdapter(DefaultOIDCAdapter):
    def get_issuer(self) -> str:
        return str(settings.OIDC_ISSUER)

    def populate_access_token(
        self, access_token: dict[str, Any], *, client: Client, scopes: Iterable[str], user: User | None, **kwargs: Any
    ) -> None:
        """A client that signs in for itself acts as its owner; one without an owner is nobody."""
        person = user or client.owner
        access_token.setdefault("aud", AUDIENCE)
        if person is None or not person.is_active:
            access_token.pop("sub", None)
            return
        access_token["sub"] = person.sub
        access_token["operator"] = person.is_staff
        if customer := person.acts_for:
            access_token["customer_id"] = customer
