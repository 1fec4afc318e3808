"""Files of payments sent by HTTP, and what is told of them."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils.timezone import localdate
from rest_framework.test import APIClient

from accounts import queries
from accounts.iban import iban_for
from accounts.payment_files.execution import execute_files
from bank.http.principal import principal
from tests.accounts.payment_files.files import as_csv, as_pain, payments, whole

CUSTOMER = str(uuid4())
SOME = 1_234
"""Lines: two full parts and the beginning of a third."""


def client(customer_id: str | None = CUSTOMER) -> APIClient:
    signed_in = APIClient()
    user = principal(customer_id or "1", customer_id, is_operator=customer_id is None)
    signed_in.force_authenticate(user)  # type: ignore[arg-type]
    return signed_in


def send(body: bytes, content_type: str, query: str = "", *, who: APIClient | None = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return (who or client()).post(f"/api/v1/payment-files{query}", body, content_type=content_type, headers=headers)


def send_csv(pays: str, body: bytes, *, message_id: str = "M-1", **options: Any) -> Any:
    return send(body, "text/csv", f"?account_id={pays}&message_id={message_id}", **options)


def send_pain(pays: str, to: list[str], count: int, *, message_id: str = "M-1", **options: Any) -> Any:
    document = as_pain(
        payments(to, count),
        pays=iban_for(pays),
        count=count,
        total=Decimal(count),
        message_id=message_id,
        due=localdate().isoformat(),
    )
    return send(whole(document), "application/xml", **options)


def get(path: str, who: APIClient | None = None, **query: Any) -> Any:
    return (who or client()).get(f"/api/v1/payment-files{path}", query)


def accepted(pays: str, to: list[str], count: int = SOME, *, message_id: str = "M-1") -> UUID:
    answer = send_csv(pays, whole(as_csv(payments(to, count))), message_id=message_id)
    assert answer.status_code == 202, answer.json()
    return UUID(answer.json()["id"])


def told(file_id: UUID, outcome: str | None = None) -> list[dict[str, Any]]:
    """All pages of the report."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": "200"} if outcome is None else {"limit": "200", "outcome": outcome}
    while True:
        page = get(f"/{file_id}/lines", **query).json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def balance(account_id: str) -> int:
    account = queries.account(account_id)
    assert account is not None
    return account.balance_minor


def finish() -> None:
    assert execute_files(lambda: True) is False
