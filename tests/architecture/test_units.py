"""`make unit` starts nothing: no local run, no component of the machine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import components

STARTERS = {"LocalStack", "MariaDb", "ministack"}
"""Classes and functions that start programs."""

COMPONENTS = {name for name, value in vars(components).items() if isinstance(value, components.Component)}


def functions(item: pytest.Function) -> Iterator[Callable[..., Any]]:
    """What runs for a test: itself, and every fixture that it uses directly or through another."""
    yield item.function
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        yield from (definition.func for definition in definitions)


def starts(function: Callable[..., Any]) -> bool:
    """Whether a test or a fixture starts a local run, or asks for a component's program."""
    code = getattr(function, "__code__", None)
    names = set() if code is None else {*code.co_names, *code.co_varnames}
    return not names.isdisjoint(STARTERS) or ("program" in names and bool(names & COMPONENTS))


def test_no_unit_test_uses_a_local_run_or_a_component(request: pytest.FixtureRequest) -> None:
    found = {
        f"{item.nodeid} ({function.__name__})"
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.get_closest_marker("programs") is None
        for function in functions(item)
        if "local" in item.fixturenames or starts(function)
    }

    assert not found, f"add to PROGRAMS or STARTING in tests/conftest.py: {', '.join(sorted(found))}"


def test_what_starts_something_is_seen() -> None:
    def a_local_run() -> Any:
        from tools.local.stack import LocalStack

        return LocalStack()

    def a_component() -> Any:
        from tests.components import MARIADB

        return MARIADB.program("mariadbd")

    assert starts(a_local_run)
    assert starts(a_component)
    assert not starts(functions)
