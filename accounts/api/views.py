"""Accounts over HTTP. Money is paid in and out by operators; customers transfer from their own accounts."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from accounts import orders, queries
from accounts.api.schemas import (
    AccountFilter,
    AccountMoment,
    AccountOut,
    BooksFilter,
    BooksOut,
    BusinessDayOut,
    CloseBody,
    EntryOut,
    FreezeBody,
    HoldOut,
    OpenAccountBody,
    OverdraftBody,
    PaymentBody,
    PostingFilter,
    PostingOut,
    PostingWithEventOut,
    TermsBody,
    TransferBody,
    TransferOut,
    UnfreezeBody,
    account_out,
    books_out,
    business_day_out,
    entry_out,
    event_out,
    hold_out,
    posting_out,
    transfer_out,
)
from accounts.context import ACCOUNTS
from accounts.domain.account import (
    ACCOUNT,
    ChangeTerms,
    FreezeAccount,
    UnfreezeAccount,
)
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.day import SettleCharges
from accounts.domain.account.facts import Account as AccountState
from accounts.domain.business_day import BUSINESS_DAY, KEY, booking_day
from accounts.domain.interest import Terms
from accounts.domain.transfer import halves
from accounts.iban import DEFAULT_BRANCH
from accounts.orders import reversals
from accounts.queries import ledger
from bank.context import Order
from bank.history.eventstore import load, watermark
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import Principal, acting_for, listing_for, operator_only, owned, visible
from bank.http.problems import bad_request, not_found
from bank.http.views import BankView
from bank.outcomes import find

ACCOUNT_AT = "/api/v1/accounts/{account}"
TRANSFER_AT = "/api/v1/transfers/{transfer}"


class Accounts(BankView):
    @command(ACCOUNTS, OpenAccountBody, location=ACCOUNT_AT, status=201)
    def post(self, asked: Asked) -> Do:
        """Open an account."""
        opening = orders.open_account(
            asked.new_id("account"),
            customer_id=acting_for(asked.principal, asked.body.get("customer_id")),
            kind=asked.body["kind"],
            currency=asked.body["currency"],
            opened_on=localdate(),
            branch=asked.body.get("branch", DEFAULT_BRANCH),
            overdraft_limit_minor=overdraft_limit(asked),
            terms=terms(asked),
        )
        return Do(*opening)

    @listing(AccountOut, AccountFilter)
    def get(self, wanted: Wanted) -> Page:
        """The accounts of a customer; for operators, of all unless one is named."""
        customer_id = listing_for(wanted.principal, wanted.filters.get("customer_id"))
        rows = queries.accounts(customer_id=customer_id, after=last_of(wanted), limit=wanted.fetch)
        return wanted.page([account_out(row) for row in rows], key=lambda row: (str(row["id"]),))


def overdraft_limit(asked: Asked) -> int:
    limit = asked.body.get("overdraft_limit")
    if limit is None:
        return 0
    operator_only(asked.principal)
    if limit.currency != asked.body["currency"]:
        raise bad_request("invalid", "Some fields are wrong.", overdraft_limit=["In the account's currency."])
    return int(limit.amount_minor)


def terms(asked: Asked) -> Terms | None:
    given = asked.body.get("terms")
    if given is None:
        return None
    operator_only(asked.principal)
    return terms_of(given, asked.body["currency"])


def terms_of(given: dict[str, Any], currency: str) -> Terms:
    fee = given.get("monthly_fee")
    if fee is not None and fee.currency != currency:
        raise bad_request("invalid", "Some fields are wrong.", monthly_fee=["In the account's currency."])
    return Terms(given["interest_bps"], given["overdraft_bps"], fee.amount_minor if fee else 0)


class Account(BankView):
    @read(AccountOut, AccountMoment)
    def get(self, wanted: Wanted, account_id: UUID) -> Shown:
        """One account: what is booked, on hold and available, now or at an instant."""
        account = visible(wanted.principal, queries.account(account_id))
        if "as_of" in wanted.filters:
            state, version = load(ACCOUNTS, ACCOUNT, str(account_id), as_of=wanted.filters["as_of"])
            account = as_it_was(account, state, version)
        return Shown(account_out(account), version=account.version)


class Deposits(BankView):
    @command(ACCOUNTS, PaymentBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Pay cash in, at the counter."""
        return cash(asked, account_id, orders.pay_in)


class Withdrawals(BankView):
    @command(ACCOUNTS, PaymentBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Pay cash out, at the counter."""
        return cash(asked, account_id, orders.pay_out)


def cash(asked: Asked, account_id: UUID, pay: Callable[..., Order]) -> Do:
    operator_only(asked.principal)
    today, paid = known(asked.principal, account_id), asked.body["amount"]
    reference = asked.body["reference"]
    return Do(pay(str(account_id), paid.amount_minor, paid.currency, booked_on=today, reference=reference))


class Entries(BankView):
    @listing(EntryOut)
    def get(self, wanted: Wanted, account_id: UUID) -> Page:
        """What was booked, the newest first."""
        known(wanted.principal, account_id)
        rows = queries.entries(account_id, before_version=last_of(wanted), limit=wanted.fetch)
        return wanted.page([entry_out(row) for row in rows], key=lambda row: (row["version"],))


class Holds(BankView):
    @listing(HoldOut)
    def get(self, wanted: Wanted, account_id: UUID) -> Page:
        """What is set aside for payments under way."""
        known(wanted.principal, account_id)
        rows = queries.open_holds(account_id, after=last_of(wanted), limit=wanted.fetch)
        return wanted.page([hold_out(row) for row in rows], key=lambda row: (str(row["id"]),))


class Freezes(BankView):
    @command(ACCOUNTS, FreezeBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Freeze an account for debits, credits or both."""
        operator_only(asked.principal)
        known(asked.principal, account_id)
        order = FreezeAccount(str(account_id), asked.body["side"], asked.body["reason"])
        return Do(Order(ACCOUNT, str(account_id), order))


class Unfreezes(BankView):
    @command(ACCOUNTS, UnfreezeBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Lift what was frozen for this reason. What is frozen for another stays so."""
        operator_only(asked.principal)
        known(asked.principal, account_id)
        order = UnfreezeAccount(str(account_id), asked.body["side"], asked.body["reason"])
        return Do(Order(ACCOUNT, str(account_id), order))


class Overdrafts(BankView):
    @command(ACCOUNTS, OverdraftBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Arrange an overdraft, or end it with a limit of zero. Only a verified customer is lent more."""
        operator_only(asked.principal)
        known(asked.principal, account_id)
        limit = asked.body["limit"]
        return Do(*orders.arrange_overdraft(str(account_id), limit.amount_minor, limit.currency))


class TermsChanges(BankView):
    @command(ACCOUNTS, TermsBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Change what the account bears and costs, from today on."""
        operator_only(asked.principal)
        account = queries.account(account_id)
        if account is None:
            raise not_found()
        order = ChangeTerms(
            str(account_id), terms_of(asked.body, account.currency), account.currency, queries.booking_day()
        )
        return Do(Order(ACCOUNT, str(account_id), order))


class Settlements(BankView):
    @command(ACCOUNTS, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Post the interest that has accrued through yesterday and collect the fees that are due.

        The end of the month does it by itself; before an account is closed it is asked for.
        """
        today = known(asked.principal, account_id)
        return Do(Order(ACCOUNT, str(account_id), SettleCharges(str(account_id), today)))


class Closings(BankView):
    @command(ACCOUNTS, CloseBody, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Close an account on which nothing is left: no money, no holds, no interest to be posted, no fees due."""
        today = known(asked.principal, account_id)
        waive_fees = asked.body["waive_fees"]
        if waive_fees:
            operator_only(asked.principal)
        return Do(Order(ACCOUNT, str(account_id), CloseAccount(str(account_id), today, waive_fees=waive_fees)))


class Reversals(BankView):
    @command(ACCOUNTS, location=ACCOUNT_AT)
    def post(self, asked: Asked, account_id: UUID, version: int) -> Do:
        """Book back what this version of the account booked: once, against the same ledger account."""
        operator_only(asked.principal)
        entry = queries.entry(account_id, version)
        if entry is None:
            raise not_found()
        return Do(reversals.of_entry(entry, queries.booking_day()))


class Transfers(BankView):
    @command(ACCOUNTS, TransferBody, location="/api/v1/transfers/{command}", status=201)
    def post(self, asked: Asked) -> Do:
        """Transfer between two accounts of the bank.

        Why another customer's account takes no payment is not told (`payee_cannot_take`).
        `version` and `position` are those of the account that pays.
        """
        principal, paid = asked.principal, asked.body["amount"]
        from_account_id = asked.body["from_account_id"]
        today = known(principal, from_account_id)
        out, into = halves(
            from_account_id=str(from_account_id),
            to_account_id=payee(asked),
            amount_minor=paid.amount_minor,
            currency=paid.currency,
            booked_on=today,
            reference=asked.body["reference"],
            customer_id=None if principal.is_operator else principal.customer_id,
        )
        return Do(out, into)


def payee(asked: Asked) -> str:
    iban = asked.body.get("to_iban")
    return orders.account_of_iban(iban) if iban else str(asked.body["to_account_id"])


class Transfer(BankView):
    @read(TransferOut)
    def get(self, wanted: Wanted, transfer_id: UUID) -> Shown:
        """One transfer, for who paid it."""
        # A transfer is its command, which remembers the two halves: no other record of it is kept.
        done = find(ACCOUNTS, transfer_id)
        paid = queries.transfer(done.streams[0], done.versions[0]) if done and len(done.streams) == 2 else None
        if paid is None or paid.account_id is None:
            raise not_found()
        known(wanted.principal, paid.account_id)
        return Shown(transfer_out(transfer_id, paid))


class TransferReversals(BankView):
    @command(ACCOUNTS, location=TRANSFER_AT)
    def post(self, asked: Asked, transfer_id: UUID) -> Do:
        """Book back both halves of a transfer, or neither.

        `version` and `position` are those of the account that paid.
        """
        operator_only(asked.principal)
        done = find(ACCOUNTS, transfer_id)
        orders = reversals.of_transfer(done.streams, done.versions, queries.booking_day()) if done else ()
        if not orders:
            raise not_found()
        return Do(*orders)


class Books(BankView):
    @read(BooksOut, BooksFilter)
    def get(self, wanted: Wanted) -> Shown:
        """Whether the books agree, whose days could not end, what is in transit, and the trial balance."""
        operator_only(wanted.principal)
        calendar, _ = load(ACCOUNTS, BUSINESS_DAY, KEY)
        asked, mark = wanted.filters, watermark(ACCOUNTS.name)
        return Shown(books_out(asked.get("until"), asked.get("position"), mark, calendar.behind))


class Postings(BankView):
    @listing(PostingOut, PostingFilter)
    def get(self, wanted: Wanted) -> Page:
        """What a balance of the trial balance is made of, the newest first."""
        operator_only(wanted.principal)
        asked = wanted.filters
        rows = ledger.postings(
            asked["ledger"],
            currency=asked.get("currency"),
            since=asked.get("since", date.min),
            until=asked.get("until", date.max),
            before=last_of(wanted),
            limit=wanted.fetch,
        )
        return wanted.page([posting_out(row) for row in rows], key=lambda row: (row["id"],))


class Posting(BankView):
    @read(PostingWithEventOut)
    def get(self, wanted: Wanted, posting_id: int) -> Shown:
        """One posting with the event that booked it."""
        operator_only(wanted.principal)
        posting = ledger.posting(posting_id)
        event = ledger.event_of(posting) if posting else None
        if posting is None or event is None:
            raise not_found()
        return Shown({**posting_out(posting), **event_out(event)})


class BusinessDays(BankView):
    @listing(BusinessDayOut)
    def get(self, wanted: Wanted) -> Page:
        """The days that have ended, the newest first."""
        operator_only(wanted.principal)
        before = last_of(wanted)
        rows = queries.business_days(before=before and date.fromisoformat(before), limit=wanted.fetch)
        return wanted.page([business_day_out(row) for row in rows], key=lambda row: (row["day"].isoformat(),))


def last_of(wanted: Wanted) -> Any:
    """The key of the last row of the page before."""
    return wanted.after[0] if wanted.after else None


def as_it_was(account: queries.AccountRow, state: AccountState, version: int) -> queries.AccountRow:
    """404 for an instant before the account was opened."""
    if not state.is_open:
        raise not_found()
    account.version = version
    account.balance_minor = state.balance_minor
    account.held_minor = state.held_minor
    account.overdraft_limit_minor = state.overdraft_limit_minor
    account.debit_frozen = bool(state.freezes.debit)
    account.credit_frozen = bool(state.freezes.credit)
    account.debit_freezes = ",".join(state.freezes.debit)
    account.credit_freezes = ",".join(state.freezes.credit)
    account.status = state.status
    account.interest_bps = state.terms.interest_bps
    account.overdraft_bps = state.terms.overdraft_bps
    account.monthly_fee_minor = state.terms.monthly_fee_minor
    account.accrued_minor = state.accrued.credit_minor - state.accrued.debit_minor
    account.fees_due_minor = state.fees_due_minor
    return account


def known(principal: Principal, account_id: UUID) -> date:
    """Raises 404 unless there is such an account and the principal may see it. The day on which is booked now."""
    customer_id, last_ended = queries.owner(account_id)
    owned(principal, customer_id)
    return booking_day(localdate(), last_ended)
