"""Every operator's command that a page shows exists, and takes the options that are shown."""

import shlex

import pytest
from typer.testing import CliRunner

from tests.docs.commands import Command, commands
from tests.docs.test_links import PAGES
from tools.operator.app import app

PROGRAM = "bin/trackgate"
SHOWN = [(page.name, command) for page in PAGES for command in commands(page) if PROGRAM in command.line]


def understood(line: str) -> bool:
    """Whether the program takes these words, without doing what they say."""
    words = shlex.split(line.partition(PROGRAM)[2].partition(" < ")[0])
    return CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    ("page", "command"), SHOWN, ids=[f"{page}: {command.line[:60]}" for page, command in SHOWN]
)
def test_it_is_understood(page: str, command: Command) -> None:
    """tests/operator/ shows what they do, on a local stack."""
    del page

    assert understood(command.line)


@pytest.mark.parametrize("line", ["keys list --unknown", "keys lists", "holds --local"])
def test_a_mistake_is_seen(line: str) -> None:
    assert not understood(f"{PROGRAM} {line}")
