"""The loop that every consumer runs: take what is there, apply it in one transaction, then acknowledge it.

After its own work it relays its context's outbox in the same process, so that the next hop of a payment waits for no
bell and no task.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial

from django.db import connections

from bank.context import Context, load
from bank.history.codec import Unreadable
from bank.messaging import brokers, caution, doorbell, liveness, messages, sinks, topology
from bank.messaging.brokers import BrokerLost, Consumer, Delivery
from bank.messaging.feed import Feed
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.messaging.messages import Envelope
from bank.messaging.relay import BUNDLE_ROWS, drain
from bank.messaging.relay import attend as attend_outbox
from bank.messaging.signing import Forged, check
from bank.messaging.topology import Queue
from bank.runtime import heartbeat

log = logging.getLogger(__name__)

READ_BUNDLES = 100
APPLY_EVENTS = 500
IDLE_S = 0.5
LOOK_S = 30.0
LOOK_EVENTS = 250
"""A page of the feed between two live messages, which should hardly feel it."""

LOOK_PAUSE_S = 0.1
"""Between two pages of a look when nothing comes live: all consumers look at once, and whoever pays one at a time
should find a processor free."""

LONGEST_PAUSE_S = 10.0
TURNS_WITHIN_S = 10.0
CANARY_S = 10.0
HEARS_WITHIN_S = 30.0
LIVES_S = 0.5
"""How often a process asks its listeners whether they are up."""


@dataclass(slots=True)
class Listener:
    """One queue and the inboxes it fills. Several may run in one process, each in a thread of its own."""

    context: str
    queue: Queue
    inboxes: Sequence[Inbox]
    stop: threading.Event
    _caught_up_at: float | None = None
    _behind: bool = False
    _live_events: int = 0
    _progress_at: float = field(default_factory=time.time)
    _turned_at: float = float("-inf")
    _heard_at: float = float("-inf")
    _sung_at: float = float("-inf")
    _came_far: bool = False

    def begin(self) -> int:
        """Note the start; returns how many before it ended early. One that cannot be noted is not counted."""
        try:
            return caution.begun(self.context, self.queue.name)
        except TRANSIENT as error:
            log.warning("%s: start not noted: %s", self.queue.name, error)
            return 0

    def end(self) -> None:
        """It was stopped, and had nothing in hand."""
        if not self._came_far:
            with suppress(*TRANSIENT):
                caution.ended_well(self.context, self.queue.name)

    def be_careful(self) -> None:
        for inbox in self.inboxes:
            inbox.careful = True

    def run(self) -> None:
        """Until stopped. What fails for a while is tried again, from the first message not acknowledged."""
        pause_s = 0.1
        while not self.stop.is_set():
            try:
                with closing(brokers.consumer(self.queue)) as consumer:
                    while not self.stop.is_set():
                        self.turn(consumer)
                        pause_s = 0.1
            except (BrokerLost, *TRANSIENT) as error:
                log.warning("%s: %s: %s; again in %.1f s", self.queue.name, type(error).__name__, error, pause_s)
                connections.close_all()
                self.stop.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        brokers.forget_publisher()
        connections.close_all()

    def turn(self, consumer: Consumer, *, wait_s: float = IDLE_S) -> int:
        """Whatever is due now; returns how many bundles were applied."""
        self._catch_up_if_due()
        deliveries = consumer.read(READ_BUNDLES, min(wait_s, LOOK_PAUSE_S) if self._behind else wait_s)
        self._live_events = 0
        for part, envelopes in self._parts(deliveries):
            self._live_events += len(envelopes)
            for inbox in self.inboxes:
                inbox.take(envelopes)
            self._relay()
            consumer.ack(part)
        if deliveries:
            self._progress_at, self._heard_at = time.time(), time.monotonic()
        else:
            self._relay()
        self._turned_at = time.monotonic()
        if self.hears:
            liveness.report(self.queue.name, self._progress_at, [inbox.tally for inbox in self.inboxes])
        return len(deliveries)

    def _parts(self, deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, list[Envelope]]]:
        """Whole bundles, about as many as one transaction should apply, with the last of them."""
        part: list[Envelope] = []
        for n, delivery in enumerate(deliveries, 1):
            part += self._opened(delivery)
            if len(part) >= APPLY_EVENTS or n == len(deliveries):
                yield delivery, part
                part = []

    def _opened(self, delivery: Delivery) -> list[Envelope]:
        if delivery.is_canary:
            return []
        try:
            check(delivery)
            return of_source(delivery.source, messages.unbundle(delivery.body))
        except (Forged, Unreadable) as error:
            for inbox in self.inboxes:
                inbox.distrust(delivery.source, delivery.body, error)
            return []

    @property
    def turns(self) -> bool:
        """Whether it has gone round lately: it asked for messages, whatever came."""
        return time.monotonic() - self._turned_at < TURNS_WITHIN_S

    @property
    def hears(self) -> bool:
        """Whether something came lately, if only its canary."""
        return time.monotonic() - self._heard_at < HEARS_WITHIN_S

    @property
    def wants_canary(self) -> bool:
        """It has a queue, and none was sent there lately."""
        return self.turns and time.monotonic() - self._sung_at >= CANARY_S

    @property
    def is_up(self) -> bool:
        """It goes round, and what is sent to its queue is heard: by it, or by another one behind which it waits."""
        return self.turns and (self.hears or liveness.goes_round(self.queue.name, HEARS_WITHIN_S))

    def _catch_up_if_due(self) -> None:
        """At start as fast as can be; later in pages, between which the queue has its turn.

        They are twice as many as what the last turn heard live, so that a look comes to an end under any load.
        """
        if self._caught_up_at is None:
            done = [inbox.catch_up() for inbox in self.inboxes]
        elif time.monotonic() - self._caught_up_at >= LOOK_S:
            pages = 1 + 2 * self._live_events // LOOK_EVENTS
            done = [inbox.look(pages=pages, events=LOOK_EVENTS) for inbox in self.inboxes]
            if all(done):
                self._note_how_far()
        else:
            return
        self._behind = not all(done)
        if not self._behind:
            self._caught_up_at = time.monotonic()

    def _note_how_far(self) -> None:
        """Half a minute after it had caught up: what ended others at the start is behind it."""
        if self._came_far:
            return
        caution.came_far(self.context, self.queue.name)
        self._came_far = True
        for inbox in self.inboxes:
            inbox.careful = False

    def _relay(self) -> None:
        if not doorbell.rung_at_home(self.context):
            return
        try:
            while drain(self.context, brokers.publisher()) >= BUNDLE_ROWS:
                pass  # a lane may hold more than it was asked for; what comes later rings again
        except BrokerLost as error:
            log.warning("%s: not relayed: %s", self.context, error)


def attend(context: str, stop: threading.Event) -> None:
    """Relay the context's outbox as long as this process lives; what fails is tried again."""
    while not stop.is_set():
        try:
            attend_outbox(context, brokers.publisher(), stop)
        except (BrokerLost, *TRANSIENT) as error:
            log.warning("%s: not relayed: %s: %s", context, type(error).__name__, error)
            connections.close_all()
        stop.wait(1)
    brokers.forget_publisher()
    connections.close_all()


def of_source(source: str, envelopes: list[Envelope]) -> list[Envelope]:
    """A signature vouches for its own context's messages alone."""
    if any(envelope.context != source for envelope in envelopes):
        raise Forged(f"{source} signed another context's messages")
    return envelopes


def listeners(context: Context, stop: threading.Event) -> list[Listener]:
    """One per queue of a context: reactions and projections, for each lane group."""
    feed = Feed(context.name)
    found = []
    for group in topology.groups():
        if context.subscriptions:
            inbox = Inbox(sinks.Reactions(context), feed)
            found.append(Listener(context.name, topology.reactions(context, group), [inbox], stop))
        if context.async_projections:
            inboxes = [Inbox(projector, feed) for projector in sinks.projectors(context)]
            found.append(Listener(context.name, topology.views(context.name, group), inboxes, stop))
    return found


def run(found: Sequence[Listener], stop: threading.Event, *, ready: Callable[[], None] = lambda: None) -> None:
    """Run listeners until `stop`, each in its thread. The death of one ends all: the supervisor starts them again."""
    deaths: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            deaths.append(error)
            stop.set()
            raise

    take_care(found)
    contexts = sorted({listener.context for listener in found})
    for context in contexts:
        doorbell.answer_at_home(context)
    work = {listener.queue.name: listener.run for listener in found}
    work |= {f"{context}.outbox": partial(attend, context, stop) for context in contexts if load(context).deciders}
    threads = [threading.Thread(target=guarded, args=(each,), name=name, daemon=True) for name, each in work.items()]
    for thread in threads:
        thread.start()
    ready()
    show_life(found, stop)
    for thread in threads:
        thread.join(timeout=30)
    if deaths:
        raise deaths[0]
    for listener, thread in zip(found, threads, strict=False):
        if not thread.is_alive():
            listener.end()


def show_life(found: Sequence[Listener], stop: threading.Event) -> None:
    """Until stopped, a heartbeat for each context whose listeners are all up; they have canaries to hear."""
    while not stop.wait(LIVES_S):
        if due := [listener for listener in found if listener.wants_canary]:
            sing(due)
        for name in {listener.context for listener in found}:
            if all(listener.is_up for listener in found if listener.context == name):
                heartbeat.beat(f"consume-{name}")
    brokers.forget_publisher()
    connections.close_all()


def sing(found: Sequence[Listener]) -> None:
    """Bind their queues again, should somebody have unbound them, and send each a message that only has to come."""
    for listener in found:
        listener._sung_at = time.monotonic()
    try:
        brokers.publisher().sing([listener.queue for listener in found])
    except BrokerLost as error:
        log.warning("no canary sent: %s", error)


def take_care(found: Sequence[Listener]) -> None:
    """Be careful, all of a process, when a listener of it ended early more than once: it may be anybody's doing."""
    early = max((listener.begin() for listener in found), default=0)
    connections.close_all()
    if early < caution.EARLY_DEATHS:
        return
    log.error("%s starts ended early: taking one message at a time", early)
    for listener in found:
        listener.be_careful()
