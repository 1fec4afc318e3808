"""Read tables, written by the projections alone."""

from django.db import models
from django.db.models import Q

from bank import money

OPEN_STATUSES = ("requested", "authorized")
"""Payments that still hold money back and may expire."""

LIVING_STATUSES = ("issued", "active", "blocked")
"""Cards that may expire."""


class Card(models.Model):
    card_id = models.TextField(primary_key=True)
    kind = models.TextField()
    customer_id = models.TextField()
    account_id = models.TextField()
    currency = models.TextField()
    token = models.TextField()
    last_four = models.TextField()
    status = models.TextField()
    blocked_for = models.TextField()
    per_payment_limit_minor = models.BigIntegerField()
    per_day_limit_minor = models.BigIntegerField()
    counted_on = models.DateField()
    spent_minor = models.BigIntegerField()
    issued_on = models.DateField()
    expires_on = models.DateField()
    credit_limit_minor = models.BigIntegerField(db_default=0)
    outstanding_minor = models.BigIntegerField(db_default=0)
    authorized_minor = models.BigIntegerField(db_default=0)
    rate_bps = models.IntegerField(db_default=0)
    next_closing_on = models.DateField(null=True)
    payment_due_on = models.DateField(null=True)
    minimum_left_minor = models.BigIntegerField(db_default=0)
    is_late = models.BooleanField(db_default=False)
    on_its_way_minor = models.BigIntegerField(db_default=0)
    statement_left_minor = models.BigIntegerField(db_default=0)
    version = models.IntegerField()

    class Meta:
        db_table = "cards_card"
        indexes = [
            models.Index(fields=["customer_id"], name="cards_card_customer"),
            models.Index(fields=["issued_on", "card_id"], name="cards_card_issued"),
            models.Index(fields=["next_closing_on"], name="cards_card_closing", condition=Q(kind="credit")),
            models.Index(fields=["payment_due_on"], name="cards_card_due", condition=Q(minimum_left_minor__gt=0)),
            models.Index(fields=["expires_on"], name="cards_card_living", condition=Q(status__in=LIVING_STATUSES)),
        ]

    def __str__(self) -> str:
        return f"•••• {self.last_four}"


class Payment(models.Model):
    payment_id = models.TextField(primary_key=True)
    card_id = models.TextField()
    account_id = models.TextField()
    customer_id = models.TextField()
    merchant = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    status = models.TextField()
    code = models.TextField()
    captured_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    requested_on = models.DateField()
    expires_on = models.DateField()
    requested_at = models.DateTimeField()
    authorized_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.IntegerField()

    class Meta:
        db_table = "cards_payment"
        indexes = [
            models.Index(fields=["customer_id", "-requested_at"], name="cards_payment_customer"),
            models.Index(fields=["-requested_at", "-payment_id"], name="cards_payment_requested"),
            models.Index(fields=["expires_on"], name="cards_payment_open", condition=Q(status__in=OPEN_STATUSES)),
        ]

    def __str__(self) -> str:
        return f"{self.merchant}: {self.status}"


class Refund(models.Model):
    refund_id = models.TextField(primary_key=True)
    payment_id = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cards_refund"
        indexes = [models.Index(fields=["payment_id"], name="cards_refund_payment")]

    def __str__(self) -> str:
        return self.refund_id


class Carried(models.Model):
    """Money on its way between a card and an account of the same customer."""

    card_id = models.TextField()
    customer_id = models.TextField()
    account_id = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    status = models.TextField()
    code = models.TextField()
    requested_on = models.DateField()
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


class BillPayment(Carried):
    """`status` is `requested`, `settled`, `declined`, `rejected` while its money is on its way back, `refunded`, or
    `by_hand` where people have the money; the last four for the reason `code`. Unless Accounts has answered by
    `due_at`, Cards takes it back."""

    payment_id = models.TextField(primary_key=True)
    due_at = models.DateTimeField()

    class Meta:
        db_table = "cards_bill_payment"
        indexes = [
            models.Index(fields=["card_id", "-requested_at", "-payment_id"], name="cards_bill_payment_card"),
            models.Index(fields=["due_at"], name="cards_bill_payment_due", condition=Q(status="requested")),
        ]


class Payout(Carried):
    """What the bank owed on a card, paid to an account: `requested`, `settled`, or `declined` for the reason `code`."""

    payout_id = models.TextField(primary_key=True)

    class Meta:
        db_table = "cards_payout"
        indexes = [models.Index(fields=["card_id", "-requested_at", "-payout_id"], name="cards_payout_card")]


class Statement(models.Model):
    id = models.BigAutoField(primary_key=True)
    card_id = models.TextField()
    number = models.IntegerField()
    currency = models.TextField()
    opening_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    minimum_due_minor = models.BigIntegerField()
    closed_on = models.DateField()
    due_on = models.DateField()
    overdue_minor = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "cards_statement"
        constraints = [models.UniqueConstraint(fields=["card_id", "number"], name="cards_statement_number")]

    def __str__(self) -> str:
        return f"Statement {self.number} of {self.closed_on}"


class Posting(models.Model):
    """One posting of Cards' own ledger, with both its legs."""

    id = models.BigAutoField(primary_key=True)
    card_id = models.TextField()
    version = models.IntegerField()
    type = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "cards_posting"
        indexes = [
            models.Index(fields=["card_id"], name="cards_posting_card"),
            models.Index(fields=["recorded_at"], name="cards_posting_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.debit} / {self.credit} {money.to_decimal(self.amount_minor, self.currency)} {self.currency}"
