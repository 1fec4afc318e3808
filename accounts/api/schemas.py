"""What the API takes and shows."""

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args
from uuid import UUID

from rest_framework import serializers

from accounts import queries
from accounts.domain.account import MAX_RATE_BPS
from accounts.domain.account.facts import Status
from accounts.domain.chart import CHART, AccountKind
from accounts.domain.freezes import Reason, Side
from accounts.iban import LONGEST_IBAN, known_iban
from accounts.orders import REFERENCE_LENGTH
from accounts.queries import ledger
from bank.context import Check
from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money

KINDS = get_args(AccountKind)
FREEZES = get_args(Side)
REASONS = get_args(Reason)
STATUSES = get_args(Status)
MAX_POSITION = 2**63 - 1

# Bodies.


class TermsBody(Body):
    interest_bps = serializers.IntegerField(
        min_value=0,
        max_value=MAX_RATE_BPS,
        default=0,
        help_text="Paid a year, in hundredths of a percent.",
    )
    overdraft_bps = serializers.IntegerField(
        min_value=0, max_value=MAX_RATE_BPS, default=0, help_text="Charged a year on what is overdrawn."
    )
    monthly_fee = MoneyField(minimum_minor=0, required=False, help_text="In the account's currency. None unless given.")


class OpenAccountBody(Body):
    customer_id = serializers.UUIDField(required=False, help_text="The signed-in customer unless given.")
    kind = serializers.ChoiceField(KINDS)
    currency = Text(max_length=3, default="EUR", help_text="ISO 4217.")
    branch = serializers.RegexField(r"\A[0-9]{5}\Z", required=False, help_text="Five digits.")
    overdraft_limit = MoneyField(minimum_minor=0, required=False, help_text="Operators only.")
    terms = TermsBody(required=False, help_text="Operators only. Unless given, those of the product of this kind.")


class PaymentBody(Body):
    amount = MoneyField()
    reference = Text(required=False, max_length=REFERENCE_LENGTH, default="")


class IbanField(Text):
    """Kept without its spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_IBAN, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        iban = known_iban(super().to_internal_value(data))
        if iban is None:
            raise serializers.ValidationError("This is no IBAN.")
        return iban


class TransferBody(PaymentBody):
    """Whom it is paid to is said by one of the two."""

    from_account_id = serializers.UUIDField()
    to_account_id = serializers.UUIDField(required=False)
    to_iban = IbanField(required=False, help_text="Or the IBAN of an account of this bank.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("to_account_id" in attrs) == ("to_iban" in attrs):
            raise serializers.ValidationError({"to_iban": ["Either this or `to_account_id`."]})
        return attrs


class FreezeBody(Body):
    side = serializers.ChoiceField(FREEZES, default="both")
    reason = serializers.ChoiceField(REASONS)


class UnfreezeBody(Body):
    side = serializers.ChoiceField(FREEZES, default="both")
    reason = serializers.ChoiceField(REASONS, help_text="Why it was frozen: no other freeze is lifted.")


class OverdraftBody(Body):
    limit = MoneyField(minimum_minor=0)


class CloseBody(Body):
    waive_fees = serializers.BooleanField(default=False, help_text="Give up what is due in fees. Operators only.")


class AccountFilter(Body):
    customer_id = serializers.UUIDField(
        required=False, help_text="Unless given, the signed-in customer; for operators, all."
    )


class AccountMoment(Body):
    as_of = serializers.DateTimeField(required=False, help_text="As the account stood at this instant.")


class PostingFilter(Body):
    ledger = serializers.ChoiceField(tuple(CHART), help_text="An account of the chart, on either side.")
    currency = Text(max_length=3, required=False)
    since = serializers.DateField(required=False, help_text="From this booking date on.")
    until = serializers.DateField(required=False, help_text="Up to this booking date.")


class BooksFilter(Body):
    until = serializers.DateField(required=False, help_text="The trial balance up to this booking date.")
    position = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_POSITION,
        help_text="The trial balance as the bank knew it then: without what was booked later, whatever its date.",
    )


# Answers.


class TermsOut(serializers.Serializer[Any]):
    interest_bps = serializers.IntegerField()
    overdraft_bps = serializers.IntegerField()
    monthly_fee = MoneyOut()


class AccountOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)
    iban = serializers.CharField()
    branch = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    balance = MoneyOut(help_text="What is booked.")
    on_hold = MoneyOut()
    available = MoneyOut(help_text="Balance − on hold + overdraft limit.")
    overdraft_limit = MoneyOut()
    debit_frozen = serializers.BooleanField()
    credit_frozen = serializers.BooleanField()
    debit_freezes = serializers.ListField(child=serializers.ChoiceField(REASONS), help_text="Why debits are frozen.")
    credit_freezes = serializers.ListField(child=serializers.ChoiceField(REASONS), help_text="Why credits are frozen.")
    opened_on = serializers.DateField()
    terms = TermsOut()
    accrued_interest = MoneyOut(help_text="Not yet posted, rounded. Negative: owed by the customer.")
    fees_due = MoneyOut(help_text="Fees which the account could not bear.")
    version = serializers.IntegerField()


def account_out(account: queries.AccountRow) -> dict[str, Any]:
    return {
        "id": account.pk,
        "customer_id": account.customer_id,
        "kind": account.kind,
        "iban": account.iban,
        "branch": account.branch,
        "status": account.status,
        "balance": as_money(account.balance_minor, account.currency),
        "on_hold": as_money(account.held_minor, account.currency),
        "available": as_money(account.available_minor, account.currency),
        "overdraft_limit": as_money(account.overdraft_limit_minor, account.currency),
        "debit_frozen": account.debit_frozen,
        "credit_frozen": account.credit_frozen,
        "debit_freezes": account.freezes("debit"),
        "credit_freezes": account.freezes("credit"),
        "opened_on": account.opened_on,
        "terms": {
            "interest_bps": account.interest_bps,
            "overdraft_bps": account.overdraft_bps,
            "monthly_fee": as_money(account.monthly_fee_minor, account.currency),
        },
        "accrued_interest": as_money(account.accrued_minor, account.currency),
        "fees_due": as_money(account.fees_due_minor, account.currency),
        "version": account.version,
    }


class EntryOut(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="The account's version that booked it.")
    type = serializers.CharField()
    amount = MoneyOut(help_text="Signed: negative takes from the account.")
    balance = MoneyOut(help_text="After it.")
    booked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    reference = serializers.CharField(allow_blank=True)
    counterparty = serializers.UUIDField(allow_null=True, help_text="The other account of a transfer.")
    process_id = serializers.UUIDField(allow_null=True, help_text="The card payment or loan it belongs to.")
    unarranged = serializers.BooleanField(help_text="It took the balance below what was arranged.")
    reverses = serializers.IntegerField(allow_null=True, help_text="The version whose entry it takes back.")


def entry_out(entry: queries.EntryRow) -> dict[str, Any]:
    return {
        "version": entry.version,
        "type": entry.type,
        "amount": as_money(entry.customer_minor, entry.currency),
        "balance": as_money(entry.balance_minor, entry.currency),
        "booked_on": entry.booked_on,
        "recorded_at": entry.recorded_at,
        "reference": entry.reference,
        "counterparty": entry.counterparty,
        "process_id": entry.process_id,
        "unarranged": entry.unarranged,
        "reverses": entry.reverses,
    }


class TransferOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    from_account_id = serializers.UUIDField()
    to_account_id = serializers.UUIDField()
    amount = MoneyOut()
    reference = serializers.CharField(allow_blank=True)
    booked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()


def transfer_out(transfer_id: UUID, paid: queries.EntryRow) -> dict[str, Any]:
    return {
        "id": transfer_id,
        "from_account_id": paid.account_id,
        "to_account_id": paid.counterparty,
        "amount": as_money(paid.amount_minor, paid.currency),
        "reference": paid.reference,
        "booked_on": paid.booked_on,
        "recorded_at": paid.recorded_at,
    }


class HoldOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = MoneyOut()
    reference = serializers.CharField(allow_blank=True, help_text="Whom the money is for.")
    held_at = serializers.DateTimeField()
    expires_on = serializers.DateField()


def hold_out(hold: queries.HoldRow) -> dict[str, Any]:
    return {
        "id": hold.pk,
        "amount": as_money(hold.amount_minor, hold.currency),
        "reference": hold.reference,
        "held_at": hold.held_at,
        "expires_on": hold.expires_on,
    }


class BusinessDayOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    ended_at = serializers.DateTimeField()


def business_day_out(row: queries.BusinessDayRow) -> dict[str, Any]:
    return {"day": row.day, "ended_at": row.ended_at}


class CheckOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    difference = MoneyOut(help_text="Zero is right.")


class LedgerBalanceOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    debit = MoneyOut()
    credit = MoneyOut()
    balance = MoneyOut(help_text="On the account's normal side.")


class TransitOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    amount = MoneyOut()
    processes = serializers.IntegerField()


class PostingOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    debit = serializers.CharField()
    credit = serializers.CharField()
    amount = MoneyOut()
    booked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    account_id = serializers.UUIDField(allow_null=True)
    process_id = serializers.UUIDField(allow_null=True)
    stream = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.CharField()


class PostingWithEventOut(PostingOut):
    position = serializers.IntegerField(help_text="Of the event that booked it.")
    event = serializers.CharField(help_text="JSON, byte for byte as it was hashed; what is personal is sealed.")
    metadata = serializers.CharField(help_text="JSON: who did it, and for which request.")
    hash = serializers.CharField(help_text="SHA-256 of the stream's chain up to it.")


def posting_out(posting: queries.EntryRow) -> dict[str, Any]:
    return {
        "id": posting.pk,
        "debit": posting.debit,
        "credit": posting.credit,
        "amount": as_money(posting.amount_minor, posting.currency),
        "booked_on": posting.booked_on,
        "recorded_at": posting.recorded_at,
        "account_id": posting.account_id,
        "process_id": posting.process_id,
        "stream": posting.stream,
        "version": posting.version,
        "type": posting.type,
    }


def event_out(event: ledger.EventRow) -> dict[str, Any]:
    return {
        "position": event.position,
        "event": event.data,
        "metadata": event.metadata,
        "hash": bytes(event.hash).hex(),
    }


class LeftBehindOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    since = serializers.DateField(help_text="The first day that ended without the account.")


class BooksOut(serializers.Serializer[Any]):
    agree = serializers.BooleanField()
    checks = CheckOut(many=True)
    business_date = serializers.DateField(allow_null=True, help_text="The first day that has not ended.")
    left_behind = LeftBehindOut(many=True, help_text="Accounts whose days could not end; each end of day tries again.")
    transit = TransitOut(many=True, help_text="What open processes have under way; empty when all have ended.")
    position = serializers.IntegerField(
        help_text="The trial balance holds all up to here. Asked for with this position, it is the same for ever."
    )
    trial_balance = LedgerBalanceOut(many=True)


def books_out(until: date | None, position: int | None, watermark: int, behind: Mapping[str, date]) -> dict[str, Any]:
    """Above the watermark something may still appear, so no position is later."""
    known = None if position is None else min(position, watermark)
    checks = ledger.books()
    return {
        "agree": not any(check.off_minor for check in checks),
        "checks": [check_out(check) for check in checks],
        "business_date": queries.business_date(),
        "left_behind": [{"account_id": account_id, "since": since} for account_id, since in behind.items()],
        "transit": [transit_out(transit) for transit in ledger.transit()],
        "position": watermark if known is None else known,
        "trial_balance": [ledger_out(balance) for balance in ledger.trial_balance(until or date.max, known)],
    }


def check_out(check: Check) -> dict[str, Any]:
    return {"name": check.name, "difference": as_money(check.off_minor, check.currency)}


def transit_out(transit: ledger.Transit) -> dict[str, Any]:
    amount = as_money(transit.open_minor, transit.currency)
    return {"kind": transit.kind, "amount": amount, "processes": transit.processes}


def ledger_out(balance: ledger.LedgerBalance) -> dict[str, Any]:
    return {
        "name": balance.name,
        "title": CHART[balance.name].title,
        "debit": as_money(balance.debit_minor, balance.currency),
        "credit": as_money(balance.credit_minor, balance.currency),
        "balance": as_money(balance.balance_minor, balance.currency),
    }
