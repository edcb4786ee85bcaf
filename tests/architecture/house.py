"""What the rules are about: the template's functions, and the files that each of them goes with."""

from __future__ import annotations

import ast
import importlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tools.places import ROOT as CHECKOUT
from tools.template.reader import Route, Template

ROOT = CHECKOUT
TEMPLATE = Template.read()
FUNCTIONS = ROOT / "functions"
GATEWAY = ROOT / "layers" / "shared" / "gateway"
EVENTS = ROOT / "events"
TESTS = ROOT / "tests"
TOOLS = ROOT / "tools"
BENCHMARKS = ROOT / "benchmarks"

SHELLS = frozenset({"edge", "delivery"})
"""Folders of functions/ that are no system's: they may look into every system."""

_CAPITAL = re.compile(r"(?:^|_)([a-z0-9])")


@dataclass(frozen=True)
class Function:
    """One stanza of the template."""

    logical_id: str
    properties: Mapping[str, Any]
    routes: tuple[Route, ...]

    @property
    def handler(self) -> str:
        """As Lambda takes it: `onesignal.new_session.handler`."""
        return str(self.properties["Handler"])

    @property
    def module(self) -> str:
        """`onesignal.new_session`."""
        return self.handler.rpartition(".")[0]

    @property
    def folder(self) -> str:
        """`onesignal`."""
        return self.module.partition(".")[0]

    @property
    def name(self) -> str:
        """`new_session`."""
        return self.module.partition(".")[2]

    @property
    def file(self) -> Path:
        """Where its code stands."""
        return FUNCTIONS / self.folder / f"{self.name}.py"

    @property
    def event(self) -> Path:
        """Its sample event."""
        return EVENTS / self.folder / f"{self.name}.json"

    @property
    def test(self) -> Path:
        """Its own test."""
        return TESTS / self.folder / f"test_{self.name}.py"

    @property
    def system(self) -> str | None:
        """The system that it serves; a worker's environment names it. None for edge."""
        if self.folder in SYSTEMS:
            return self.folder
        own: Mapping[str, str] = self.properties.get("Environment", {}).get("Variables", {})
        return own.get("SYSTEM")

    @property
    def paths(self) -> list[str]:
        """The paths of its routes."""
        return [route.path for route in self.routes]

    def load(self) -> Any:
        """What Lambda would call, with the variables that this function alone has."""
        own = self.properties.get("Environment", {}).get("Variables", {})
        with patch.dict(os.environ, {name: value for name, value in own.items() if isinstance(value, str)}):
            return getattr(importlib.import_module(self.module), self.handler.rpartition(".")[2])

    def __str__(self) -> str:
        return self.logical_id


def pascal(snake: str) -> str:
    """`new_session` is `NewSession`."""
    return _CAPITAL.sub(lambda found: found[1].upper(), snake)


def short(path: Path) -> str:
    """A path as a person at the root of the checkout types it."""
    return str(path.relative_to(ROOT))


def modules(folder: Path) -> list[Path]:
    """The Python files under a folder."""
    return sorted(folder.rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """The dotted names that a file imports, for types alone too; `from a import b` is `a.b`."""
    yield from _imports(ast.parse(file.read_text()).body)


def _imports(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)
        for part in ("body", "orelse", "finalbody"):
            yield from _imports(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", []):
            yield from _imports(handler.body)


SYSTEMS = sorted(path.parent.name for path in FUNCTIONS.glob("*/system.py"))

ALL = [
    Function(
        logical_id,
        properties,
        tuple(route for route in TEMPLATE.routes if route.function == logical_id),
    )
    for logical_id, properties in TEMPLATE.functions.items()
]

ENDPOINTS = [function for function in ALL if function.routes]
"""The functions that API Gateway calls."""

WORKERS = [function for function in ALL if not function.routes]
"""The functions that a queue calls."""
