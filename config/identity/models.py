from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in: a customer, by `customer_id`, or an operator, by `is_staff`."""

    customer_id = models.UUIDField(null=True, unique=True)
