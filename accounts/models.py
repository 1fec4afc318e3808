"""Read tables: written by `projections` inside each command's transaction, and by nothing else."""

from django.db import models

from bank import money


class Account(models.Model):
    """A customer's account as it stands: `status` is `open`, `dormant` or `closed`, `version` is its stream's.

    `accrued_minor` is the interest not yet posted, rounded: negative when the customer owes it. `active_on` is the day
    of the customer's last own posting. `debit_freezes` and `credit_freezes` are the reasons, with commas between them.
    """

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(db_index=True)
    kind = models.TextField()
    currency = models.TextField()
    iban = models.TextField()
    branch = models.TextField()
    status = models.TextField()
    balance_minor = models.BigIntegerField()
    held_minor = models.BigIntegerField()
    overdraft_limit_minor = models.BigIntegerField()
    debit_frozen = models.BooleanField()
    credit_frozen = models.BooleanField()
    debit_freezes = models.TextField(default="")
    credit_freezes = models.TextField(default="")
    opened_on = models.DateField()
    interest_bps = models.IntegerField()
    overdraft_bps = models.IntegerField()
    monthly_fee_minor = models.BigIntegerField()
    fees_due_minor = models.BigIntegerField()
    accrued_minor = models.BigIntegerField()
    active_on = models.DateField()
    version = models.IntegerField()

    class Meta:
        db_table = "accounts_account"
        constraints = (models.UniqueConstraint(fields=["iban"], name="accounts_account_iban"),)

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor + self.overdraft_limit_minor

    def freezes(self, side: str) -> list[str]:
        """Why this side, `debit` or `credit`, is frozen."""
        reasons = self.debit_freezes if side == "debit" else self.credit_freezes
        return reasons.split(",") if reasons else []

    def __str__(self) -> str:
        return self.iban


class Posting(models.Model):
    """One posting with both its legs: an account's entry and the general ledger are the same row.

    `customer_minor` is the signed effect on the customer's balance, which then is `balance_minor`. A posting between
    two of the bank's own accounts has no `account_id`. `reverses` is the version of the account that it takes back.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.TextField()
    version = models.IntegerField()
    type = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    account_id = models.UUIDField(null=True)
    customer_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()
    process_id = models.UUIDField(null=True)
    reference = models.TextField()
    counterparty = models.UUIDField(null=True)
    unarranged = models.BooleanField()
    reverses = models.IntegerField(null=True)

    class Meta:
        db_table = "accounts_posting"
        indexes = (
            models.Index(fields=["account_id", "version"], name="accounts_posting_entries"),
            models.Index(fields=["recorded_at"], name="accounts_posting_recorded"),
        )

    @property
    def contra(self) -> str:
        """The leg that is not the customer's."""
        return self.debit if self.customer_minor > 0 else self.credit

    def __str__(self) -> str:
        return f"{self.debit} / {self.credit} {money.to_decimal(self.amount_minor, self.currency)} {self.currency}"


class TrialBalance(Posting):
    """The same rows as the console's page of ledger accounts."""

    class Meta:
        proxy = True
        verbose_name = "trial balance"
        verbose_name_plural = "trial balance"


class Hold(models.Model):
    """`status` is `open`, `captured` or `released`."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField()
    currency = models.TextField()
    reference = models.TextField(default="")
    expires_on = models.DateField()
    status = models.TextField()
    held_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_hold"

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class Process(models.Model):
    """What a process that crosses contexts has received and cleared; the difference is in transit."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    currency = models.TextField()
    received_minor = models.BigIntegerField()
    cleared_minor = models.BigIntegerField()
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_process"
        verbose_name_plural = "processes"
        indexes = (
            models.Index(
                fields=["kind"],
                name="accounts_process_open",
                condition=~models.Q(received_minor=models.F("cleared_minor")),
            ),
        )

    @property
    def open_minor(self) -> int:
        return self.received_minor - self.cleared_minor

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class BusinessDay(models.Model):
    """A day that has ended. The one after the last is the business date."""

    day = models.DateField(primary_key=True)
    ended_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_business_day"

    def __str__(self) -> str:
        return f"{self.day}"


class PaymentFile(models.Model):
    """A file of payments and how far it has come: `through` of its `lines` have been executed.

    `given_up_after` is the last line that was executed of a file that could not be read any further.
    """

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()
    message_id = models.TextField()
    format = models.TextField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    digest = models.TextField()
    lines = models.IntegerField()
    through = models.IntegerField()
    accepted = models.IntegerField()
    refused = models.IntegerField()
    accepted_minor = models.BigIntegerField()
    given_up_after = models.IntegerField(null=True)
    accepted_on = models.DateField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.IntegerField()

    class Meta:
        db_table = "accounts_payment_file"
        indexes = (
            models.Index(fields=["customer_id", "received_at", "id"], name="accounts_payment_file_owner"),
            models.Index(fields=["received_at", "id"], name="accounts_payment_file_time"),
            models.Index(
                fields=["received_at"],
                name="accounts_payment_file_open",
                condition=~models.Q(through=models.F("lines")),
            ),
        )

    @property
    def status(self) -> str:
        if self.given_up_after is not None:
            return "given_up"
        if self.through == self.lines:
            return "completed"
        return "executing" if self.through else "accepted"

    def __str__(self) -> str:
        return f"{self.id} {self.through}/{self.lines}"


class StandingOrder(models.Model):
    """A standing order as it stands: `next_on` is when its next period is due, `code` why the last one was missed."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    customer_id = models.UUIDField()
    to_account_id = models.UUIDField(null=True)
    payee = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    reference = models.TextField()
    status = models.TextField()
    first_on = models.DateField()
    next_on = models.DateField()
    last_on = models.DateField(null=True)
    code = models.TextField()
    version = models.IntegerField()

    class Meta:
        db_table = "accounts_standing_order"
        indexes = (
            models.Index(fields=["account_id", "id"], name="accounts_standing_order_owner"),
            models.Index(fields=["next_on"], name="accounts_standing_order_due", condition=models.Q(status="active")),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.status}"
