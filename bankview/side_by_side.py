"""The comparison of view and composition as a page, for people."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from bankview.comparison import LISTS

MEANING = {
    "equal": "Both say the same.",
    "behind": "The view has not heard yet of what the contexts say; it will.",
    "ahead": "The contexts were asked before something that the view has heard already.",
    "incomplete": "What the composition could answer is the same; a context did not answer in time.",
    "drift": "Both claim the same version and differ: a defect.",
}


def page(compared: Mapping[str, Any]) -> str:
    view, composed, latency = compared["view"], compared["composed"], compared["latency"]
    missing = ", ".join(composed["missing"])
    back = reverse("admin:bankview_customerbankview_change", args=(view["customer_id"],))
    context = {
        "back": f"{settings.PUBLIC_URL}{back}",
        "name": (view["profile"] or {}).get("name") or view["customer_id"],
        "verdict": compared["verdict"],
        "meaning": MEANING[compared["verdict"]] + (f" Missing: {missing}." if missing else ""),
        "differences": compared["differences"],
        "sides": [
            side("View", view, latency["view_ms"], f"{view['updated_at']}, revision {view['revision']}"),
            side("Composition", composed, latency["composed_ms"], "now"),
        ],
    }
    return render_to_string("bankview/side_by_side.html", context)


def side(name: str, document: Mapping[str, Any], took_ms: float, as_of: str) -> dict[str, Any]:
    return {
        "name": name,
        "took_ms": took_ms,
        "counts": [len(document[part]) for part in LISTS],
        "as_of": as_of,
        "document": json.dumps(document, indent=2, ensure_ascii=False),
    }
