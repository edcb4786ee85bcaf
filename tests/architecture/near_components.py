"""A pytest plugin that leaves of a run the tests that may ask for a component (test_components.py), and in
which nothing starts a local run: a component that is missing is to be missed before that.

Only what imports tests/components.py or tests/npm.py can ask, so a test is kept if it or one of its fixtures
stands in such a module. What is left out runs the same on every machine, some of it beside a local run.
"""

import re
import sys
from pathlib import Path

import pytest

from tests.architecture.house import TESTS
from tests.architecture.test_units import functions
from tools.local.stack import LocalStack

IMPORTS = re.compile(r"^from tests\.(components|npm) import", re.MULTILINE)
"""What a module says that may ask for a component."""

ITSELF = str(TESTS / "conftest.py")
"""It asks for none: it writes which were missing."""


def pytest_configure() -> None:
    """Let no local run start: that takes longer than all that is left of such a run."""
    LocalStack.__enter__ = _refused  # type: ignore[method-assign, assignment]


def _refused(stack: LocalStack) -> LocalStack:
    pytest.fail(f"a local run is started without what its tests need: {stack.places.state}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect every other test."""
    near = [item for item in items if isinstance(item, pytest.Function) and _may_ask(item)]
    kept = set(near)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = near


def _may_ask(item: pytest.Function) -> bool:
    files = {sys.modules[function.__module__].__file__ for function in functions(item)}
    return any(file and file != ITSELF and IMPORTS.search(Path(file).read_text()) for file in files)
