"""What Customers does about a change of mobile number when the others answer, and when it asked itself.

Each answer is told to the saga and to the change: of one that no saga coordinates the saga knows nothing, and the
change leaves a coordinated one to the saga.
"""

from bank.context import Order, Subscription, Unit
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id
from bank.sagas.progress import StepAnswered
from customers import inbound
from customers.domain.customer import CUSTOMER, RestoreMobileNumber
from customers.domain.mobile import MOBILE, ReleaseMobileNumber
from customers.domain.number_change import (
    NUMBER_CHANGE,
    AgreeToNumberChange,
    FinishNumberChange,
    RejectNumberChange,
    UndoNumberChange,
)
from customers.handlers import tell
from customers.sagas import NUMBER_CHANGE_SAGA

SAGA = NUMBER_CHANGE_SAGA.decider


def answers(context: str, noun: str) -> dict[str, Subscription]:
    """What is heard of a context that keeps a copy: it changed it, it refused, it restored it."""

    def agreed(changed: inbound.ContactChanged) -> list[Unit]:
        agree = AgreeToNumberChange(changed.process_id, context)
        return [
            Unit(Order(SAGA, changed.process_id, StepAnswered(context))),
            Unit(Order(NUMBER_CHANGE, changed.customer_id, agree)),
        ]

    def refused(declined: inbound.ContactChangeDeclined) -> list[Unit]:
        reject = RejectNumberChange(declined.process_id, declined.code)
        return [
            Unit(Order(SAGA, declined.process_id, StepAnswered(context, declined.code))),
            Unit(Order(NUMBER_CHANGE, declined.customer_id, reject)),
        ]

    def restored(restored: inbound.ContactRestored) -> Unit:
        return Unit(Order(SAGA, restored.process_id, StepAnswered(context, is_undo=True)))

    said = f"{context}.{noun}Contact"
    return {
        f"{said}Changed.v1": Subscription(inbound.ContactChanged, agreed, f"{context}_agreed"),
        f"{said}ChangeDeclined.v1": Subscription(inbound.ContactChangeDeclined, refused, f"{context}_refused"),
        f"{said}Restored.v1": Subscription(inbound.ContactRestored, restored, f"{context}_restored"),
    }


def finish(accepted: inbound.NumberChangeAccepted) -> Unit:
    return finished(accepted.process_id, accepted.customer_id, accepted.former_key)


def finish_for_saga(asked: inbound.FormerNumberReleaseAsked) -> Unit:
    unit = finished(asked.saga_id, asked.customer_id, asked.former_key)
    return Unit(*unit.orders, id=do_id(asked.saga_id, "former_number", asked.attempt))


def finished(process_id: str, customer_id: str, former_key: str) -> Unit:
    return Unit(
        Order(MOBILE, former_key, ReleaseMobileNumber(customer_id)),
        Order(NUMBER_CHANGE, customer_id, FinishNumberChange(process_id)),
    )


def undo(rejected: inbound.NumberChangeRejected) -> Unit:
    return undone(rejected.process_id, rejected)


def undo_for_saga(asked: inbound.ProfileRestoreAsked) -> Unit:
    unit = undone(asked.saga_id, asked)
    return Unit(*unit.orders, id=undo_id(asked.saga_id, "profile", asked.attempt))


def undone(process_id: str, change: inbound.NumberChangeRejected | inbound.ProfileRestoreAsked) -> Unit:
    customer_id = change.customer_id
    restore = RestoreMobileNumber(customer_id, change.former_number, change.former_key, change.mobile_key)
    return Unit(
        Order(CUSTOMER, customer_id, restore),
        Order(MOBILE, change.mobile_key, ReleaseMobileNumber(customer_id)),
        Order(NUMBER_CHANGE, customer_id, UndoNumberChange(process_id)),
    )


def end(changed: Message[inbound.NumberChangeEnded]) -> list[Unit]:
    """In either manner: everybody agreed, so now the customer is told. A change that is undone he never hears of."""
    finish_saga = Unit(Order(SAGA, changed.data.process_id, StepAnswered("former_number")))
    notice = tell("mobile_number_changed")(changed)
    return [finish_saga] if notice is None else [finish_saga, notice]


def end_undoing(ended: inbound.NumberChangeEnded) -> Unit:
    return Unit(Order(SAGA, ended.process_id, StepAnswered("profile", is_undo=True)))


NUMBER_CHANGE_ANSWERS: dict[str, Subscription] = {
    **answers("accounts", "Account"),
    **answers("cards", "Card"),
    **answers("loans", "Loan"),
    "customers.NumberChangeAccepted.v1": Subscription(inbound.NumberChangeAccepted, finish, "finish_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(inbound.NumberChangeRejected, undo, "undo_number_change"),
    "customers.ProfileRestoreAsked.v1": Subscription(inbound.ProfileRestoreAsked, undo_for_saga, "restore_profile"),
    "customers.FormerNumberReleaseAsked.v1": Subscription(
        inbound.FormerNumberReleaseAsked, finish_for_saga, "release_former_number"
    ),
    "customers.NumberChanged.v1": Subscription(inbound.NumberChangeEnded, end, "finish_number_change_saga", whole=True),
    "customers.NumberChangeUndone.v1": Subscription(inbound.NumberChangeEnded, end_undoing, "undo_number_change_saga"),
}
