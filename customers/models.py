"""The read table, in plain text: written by `projections` inside each command's transaction, and by nothing else."""

from django.db import models


class Customer(models.Model):
    """A customer as he stands. `version` is his stream's; `mobile_key` names the stream of his number."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    mobile_number = models.TextField(db_index=True)
    mobile_key = models.TextField()
    address = models.TextField()
    opened_on = models.DateField()
    status = models.TextField(default="active")
    status_reason = models.TextField(default="")
    kyc = models.TextField(default="pending")
    kyc_reason = models.TextField(default="")
    version = models.IntegerField()

    class Meta:
        db_table = "customers_customer"

    def __str__(self) -> str:
        return self.name


class Erasure(models.Model):
    """An erasure, and its certificate once `certified_at` is set. `covered` are the contexts that have forgotten."""

    customer_id = models.UUIDField(primary_key=True)
    requested_at = models.DateTimeField()
    certified_at = models.DateTimeField(null=True)
    covered = models.TextField(default="")

    class Meta:
        db_table = "customers_erasure"

    def __str__(self) -> str:
        return f"{self.customer_id}: {'erased' if self.certified_at else 'being erased'}"


class Notice(models.Model):
    """What a customer is told by e-mail. `id` is that of the event it tells of, `message_id` the mail's own;
    `turned_at` is when its status last changed. `unknown`: the mail server's answer was lost, so it may have come.

    It goes to the customer's address unless `address` says a former one, or `former` names the notice that does."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(db_index=True)
    kind = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    code = models.TextField()
    status = models.TextField()
    message_id = models.TextField(default="")
    outcome_code = models.TextField(default="")
    requested_at = models.DateTimeField()
    turned_at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True)
    address = models.TextField(default="")
    former = models.UUIDField(null=True)

    class Meta:
        db_table = "customers_notice"
        indexes = (models.Index(fields=["status", "retry_at"], name="customers_notice_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
