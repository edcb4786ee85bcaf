"""Tab after `bin/trackgate`: in a real bash, called by path as users do; offered without a network."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import ROOT
from tools.operator.app import app
from tools.operator.completion import offers
from tools.operator.completion.install import install
from tools.operator.completion.scripts import SCRIPTS
from tools.systems.registry import names

SECONDS = 60


def completed(words: str, **variables: str) -> list[str]:
    """What the program answers to bash's question for what follows these words."""
    asked = {"_TRACKGATE_COMPLETE": "complete_bash", "COMP_WORDS": words, **variables}
    asked["COMP_CWORD"] = str(len(words.split(" ")) - 1)
    done: Result = CliRunner().invoke(app, [], env=asked, prog_name="trackgate")
    return done.stdout.split()


def test_it_offers_commands() -> None:
    assert {"doctor", "keys", "secrets", "status"} <= set(completed("bin/trackgate "))
    assert completed("bin/trackgate keys re") == ["revoke"]


def test_it_offers_the_systems_wherever_one_is_asked_for() -> None:
    assert completed(f"bin/trackgate hold --system {names()[0][:-1]}") == names()[:1]
    assert completed("bin/trackgate keys create a --system ") == names()


def test_it_offers_the_stages_stacks_and_their_regions() -> None:
    assert {"trackgate", "trackgate-staging"} <= set(completed("bin/trackgate keys list --stack t"))
    assert completed("bin/trackgate keys list --region eu-c") == ["eu-central-1"]


def test_events_are_those_of_the_local_run_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE", str(tmp_path))
    assert offers.events() == []

    lines = [{"event_id": "A"}, {"message": "no event"}, {"event_id": "B"}, {"event_id": "A"}]
    text = "\n".join(["half a line}", *map(json.dumps, lines), "[]", ""])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "functions.log").write_text(text)

    assert offers.events() == ["A", "B"]


@pytest.mark.parametrize(
    ("shell", "start"), [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", None)], ids=SCRIPTS
)
def test_it_is_installed_once_and_keeps_what_is_there(shell: str, start: str | None, tmp_path: Path) -> None:
    if start:
        (tmp_path / start).write_text("alias ll='ls -l'")

    first = install(shell, tmp_path)
    again = install(shell, tmp_path)

    assert first == again
    assert first.read_text() == SCRIPTS[shell]
    if start:
        lines = (tmp_path / start).read_text().splitlines()
        assert (lines[0], len(lines)) == ("alias ll='ls -l'", 2)


def test_another_shell_is_told_which_there_are() -> None:
    done = CliRunner().invoke(app, ["--show-completion", "tcsh"])

    assert (done.exit_code, "use bash, zsh, fish" in done.output) == (2, True)


@pytest.mark.programs
def test_a_real_bash_completes_a_call_by_path_and_quotes_what_it_inserts(tmp_path: Path) -> None:
    install("bash", tmp_path)
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "dumb", "PS1": "$ "}
    bash = subprocess.Popen(
        ["bash", "--noprofile", "-i"], cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        os.write(ours, b"bin/trackgate secrets che\t")
        seen = read_until(ours, b"secrets check ")
        os.write(ours, b"\x15bin/trackgate tail --outcome dea\t")
        seen += read_until(ours, b"letter ")
        os.write(ours, b"\x15exit\n")
        assert b"bin/trackgate secrets check " in seen
        assert rb"--outcome dead\ letter " in seen
    finally:
        bash.kill()
        bash.wait()
        os.close(ours)


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What a terminal shows, at the latest until a minute has passed."""
    seen, end = b"", time.monotonic() + SECONDS
    while wanted not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536)
    return seen
