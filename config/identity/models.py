from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

from bank.http.principal import opened_by


class User(AbstractUser):
    """Somebody who signs in: a customer, or an operator, by `is_staff`.

    `customer_id` is the customer to whom this login was given. Who signed up by himself has none, and may open one.
    `subject` is filled in where identity is not kept: who an operator is at the provider, whose token let him in.
    """

    customer_id = models.UUIDField(null=True, blank=True, unique=True)
    subject = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    @property
    def sub(self) -> str | None:
        """Who he is in tokens, in events and to every service; None for a login that only this service knows."""
        return str(self.pk) if settings.OWNS_IDENTITY else self.subject

    def check_password(self, raw_password: str | None) -> bool:
        """Never of who comes from the provider: whoever could set a password here would act as him everywhere."""
        return self.subject is None and super().check_password(raw_password)

    async def acheck_password(self, raw_password: str | None) -> bool:
        return self.subject is None and await super().acheck_password(raw_password)

    @property
    def acts_for(self) -> str | None:
        """The customer it was given, or else the one it opened itself, once the view has heard of that.

        So a login has one customer, and a customer one login: whom it was given to goes before who opened it.
        """
        if self.customer_id:
            return str(self.customer_id)
        if self.is_staff or not settings.OWNS_IDENTITY:
            return None
        from bankview import queries  # it is served wherever identity is kept

        own = opened_by(str(self.pk))
        if User.objects.using("default").filter(customer_id=own).exists():
            return None
        return own if queries.is_customer(own) else None
