"""What the API takes and shows."""

from datetime import date
from typing import Any

from rest_framework import serializers

from bank.context import Check
from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money
from loans import queries
from loans.domain.loan.approval import GROUNDS
from loans.domain.loan.arrears import BUCKETS, bucket
from loans.domain.loan.payoff import PayoffQuote
from loans.domain.products import PRODUCTS
from loans.domain.schedule import Instalment, Parts

STATUSES = (
    *("applied", "awaiting_second_approval", "originating", "approved", "rejected", "withdrawn"),
    *("active", "written_off", "closed"),
)
REPAYMENT_STATUSES = ("requested", "applied", "declined")
INSTALMENT_STATUSES = ("paid", "past_due", "due", "settled")
"""`settled`: the loan was paid off before it was due."""

# Bodies.


class ApplyBody(Body):
    customer_id = serializers.UUIDField(required=False, help_text="The signed-in customer unless given.")
    account_id = serializers.UUIDField(help_text="Where the loan is to be paid out.")
    product = serializers.ChoiceField(tuple(PRODUCTS))
    principal = MoneyField()
    term_months = serializers.IntegerField(min_value=1, max_value=600)
    collect_on_due_date = serializers.BooleanField(
        default=True, help_text="Take what is due from the account; otherwise the loan is repaid by hand."
    )


class RejectBody(Body):
    reason = serializers.ChoiceField(tuple(GROUNDS))


class WriteOffBody(Body):
    agrees_with = Text(required=False, help_text="Who proposed it. Without this it is proposed.")


class AccountBody(Body):
    account_id = serializers.UUIDField(help_text="Where the loan is to be paid out.")


class CollectionBody(Body):
    collect_on_due_date = serializers.BooleanField(
        help_text="Take what is due from the account; otherwise the loan is repaid by hand."
    )
    account_id = serializers.UUIDField(required=False, help_text="The loan's account stays unless given.")


class RepayBody(Body):
    amount = MoneyField()
    account_id = serializers.UUIDField(required=False, help_text="The loan's account unless given.")


class PayoffBody(Body):
    account_id = serializers.UUIDField(required=False, help_text="The loan's account unless given.")


class PayoffFilter(Body):
    on = serializers.DateField(required=False, help_text="Today unless given.")


class LoanFilter(Body):
    customer_id = serializers.UUIDField(required=False, help_text="The signed-in customer unless given.")
    status = serializers.ChoiceField(STATUSES, required=False)
    past_due = serializers.ChoiceField(tuple(BUCKETS), required=False, help_text="Days past due of active loans.")


# Answers.


class LoanOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    product = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    code = serializers.CharField(allow_null=True, help_text="Why it was rejected or could not be paid out.")
    origination_id = serializers.UUIDField(
        allow_null=True, help_text="The operation that pays it out: the last one, null before it was approved."
    )
    principal = MoneyOut()
    rate_bps = serializers.IntegerField(help_text="Nominal annual rate in hundredths of a percent.")
    term_months = serializers.IntegerField()
    instalment = MoneyOut(help_text="Due each month; zero until paid out.")
    late_fee = MoneyOut(help_text="Charged once for each instalment past due.")
    collect_on_due_date = serializers.BooleanField()
    penalty_bps = serializers.IntegerField(help_text="A year, on the principal past due, in hundredths of a percent.")
    outstanding = MoneyOut(help_text="All that is still owed: principal, interest, fees and penalty interest.")
    fees = MoneyOut(help_text="Late fees charged and not yet paid.")
    penalties = MoneyOut(help_text="Penalty interest charged and not yet paid.")
    on_its_way = MoneyOut(help_text="Repayments asked for and not yet collected.")
    paid_principal = MoneyOut()
    paid_interest = MoneyOut()
    paid_fees = MoneyOut()
    paid_penalties = MoneyOut()
    recovered = MoneyOut(help_text="Repaid after it was written off.")
    applied_on = serializers.DateField()
    disbursed_on = serializers.DateField(allow_null=True)
    next_due_on = serializers.DateField(allow_null=True, help_text="Of the oldest instalment not paid in full.")
    days_past_due = serializers.IntegerField(help_text="Of an active loan's oldest instalment past due.")
    past_due = serializers.ChoiceField(tuple(BUCKETS), allow_null=True, help_text="The bucket of its days past due.")
    version = serializers.IntegerField()


def loan_out(loan: queries.LoanRow, today: date) -> dict[str, Any]:
    late = queries.days_past_due(loan, today)
    return {
        "id": loan.pk,
        "customer_id": loan.customer_id,
        "account_id": loan.account_id,
        "product": loan.product,
        "status": loan.status,
        "code": loan.code or None,
        "origination_id": loan.origination_id,
        "principal": as_money(loan.principal_minor, loan.currency),
        "rate_bps": loan.rate_bps,
        "term_months": loan.term_months,
        "instalment": as_money(loan.instalment_minor, loan.currency),
        "late_fee": as_money(loan.late_fee_minor, loan.currency),
        "collect_on_due_date": loan.collects,
        "penalty_bps": loan.penalty_bps,
        "outstanding": as_money(loan.outstanding_minor, loan.currency),
        "fees": as_money(loan.fee_minor, loan.currency),
        "penalties": as_money(loan.penalty_minor, loan.currency),
        "on_its_way": as_money(loan.on_its_way_minor, loan.currency),
        "paid_principal": as_money(loan.paid_principal_minor, loan.currency),
        "paid_interest": as_money(loan.paid_interest_minor, loan.currency),
        "paid_fees": as_money(loan.paid_fee_minor, loan.currency),
        "paid_penalties": as_money(loan.paid_penalty_minor, loan.currency),
        "recovered": as_money(loan.recovered_minor, loan.currency),
        "applied_on": loan.applied_on,
        "disbursed_on": loan.disbursed_on,
        "next_due_on": loan.next_due_on,
        "days_past_due": late,
        "past_due": bucket(late),
        "version": loan.version,
    }


class InstalmentOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    due_on = serializers.DateField()
    amount = MoneyOut()
    interest = MoneyOut()
    principal = MoneyOut()
    paid = MoneyOut()
    status = serializers.ChoiceField(INSTALMENT_STATUSES)


class ScheduleOut(serializers.Serializer[Any]):
    loan_id = serializers.UUIDField()
    is_fixed = serializers.BooleanField(help_text="False until the loan is paid out: as it would be from today.")
    total_interest = MoneyOut()
    total = MoneyOut()
    days_past_due = serializers.IntegerField(help_text="Of the oldest instalment past due.")
    instalments = InstalmentOut(many=True)


def schedule_out(loan: queries.LoanRow, today: date) -> dict[str, Any]:
    rows = queries.schedule(loan, starts_on=today)
    interest = sum(instalment.interest_minor for instalment, _ in rows)
    shown = [instalment_out(instalment, parts, loan, today) for instalment, parts in rows]
    late = [(today - row["due_on"]).days for row in shown if row["status"] == "past_due"]
    return {
        "loan_id": loan.pk,
        "is_fixed": loan.disbursed_on is not None,
        "total_interest": as_money(interest, loan.currency),
        "total": as_money(loan.principal_minor + interest, loan.currency),
        "days_past_due": max(late, default=0),
        "instalments": shown,
    }


def instalment_out(instalment: Instalment, parts: Parts, loan: queries.LoanRow, today: date) -> dict[str, Any]:
    currency = loan.currency
    return {
        "number": instalment.number,
        "due_on": instalment.due_on,
        "amount": as_money(instalment.amount_minor, currency),
        "interest": as_money(instalment.interest_minor, currency),
        "principal": as_money(instalment.principal_minor, currency),
        "paid": as_money(parts.amount_minor, currency),
        "status": instalment_status(instalment, parts, loan, today),
    }


def instalment_status(instalment: Instalment, parts: Parts, loan: queries.LoanRow, today: date) -> str:
    if parts.amount_minor == instalment.amount_minor:
        return "paid"
    if loan.status == "closed":
        return "settled"
    return "past_due" if instalment.due_on < today else "due"


class PayoffQuoteOut(serializers.Serializer[Any]):
    loan_id = serializers.UUIDField()
    on = serializers.DateField()
    amount = MoneyOut(help_text="Pays the loan off on that day, if nothing is paid or charged until then.")
    principal = MoneyOut()
    interest = MoneyOut(help_text="To that day.")
    fees = MoneyOut()
    penalties = MoneyOut()
    waived_interest = MoneyOut(help_text="What then falls away.")


def payoff_quote_out(loan: queries.LoanRow, quote: PayoffQuote, on: date) -> dict[str, Any]:
    return {
        "loan_id": loan.pk,
        "on": on,
        "amount": as_money(quote.amount_minor, loan.currency),
        "principal": as_money(quote.principal_minor, loan.currency),
        "interest": as_money(quote.interest_minor, loan.currency),
        "fees": as_money(quote.fee_minor, loan.currency),
        "penalties": as_money(quote.penalty_minor, loan.currency),
        "waived_interest": as_money(quote.waived_minor, loan.currency),
    }


class RepaymentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    loan_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    amount = MoneyOut()
    interest = MoneyOut(help_text="What it paid of the interest; zero until it is applied.")
    principal = MoneyOut(help_text="What it paid of the principal; zero until it is applied.")
    fees = MoneyOut(help_text="What it paid of late fees; zero until it is applied.")
    penalties = MoneyOut(help_text="What it paid of penalty interest; zero until it is applied.")
    status = serializers.ChoiceField(REPAYMENT_STATUSES)
    code = serializers.CharField(allow_null=True, help_text="Why it was declined.")
    requested_on = serializers.DateField()
    repaid_on = serializers.DateField(allow_null=True)


def repayment_out(repayment: queries.RepaymentRow) -> dict[str, Any]:
    return {
        "id": repayment.pk,
        "loan_id": repayment.loan_id,
        "account_id": repayment.account_id,
        "amount": as_money(repayment.amount_minor, repayment.currency),
        "interest": as_money(repayment.interest_minor, repayment.currency),
        "principal": as_money(repayment.principal_minor, repayment.currency),
        "fees": as_money(repayment.fee_minor, repayment.currency),
        "penalties": as_money(repayment.penalty_minor, repayment.currency),
        "status": repayment.status,
        "code": repayment.code or None,
        "requested_on": repayment.requested_on,
        "repaid_on": repayment.repaid_on,
    }


class BucketOut(serializers.Serializer[Any]):
    past_due = serializers.ChoiceField(tuple(BUCKETS))
    loans = serializers.IntegerField()
    principal = MoneyOut(help_text="Still owed of these loans, due or not.")
    fees = MoneyOut()
    penalties = MoneyOut()


class ArrearsOut(serializers.Serializer[Any]):
    as_of = serializers.DateField()
    buckets = BucketOut(many=True, help_text="For each currency, those with a loan in them.")


def arrears_out(today: date) -> dict[str, Any]:
    return {"as_of": today, "buckets": [bucket_out(row) for row in queries.arrears(today)]}


def bucket_out(row: queries.Arrears) -> dict[str, Any]:
    return {
        "past_due": row.bucket,
        "loans": row.loans,
        "principal": as_money(row.principal_minor, row.currency),
        "fees": as_money(row.fee_minor, row.currency),
        "penalties": as_money(row.penalty_minor, row.currency),
    }


class CheckOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    difference = MoneyOut(help_text="Zero is right.")


class LoanBooksOut(serializers.Serializer[Any]):
    agree = serializers.BooleanField()
    checks = CheckOut(many=True)
    due_to_accounts = MoneyOut(many=True, help_text="What Accounts is owed by Loans when no message is on its way.")


def books_out() -> dict[str, Any]:
    checks = queries.books()
    return {
        "agree": not any(check.off_minor for check in checks),
        "checks": [check_out(check) for check in checks],
        "due_to_accounts": [as_money(minor, currency) for currency, minor in queries.due_to_accounts().items()],
    }


def check_out(check: Check) -> dict[str, Any]:
    return {"name": check.name, "difference": as_money(check.off_minor, check.currency)}
