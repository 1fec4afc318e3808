"""Read tables: written by `projections` inside each command's transaction, and by nothing else."""

from django.db import models

from bank import money


class Loan(models.Model):
    """A loan as it stands; `fee_minor` and `penalty_minor` are charged and not yet paid.

    `version` is its stream's; the schedule follows from its terms (`domain.schedule`).
    """

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField()
    product = models.TextField()
    status = models.TextField()
    principal_minor = models.BigIntegerField()
    currency = models.TextField()
    rate_bps = models.IntegerField()
    term_months = models.IntegerField()
    late_fee_minor = models.BigIntegerField(default=0)
    penalty_bps = models.IntegerField(default=0)
    collects = models.BooleanField(default=False)
    applied_on = models.DateField()
    disbursed_on = models.DateField(null=True)
    instalment_minor = models.BigIntegerField()
    outstanding_minor = models.BigIntegerField()
    paid_principal_minor = models.BigIntegerField()
    paid_interest_minor = models.BigIntegerField()
    paid_fee_minor = models.BigIntegerField(default=0)
    paid_penalty_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0)
    written_off_principal_minor = models.BigIntegerField(default=0)
    recovered_minor = models.BigIntegerField(default=0)
    on_its_way_minor = models.BigIntegerField()
    next_due_on = models.DateField(null=True)
    code = models.TextField()
    first_approval_by = models.TextField(default="")
    origination_id = models.UUIDField(null=True)
    write_off_proposed_by = models.TextField(default="")
    version = models.IntegerField()

    class Meta:
        db_table = "loans_loan"
        indexes = (models.Index(fields=["status", "next_due_on"], name="loans_loan_due"),)

    def __str__(self) -> str:
        return f"{self.product} {self.id}"


class Repayment(models.Model):
    """`status` is `requested`, `applied` or `declined` (for the reason `code`)."""

    id = models.UUIDField(primary_key=True)
    loan_id = models.UUIDField(db_index=True)
    customer_id = models.UUIDField()
    account_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    principal_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    status = models.TextField()
    code = models.TextField()
    requested_on = models.DateField()
    repaid_on = models.DateField(null=True)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "loans_repayment"

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class Posting(models.Model):
    """One posting of Loans' own ledger, with both its legs."""

    id = models.BigAutoField(primary_key=True)
    loan_id = models.UUIDField(db_index=True)
    version = models.IntegerField()
    type = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "loans_posting"
        indexes = (models.Index(fields=["recorded_at"], name="loans_posting_recorded"),)

    def __str__(self) -> str:
        return f"{self.debit} / {self.credit} {money.to_decimal(self.amount_minor, self.currency)} {self.currency}"
