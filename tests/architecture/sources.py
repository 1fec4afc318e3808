"""Our own source files, parsed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bank.runtime.databases import CONTEXTS

ROOT = Path(__file__).parents[2]
PACKAGES = ("bank", "config", *CONTEXTS)


@dataclass(frozen=True)
class Source:
    path: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}"

    def walk(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def imported(self) -> Iterator[tuple[ast.AST, str]]:
        """Every imported module, and every name imported from one, dotted."""
        for node in self.walk():
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node, node.module
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def sources() -> tuple[Source, ...]:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return tuple(Source(str(file.relative_to(ROOT)), ast.parse(file.read_text())) for file in files)


def inside(*folders: str) -> Iterator[Source]:
    for source in sources():
        if any(f"/{folder}/" in f"/{source.path}" or source.path.endswith(f"/{folder}") for folder in folders):
            yield source
