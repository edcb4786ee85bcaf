"""CONTRIBUTING.md's walk shows the files that `make system` and `make endpoint` write."""

import re
from pathlib import Path

import pytest

from tests.docs.commands import commands
from tools.places import ROOT
from tools.scaffold.write import new_endpoint, new_system

PAGE = ROOT / "CONTRIBUTING.md"
SHOWN = {command.line: command.shown.splitlines() for command in commands(PAGE)}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without systems: whoever walks along may have the page's own already."""
    (tmp_path / "template.yaml").write_text("Parameters: {}\nConditions: {}\nResources: {}\n")
    monkeypatch.setattr("tools.scaffold.names.find_spec", lambda name: None)
    return tmp_path


def shown(line: str) -> list[str]:
    """The files below a command of the page."""
    return [each.removeprefix("wrote ") for each in SHOWN[line] if each.startswith("wrote ")]


def test_the_files_of_a_system_and_of_an_endpoint(checkout: Path) -> None:
    system = new_system(checkout, "acme", "event")
    endpoint = new_endpoint(checkout, "acme", "ping")

    for line, written in (
        ("make system NAME=acme", system),
        ("make endpoint SYSTEM=acme NAME=ping", endpoint),
    ):
        assert shown(line) == [str(file.relative_to(checkout)) for file in written]


def test_the_code_that_is_read(checkout: Path) -> None:
    new_system(checkout, "acme", "event")
    new_endpoint(checkout, "acme", "ping")
    endpoint, _, entry = re.findall(
        r"^```(?:python|yaml)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )

    assert (checkout / "functions/acme/event.py").read_text().endswith(endpoint)
    assert entry in (checkout / "functions/acme/stack.yaml").read_text()
