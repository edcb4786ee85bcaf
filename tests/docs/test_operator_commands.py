"""Every operator's command that a page shows exists, and takes the options that are shown."""

import pytest

from tests.docs.commands import Command, commands
from tests.docs.test_links import PAGES
from tests.docs.understood import PROGRAM, understood

SHOWN = [(page.name, command) for page in PAGES for command in commands(page) if PROGRAM in command.line]


@pytest.mark.parametrize(
    ("page", "command"), SHOWN, ids=[f"{page}: {command.line[:60]}" for page, command in SHOWN]
)
def test_it_is_understood(page: str, command: Command) -> None:
    """tests/operator/ shows what they do, on a local stack."""
    del page

    assert understood(command.line)


@pytest.mark.parametrize(
    "line", ["keys list --unknown", "keys lists", "holds --local", "keys create app --local"]
)
def test_a_mistake_is_seen(line: str) -> None:
    assert not understood(f"{PROGRAM} {line}")
