"""View and composition side by side: what differs, and what that means.

Every item on both sides carries the version of its stream. So a difference has one of three causes, and which one it is
can be told: the view has not heard yet (`behind`), the composition was asked before (`ahead`), or both claim the same
version and differ, which is a defect (`drift`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LISTS = ("accounts", "loans", "cards", "card_payments", "payment_files")


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is None where one side lacks the whole item."""

    part: str
    id: str
    field: str | None
    view: Any
    composed: Any
    verdict: str


def differences(view: Mapping[str, Any], composed: Mapping[str, Any]) -> list[Difference]:
    """What the composition could answer, against the same of the view."""
    asked = [part for part in ("profile", *LISTS) if part not in composed.get("missing", ())]
    return [difference for part in asked for difference in _of_part(part, view, composed)]


def _of_part(part: str, view: Mapping[str, Any], composed: Mapping[str, Any]) -> Iterator[Difference]:
    ours, theirs = _by_id(view[part]), _by_id(composed[part])
    for id in sorted(ours.keys() | theirs.keys()):
        yield from _of_item(part, id, ours.get(id), theirs.get(id))


def _by_id(part: Any) -> dict[str, Any]:
    if part is None:
        return {}
    return {item["id"]: item for item in part} if isinstance(part, list) else {"profile": part}


def _of_item(part: str, id: str, ours: Any, theirs: Any) -> Iterator[Difference]:
    if ours is None or theirs is None:
        verdict = "behind" if ours is None else "ahead"
        yield Difference(part, id, None, ours and ours["version"], theirs and theirs["version"], verdict)
        return
    verdict = _verdict(ours["version"], theirs["version"])
    for field in sorted(ours.keys() | theirs.keys()):
        if ours.get(field) != theirs.get(field):
            yield Difference(part, id, field, ours.get(field), theirs.get(field), verdict)


def _verdict(ours: int, theirs: int) -> str:
    if ours == theirs:
        return "drift"
    return "behind" if ours < theirs else "ahead"


def verdict(found: list[Difference], missing: list[str]) -> str:
    """The worst that was found."""
    verdicts = {difference.verdict for difference in found}
    for one in ("drift", "behind", "ahead"):
        if one in verdicts:
            return one
    return "incomplete" if missing else "equal"
