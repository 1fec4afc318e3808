"""Why an account is frozen: by side and reason. A side is frozen while there is one reason for it."""

from dataclasses import dataclass
from typing import Literal

Side = Literal["debit", "credit", "both"]
Reason = Literal["customer_request", "suspected_fraud", "legal_order"]
Reasons = tuple[Reason, ...]

REASONS: Reasons = ("customer_request", "legal_order", "suspected_fraud")

END_WITH_THE_ACCOUNT: Reasons = ("customer_request", "suspected_fraud")


@dataclass(frozen=True, slots=True)
class Freezes:
    """The reasons are sorted, each once."""

    debit: Reasons = ()
    credit: Reasons = ()

    @property
    def by_legal_order(self) -> bool:
        return "legal_order" in self.debit + self.credit


NOT_FROZEN = Freezes()


def frozen(freezes: Freezes, side: Side, reason: Reason) -> Freezes:
    return Freezes(
        freezes.debit if side == "credit" else with_reason(freezes.debit, reason),
        freezes.credit if side == "debit" else with_reason(freezes.credit, reason),
    )


def lifted(freezes: Freezes, side: Side, reason: Reason | None) -> Freezes:
    """For this reason, or for every one."""
    return without(freezes, side, REASONS if reason is None else (reason,))


def ended(freezes: Freezes) -> Freezes:
    """What is left of them when the account ends: a legal order is lifted as such alone."""
    return without(freezes, "both", END_WITH_THE_ACCOUNT)


def without(freezes: Freezes, side: Side, reasons: Reasons) -> Freezes:
    return Freezes(
        freezes.debit if side == "credit" else tuple(one for one in freezes.debit if one not in reasons),
        freezes.credit if side == "debit" else tuple(one for one in freezes.credit if one not in reasons),
    )


def with_reason(those: Reasons, reason: Reason) -> Reasons:
    return tuple(sorted({*those, reason}))
