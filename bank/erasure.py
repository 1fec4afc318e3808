"""How a context forgets a customer: two events on a stream of its own, with a trip through the broker between them.

The first blanks the read tables. It is heard again by the context that said it, so whatever was said before has left
the outbox by then, or is seen to wait; only then the second destroys the key (`history.sealing.forget`). Contexts name
the two events, because they are published.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bank.decider import Decider


@dataclass(frozen=True, slots=True)
class Erasure:
    customer_id: str | None = None
    stage: Literal["", "begun", "done"] = ""


@dataclass(frozen=True, slots=True)
class BeginErasure:
    customer_id: str
    day: date


@dataclass(frozen=True, slots=True)
class EndErasure:
    customer_id: str
    day: date


Command = BeginErasure | EndErasure


def eraser(name: str, begun: type[Any], erased: type[Any]) -> Decider[Erasure, Command, Any]:
    """The decider of a context's erasures, a stream per customer; `begun` and `erased` are its two event classes."""

    def decide(erasure: Erasure, command: Command) -> list[Any]:
        match command, erasure.stage:
            case BeginErasure(customer_id=customer_id, day=day), "":
                return [begun(customer_id, day)]
            case EndErasure(customer_id=customer_id, day=day), "begun":
                return [erased(customer_id, day)]
            case _:
                return []

    def evolve(_erasure: Erasure, event: Any) -> Erasure:
        return Erasure(event.customer_id, "begun" if isinstance(event, begun) else "done")

    return Decider(
        name=name,
        initial=Erasure(),
        decide=decide,
        evolve=evolve,
        events={f"{event.__name__}.v1": event for event in (begun, erased)},
        customer=lambda erasure: erasure.customer_id,
    )
