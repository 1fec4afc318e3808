"""Two tiny contexts that talk: tickers in Accounts' database tick, echoes in Cards' database answer each tick, and a
projection in Bankview's counts them."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bank.context import AsyncProjection, Context, Cursor, Order, Subscription, Unit
from bank.decider import Decider, Personal, Refused
from bank.recorded import Message

# Tickers, which speak.


@dataclass(frozen=True, slots=True)
class Ticked:
    ticker: str
    number: int


@dataclass(frozen=True, slots=True)
class Named:
    customer_id: str
    name: Personal


@dataclass(frozen=True, slots=True)
class Ticker:
    number: int = 0
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    ticker: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    customer_id: str
    name: str


def _tick(ticker: Ticker, command: Tick | Name) -> list[Ticked | Named]:
    if isinstance(command, Name):
        return [Named(command.customer_id, command.name)]
    return [Ticked(command.ticker, ticker.number + n) for n in range(1, command.times + 1)]


def _ticked(ticker: Ticker, event: Ticked | Named) -> Ticker:
    if isinstance(event, Named):
        return Ticker(ticker.number, event.customer_id)
    return Ticker(event.number, ticker.customer_id)


TICKER = Decider(
    name="ticker",
    initial=Ticker(),
    decide=_tick,
    evolve=_ticked,
    events={"Ticked.v1": Ticked, "Named.v1": Named},
    customer=lambda ticker: ticker.customer_id,
)
TICKING = Context(name="accounts", deciders=(TICKER,))


def tick(ticker: str, times: int = 1) -> Unit:
    return Unit(Order(TICKER, ticker, Tick(ticker, times)))


def name(ticker: str, customer_id: str, text: str) -> Unit:
    return Unit(Order(TICKER, ticker, Name(customer_id, text)))


# Echoes, which hear.


@dataclass(frozen=True, slots=True)
class Heard:
    ticker: str
    number: int


@dataclass(frozen=True, slots=True)
class HeardName:
    customer_id: str


@dataclass(frozen=True, slots=True)
class Echoed:
    number: int


@dataclass(frozen=True, slots=True)
class Echo:
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    number: int


@dataclass(slots=True)
class Trouble:
    """What the echo cannot bear at the moment; tests set it."""

    raises: set[int] = field(default_factory=set)
    refuses: set[int] = field(default_factory=set)
    kills: set[int] = field(default_factory=set)
    names: bool = False

    def meets(self, number: int) -> None:
        if number in self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        if number in self.raises:
            raise ValueError(f"cannot bear {number}")


TROUBLE = Trouble()


def _repeat(echo: Echo, command: Repeat) -> list[Echoed]:
    if command.number in TROUBLE.refuses:
        raise Refused("not_that_one", "This number is not repeated.")
    return [Echoed(command.number)]


ECHO = Decider(
    name="echo",
    initial=Echo(),
    decide=_repeat,
    evolve=lambda echo, event: Echo((*echo.numbers, event.number)),
    events={"Echoed.v1": Echoed},
)


def repeat(heard: Heard) -> Unit:
    TROUBLE.meets(heard.number)
    return Unit(Order(ECHO, heard.ticker, Repeat(heard.number)))


def forget(heard: HeardName) -> None:
    if TROUBLE.names:
        raise ValueError(heard.customer_id)


ECHOING = Context(
    name="cards",
    deciders=(ECHO,),
    subscriptions={
        "accounts.Ticked.v1": Subscription(Heard, repeat, "repeat"),
        "accounts.Named.v1": Subscription(HeardName, forget, "forget"),
    },
)

# The projection, which counts.


def _fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
    for message in messages:
        TROUBLE.meets(message.data.number)
    cursor.execute(
        "insert into tally (generation, ticker, numbers) select %s, * from ("
        " select ticker, array_agg(number order by n) from unnest(%b::text[], %b::int[])"
        " with ordinality u(ticker, number, n) group by ticker) new(ticker, numbers)"
        " on conflict (generation, ticker) do update set numbers = tally.numbers || excluded.numbers",
        (generation, [m.data.ticker for m in messages], [m.data.number for m in messages]),
    )


TALLY = AsyncProjection(name="tally", tables=("tally",), types={"accounts.Ticked.v1": Heard}, fold=_fold)
COUNTING_UP = Context(name="bankview", async_projections=(TALLY,))

CONTEXTS = {context.name: context for context in (TICKING, ECHOING, COUNTING_UP)}
