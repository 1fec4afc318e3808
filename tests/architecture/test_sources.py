"""What our own code never writes, found by reading it."""

import ast
from collections.abc import Iterator

from django.apps import apps

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
    domain = list(inside("domain", "decider.py", "money.py", "saga.py"))
    assert len(domain) > 8
    imported = [
        source.at(node) for source in domain for node, name in source.imported() if name.split(".")[0] in IMPURE
    ]
    asked = [place for source in domain for place in calls(source, *CLOCKS)]
    assert imported + asked == []


def test_reactions_are_pure_too() -> None:
    for source in inside("handlers.py", "inbound.py", "sagas.py"):
        assert list(calls(source, *CLOCKS, "execute")) == []


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
