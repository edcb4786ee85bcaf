"""Stages of a test's own, a stack that is deployed or not, and somebody at a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.operator.conftest import World
from tools.deploy import stage as stages
from tools.operator.app import app
from tools.operator.client_keys import commands
from tools.operator.init import asking
from tools.operator.stack import NoStack, Stack
from tools.places import ROOT

Run = Callable[..., Result]

VALUE = "5eb5a37e-b458-11e3-ac11-000c2940e62c"
"""What every placeholder of the committed stages may become."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stages, with the committed one."""
    (tmp_path / "staging.toml").write_text((ROOT / "stages" / "staging.toml").read_text())
    monkeypatch.setattr(stages, "STAGES", tmp_path)
    monkeypatch.delenv("AWS_REGION", raising=False)
    return tmp_path


@pytest.fixture
def filled(folder: Path) -> Path:
    """The committed stage, complete."""
    file = folder / "staging.toml"
    file.write_text(re.sub('"<your[^"]*>"', f'"{VALUE}"', file.read_text()))
    return file


@pytest.fixture
def run() -> Run:
    """`bin/trackgate init …`, which must end with `code`; `text` is what somebody types."""

    def run(*arguments: str, code: int = 0, text: str | None = None) -> Result:
        done = CliRunner().invoke(app, ["init", *arguments], input=text)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "on_a_terminal", lambda: True)


@pytest.fixture
def not_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> Stack:
        raise NoStack("There is no stack trackgate-staging in eu-central-1")

    monkeypatch.setattr(Stack, "open", classmethod(missing))


@pytest.fixture
def deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A deployed stack whose credentials and keys are still missing."""
    monkeypatch.setattr(commands, "AFTER_UNKNOWN_KEY_SECONDS", 0)
    return world
