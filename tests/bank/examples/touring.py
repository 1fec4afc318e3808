"""A saga for the kernel's own tests: a tour that books a flight and a hotel and then sends the tickets.

It is kept in Customers' database; the flight is decided in Accounts', the hotel in Cards', the tickets at home.
"""

from dataclasses import dataclass
from datetime import timedelta

from bank.context import Context, Order, Subscription, Unit
from bank.decider import Decider, Personal
from bank.sagas import driving
from bank.sagas.orchestration import Saga, SagaStep, do_id, undo_id
from bank.sagas.progress import StepAnswered

# The saga and what it says.


@dataclass(frozen=True, slots=True)
class TourBegun:
    saga_id: str
    customer_id: str
    traveller: Personal


@dataclass(frozen=True, slots=True)
class FlightAsked:
    saga_id: str
    customer_id: str
    traveller: Personal


@dataclass(frozen=True, slots=True)
class FlightUndoAsked:
    saga_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class HotelAsked:
    saga_id: str


@dataclass(frozen=True, slots=True)
class HotelUndoAsked:
    saga_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class TicketsAsked:
    saga_id: str
    attempt: int


TOUR = Saga(
    name="tour",
    begins=("TourBegun.v1", TourBegun),
    steps=(
        SagaStep(
            "flight",
            at="accounts",
            do=("FlightAsked.v1", FlightAsked),
            undo=("FlightUndoAsked.v1", FlightUndoAsked),
        ),
        SagaStep("hotel", at="cards", do=("HotelAsked.v1", HotelAsked), undo=("HotelUndoAsked.v1", HotelUndoAsked)),
        SagaStep("tickets", at="customers", do=("TicketsAsked.v1", TicketsAsked)),
    ),
    pivot="hotel",
    deadline=timedelta(minutes=5),
    limit=4,
)

# What a participant books.


@dataclass(frozen=True, slots=True)
class Booked:
    saga_id: str


@dataclass(frozen=True, slots=True)
class Declined:
    saga_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    saga_id: str


@dataclass(frozen=True, slots=True)
class CancellingDeclined:
    saga_id: str
    code: str


Answer = Booked | Declined | Cancelled | CancellingDeclined


@dataclass(frozen=True, slots=True)
class Booking:
    is_booked: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    saga_id: str


@dataclass(frozen=True, slots=True)
class Cancel:
    saga_id: str


MOOD: dict[str, int] = {}
"""How often a participant still declines what he is asked for: tests set it."""


def moody(name: str) -> bool:
    MOOD[name] = MOOD.get(name, 0) - 1
    return MOOD[name] >= 0


def booking(name: str) -> Decider[Booking, Book | Cancel, Answer]:
    def decide(state: Booking, command: Book | Cancel) -> list[Answer]:
        if isinstance(command, Book):
            return [Declined(command.saga_id, "full")] if moody(name) else [Booked(command.saga_id)]
        if moody(f"{name}/undo"):
            return [CancellingDeclined(command.saga_id, "closed")]
        return [Cancelled(command.saga_id)]

    def evolve(state: Booking, event: Answer) -> Booking:
        if isinstance(event, Booked | Cancelled):
            return Booking(isinstance(event, Booked))
        return state

    title = name.capitalize()
    events: dict[str, type] = {
        f"{title}Booked.v1": Booked,
        f"{title}Declined.v1": Declined,
        f"{title}Cancelled.v1": Cancelled,
        f"{title}CancellingDeclined.v1": CancellingDeclined,
    }
    return Decider(name=name, initial=Booking(), decide=decide, evolve=evolve, events=events)


FLIGHT, HOTEL, TICKETS = booking("flight"), booking("hotel"), booking("tickets")


@dataclass(frozen=True, slots=True)
class Asked:
    saga_id: str


@dataclass(frozen=True, slots=True)
class UndoAsked:
    saga_id: str
    attempt: int


def book_flight(asked: Asked) -> Unit:
    return Unit(Order(FLIGHT, asked.saga_id, Book(asked.saga_id)), id=do_id(asked.saga_id, "flight"))


def cancel_flight(asked: UndoAsked) -> Unit:
    cancel = Order(FLIGHT, asked.saga_id, Cancel(asked.saga_id))
    return Unit(cancel, id=undo_id(asked.saga_id, "flight", asked.attempt), undoes=do_id(asked.saga_id, "flight"))


def book_hotel(asked: Asked) -> Unit:
    return Unit(Order(HOTEL, asked.saga_id, Book(asked.saga_id)), id=do_id(asked.saga_id, "hotel"))


def cancel_hotel(asked: UndoAsked) -> Unit:
    cancel = Order(HOTEL, asked.saga_id, Cancel(asked.saga_id))
    return Unit(cancel, id=undo_id(asked.saga_id, "hotel", asked.attempt), undoes=do_id(asked.saga_id, "hotel"))


def send_tickets(asked: UndoAsked) -> Unit:
    return Unit(Order(TICKETS, asked.saga_id, Book(asked.saga_id)), id=do_id(asked.saga_id, "tickets", asked.attempt))


AIRLINE = Context(
    name="accounts",
    deciders=(FLIGHT,),
    subscriptions={
        "customers.FlightAsked.v1": Subscription(Asked, book_flight, "book_flight"),
        "customers.FlightUndoAsked.v1": Subscription(UndoAsked, cancel_flight, "cancel_flight"),
    },
)
INN = Context(
    name="cards",
    deciders=(HOTEL,),
    subscriptions={
        "customers.HotelAsked.v1": Subscription(Asked, book_hotel, "book_hotel"),
        "customers.HotelUndoAsked.v1": Subscription(UndoAsked, cancel_hotel, "cancel_hotel"),
    },
)

# What the traveller's agency hears.


@dataclass(frozen=True, slots=True)
class Yes:
    saga_id: str


@dataclass(frozen=True, slots=True)
class No:
    saga_id: str
    code: str


def answers(step: str) -> dict[str, Subscription]:
    def done(yes: Yes) -> Unit:
        return Unit(Order(TOUR.decider, yes.saga_id, StepAnswered(step)))

    def declined(no: No) -> Unit:
        return Unit(Order(TOUR.decider, no.saga_id, StepAnswered(step, no.code)))

    def undone(yes: Yes) -> Unit:
        return Unit(Order(TOUR.decider, yes.saga_id, StepAnswered(step, is_undo=True)))

    def undo_declined(no: No) -> Unit:
        return Unit(Order(TOUR.decider, no.saga_id, StepAnswered(step, no.code, is_undo=True)))

    at = next(one.at for one in TOUR.steps if one.name == step)
    title = f"{at}.{step.capitalize()}"
    return {
        f"{title}Booked.v1": Subscription(Yes, done, f"{step}_done"),
        f"{title}Declined.v1": Subscription(No, declined, f"{step}_declined"),
        f"{title}Cancelled.v1": Subscription(Yes, undone, f"{step}_undone"),
        f"{title}CancellingDeclined.v1": Subscription(No, undo_declined, f"{step}_undo_declined"),
    }


AGENCY = Context(
    name="customers",
    deciders=(TOUR.decider, TICKETS),
    inline_projections=(driving.table(TOUR),),
    sagas=(TOUR,),
    subscriptions={
        "customers.TicketsAsked.v1": Subscription(UndoAsked, send_tickets, "send_tickets"),
        **answers("flight"),
        **answers("hotel"),
        **answers("tickets"),
    },
)

CONTEXTS = {context.name: context for context in (AGENCY, AIRLINE, INN)}
