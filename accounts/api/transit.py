"""What processes have in transit, over HTTP, and what operators do when it stays there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.process import PROCESS, ResolveTransit, WithdrawResolution
from accounts.domain.process.facts import Process
from accounts.domain.process.suspense import WithdrawPayout
from accounts.orders import suspense
from accounts.queries import ledger
from bank.context import Order
from bank.history.eventstore import load
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import operator_only
from bank.http.problems import not_found
from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money
from bank.http.views import BankView

AT = "/api/v1/books/transit/{process}"


class PayoutProposedOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    amount = MoneyOut()
    proposed_by = serializers.CharField()
    proposed_on = serializers.DateField(help_text="It stands for seven days.")


class TransitOfProcessOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    received = MoneyOut()
    cleared = MoneyOut(help_text="Moved on, or taken back.")
    in_transit = MoneyOut()
    in_suspense = MoneyOut(help_text="Moved there by two operators, and neither cleared nor paid out since.")
    paid_out = MoneyOut(help_text="Out of suspense, to the customer.")
    resolution_proposed_by = serializers.CharField(allow_null=True, help_text="Who proposed to move it to suspense.")
    resolution_proposed_on = serializers.DateField(allow_null=True, help_text="It stands for seven days.")
    payout_proposed = PayoutProposedOut(allow_null=True)
    version = serializers.IntegerField()


class InTransitOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Of the process: the payment, repayment or origination.")
    kind = serializers.CharField()
    in_transit = MoneyOut()
    began_at = serializers.DateTimeField(help_text="When it received the money.")
    changed_at = serializers.DateTimeField()


class ResolutionBody(Body):
    agrees_with = Text(required=False, help_text="Who proposed it. Without this it is proposed.")


class PayoutBody(Body):
    amount = MoneyField()
    agrees_with = Text(required=False, help_text="Who proposed the same. Without this it is proposed.")
    account_id = serializers.UUIDField(
        required=False, help_text="Of the customer whose money it is. Unless given, the account it came from."
    )


class Transits(BankView):
    @listing(InTransitOut)
    def get(self, wanted: Wanted) -> Page:
        """What stands in transit now, process by process, the one that waits longest first.

        What two operators have moved to suspense is not in transit any more.
        """
        operator_only(wanted.principal)
        after = (datetime.fromisoformat(wanted.after[0]), wanted.after[1]) if wanted.after else None
        rows = [in_transit_out(row) for row in ledger.in_transit(after=after, limit=wanted.fetch)]
        return wanted.page(rows, key=lambda row: (row["began_at"].isoformat(), str(row["id"])))


class Transit(BankView):
    @read(TransitOfProcessOut)
    def get(self, wanted: Wanted, process_id: UUID) -> Shown:
        """What a process that crosses contexts has in transit."""
        operator_only(wanted.principal)
        process, version = known(process_id)
        shown = {
            "id": process_id,
            "kind": process.kind,
            "received": as_money(process.received_minor, process.currency),
            "cleared": as_money(process.cleared_minor, process.currency),
            "in_transit": as_money(process.open_minor, process.currency),
            "in_suspense": as_money(process.in_suspense_minor, process.currency),
            "paid_out": as_money(process.paid_out_minor, process.currency),
            "resolution_proposed_by": process.resolution.by or None,
            "resolution_proposed_on": process.resolution.on if process.resolution.by else None,
            "payout_proposed": payout_out(process),
            "version": version,
        }
        return Shown(shown, version=version)


class TransitResolutions(BankView):
    @command(ACCOUNTS, ResolutionBody, location=AT)
    def post(self, asked: Asked, process_id: UUID) -> Do:
        """Propose that what a process has in transit be moved to suspense; another operator who agrees does it.

        A proposal stands for seven days. It is for a process that could not be undone. One that is not overdue is under
        way and must not find its money gone (`process_under_way`).
        """
        operator_only(asked.principal)
        known(process_id)
        resolve = ResolveTransit(
            process_id=str(process_id),
            operator=asked.principal.actor,
            resolved_on=queries.booking_day(),
            stood_for=ledger.stood_for(process_id),
            agrees_with=asked.body.get("agrees_with"),
        )
        return Do(Order(PROCESS, str(process_id), resolve))


class ResolutionWithdrawals(BankView):
    @command(ACCOUNTS, location=AT)
    def post(self, asked: Asked, process_id: UUID) -> Do:
        """Withdraw the proposal to move to suspense what a process has in transit, one's own or another's."""
        operator_only(asked.principal)
        known(process_id)
        withdraw = WithdrawResolution(str(process_id), asked.principal.actor, queries.booking_day())
        return Do(Order(PROCESS, str(process_id), withdraw))


class PayoutWithdrawals(BankView):
    @command(ACCOUNTS, location=AT)
    def post(self, asked: Asked, process_id: UUID) -> Do:
        """Withdraw the proposal to pay out of suspense, one's own or another's."""
        operator_only(asked.principal)
        known(process_id)
        withdraw = WithdrawPayout(str(process_id), asked.principal.actor, queries.booking_day())
        return Do(Order(PROCESS, str(process_id), withdraw))


class SuspensePayouts(BankView):
    @command(ACCOUNTS, PayoutBody, location=AT)
    def post(self, asked: Asked, process_id: UUID) -> Do:
        """Propose that what two operators moved to suspense be paid to its customer; another who agrees does it.

        A proposal stands for seven days. The account is his. Another amount or account is another proposal, in the
        place of the first.
        """
        operator_only(asked.principal)
        known(process_id)
        amount, account_id = asked.body["amount"], asked.body.get("account_id")
        wish = suspense.Wish(
            process_id=str(process_id),
            operator=asked.principal.actor,
            account_id=str(account_id) if account_id else None,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            agrees_with=asked.body.get("agrees_with"),
        )
        return Do(*suspense.paying_out(wish))


def in_transit_out(process: ledger.ProcessRow) -> dict[str, Any]:
    return {
        "id": process.pk,
        "kind": process.kind,
        "in_transit": as_money(process.open_minor, process.currency),
        "began_at": process.began_at,
        "changed_at": process.changed_at,
    }


def payout_out(process: Process) -> dict[str, Any] | None:
    if process.payout is None:
        return None
    return {
        "account_id": process.payout.account_id,
        "amount": as_money(process.payout.amount_minor, process.currency),
        "proposed_by": process.payout.proposal.by,
        "proposed_on": process.payout.proposal.on,
    }


def known(process_id: UUID) -> tuple[Process, int]:
    """Raises 404 unless something was ever in transit for this process."""
    process, version = load(ACCOUNTS, PROCESS, str(process_id))
    if process.kind is None:
        raise not_found()
    return process, version
