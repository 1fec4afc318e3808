"""Personal data is sealed wherever it is stored: one AES-256-GCM key per customer, wrapped by a master key.

A sealed value says whose it is, `sealed:<customer id>:<base64 of nonce and ciphertext>`, and is bound to that customer
and to its purpose, so that it cannot be moved elsewhere. Destroying the customer's key erases every copy at once.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bank.context import Cursor
from bank.decider import ERASED

PREFIX = "sealed:"
NONCE_BYTES = 12
KEY_BITS = 256


class Erased(Exception):
    """The customers' keys have been destroyed: nothing more is sealed for them."""

    def __init__(self, customer_ids: set[str]) -> None:
        super().__init__(", ".join(sorted(customer_ids)))
        self.customer_ids = customer_ids


class StillLeaving(Exception):
    """Something about the customer waits in the outbox, in plain text: the key may not be destroyed yet."""


class Keyring:
    """The data keys of one context's customers, within one transaction; made when something is first sealed."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._keys: dict[str, AESGCM | None] = {}
        self._destroyed: set[str] = set()

    def load(self, customer_ids: Iterable[str]) -> None:
        """Fetch the keys of many customers at once."""
        wanted = sorted(set(customer_ids) - self._keys.keys())
        if not wanted:
            return
        self._keys.update(dict.fromkeys(wanted))
        self._cursor.execute(
            "select customer_id, master_key, wrapped from bank_subject_key where customer_id = any(%b)", (wanted,)
        )
        for customer_id, master_key, wrapped in self._cursor.fetchall():
            if wrapped is None:
                self._destroyed.add(customer_id)
            else:
                self._keys[customer_id] = AESGCM(_unwrap(customer_id, master_key, bytes(wrapped)))

    def make(self, customer_ids: Iterable[str]) -> None:
        """Make sure that each customer has a key, before anything is sealed under it. Raises `Erased`."""
        wanted = set(customer_ids)
        self.load(wanted)
        if gone := wanted & self._destroyed:
            raise Erased(gone)
        missing = sorted(customer_id for customer_id in wanted if self._keys[customer_id] is None)
        if not missing:
            return
        keys = [AESGCM.generate_key(KEY_BITS) for _ in missing]
        wrapped = [_wrap(customer_id, key) for customer_id, key in zip(missing, keys, strict=True)]
        self._cursor.execute(
            "insert into bank_subject_key (customer_id, master_key, wrapped) "
            "select u.id, %s, u.wrapped from unnest(%b::text[], %b::bytea[]) u(id, wrapped) on conflict do nothing",
            (settings.MASTER_KEY_ID, missing, wrapped),
        )
        for customer_id in missing:
            del self._keys[customer_id]
        self.load(missing)

    def seal(self, customer_id: str, purpose: str, plain: str) -> str:
        """What was erased stays so. Raises `Erased`."""
        if plain == ERASED:
            return ERASED
        self.make([customer_id])
        key = self._keys[customer_id]
        assert key is not None
        nonce = os.urandom(NONCE_BYTES)
        sealed = key.encrypt(nonce, plain.encode(), f"{customer_id}/{purpose}".encode())
        return f"{PREFIX}{customer_id}:{b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """The plain text, or `[erased]` where the customer's key is gone. Raises `InvalidTag` when tampered with."""
        if sealed == ERASED:
            return ERASED
        customer_id, _, body = sealed.removeprefix(PREFIX).rpartition(":")
        self.load([customer_id])
        key = self._keys[customer_id]
        if key is None:
            return ERASED
        raw = b64decode(body)
        return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{customer_id}/{purpose}".encode()).decode()


def destroy(cursor: Cursor, customer_id: str) -> None:
    """Erase a customer from this context's history, heads, snapshots and parked messages, for ever."""
    cursor.execute(
        "insert into bank_subject_key (customer_id, master_key, destroyed_at) values (%s, '', now())"
        " on conflict (customer_id) do update set wrapped = null, master_key = '',"
        " destroyed_at = coalesce(bank_subject_key.destroyed_at, now())",
        (customer_id,),
    )


LEAVING = """
    select 1 where not exists (select from bank_subject_key where customer_id = %s and destroyed_at is not null)
        and exists (select from bank_outbox where aggregateid <> %s and payload like %s)
"""


def forget(cursor: Cursor, customer_id: str, *, said_on: str) -> None:
    """Destroy the key, in the transaction of the event that says so, once all else about the customer has left the
    outbox. `said_on` is the event's own stream. Raises `StillLeaving`; doing it again does nothing.
    """
    cursor.execute(LEAVING, (customer_id, said_on, f'%"customerid":"{customer_id}"%'))
    if cursor.fetchone():
        raise StillLeaving(customer_id)
    destroy(cursor, customer_id)


def _wrap(customer_id: str, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    master = AESGCM(settings.MASTER_KEYS[settings.MASTER_KEY_ID])
    return nonce + master.encrypt(nonce, key, customer_id.encode())


def _unwrap(customer_id: str, master_key: str, wrapped: bytes) -> bytes:
    master = AESGCM(settings.MASTER_KEYS[master_key])
    return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], customer_id.encode())
