"""Every command of the README and of the pages that teach by example does what is shown, run as written."""

import itertools
import re
import shlex
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.components import CURL
from tests.docs.commands import Command, commands
from tools.local.stack import LocalStack
from tools.local.workers import Queues
from tools.places import ROOT
from tools.sandbox.client import Sandbox
from tools.systems import registry

README = "README.md"
PAGES = {
    page: commands(ROOT / page)
    for page in (
        README,
        "docs/batch.md",
        "docs/requests.md",
        "docs/migration.md",
        *(f"docs/quickstart/{system}.md" for system in registry.names()),
    )
}
SECONDS = 30
"""For the redelivery that the README waits for."""


def kind(command: Command) -> str:
    """What runs a command: its program, with a first argument that makes a difference."""
    words = shlex.split(command.line)[len(settings(command)) :]
    return " ".join(words[:2]) if words[0] in ("git", "make") else words[0]


def settings(command: Command) -> dict[str, str]:
    """The variables that are set for a command: `<SYSTEM>_MODEL=users make local`."""
    words = itertools.takewhile(ASSIGNMENT.fullmatch, shlex.split(command.line))
    return dict(word.split("=", 1) for word in words)


ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
CALLS = ("curl", "sqlite3")
ALL = [(page, number, command) for page, found in PAGES.items() for number, command in enumerate(found)]


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    """The commands of these kinds, once for every one of the pages'."""
    found = [command for _, _, command in ALL if kind(command) in kinds]
    assert found, f"no page shows {kinds}"
    return pytest.mark.parametrize("command", found, ids=lambda command: command.line[:60])


@pytest.fixture
def sandbox(local: LocalStack) -> Iterator[Sandbox]:
    """The vendors without faults and with an empty ledger; what earlier tests left in queues is delivered."""
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()
    Queues(local.aws, local.template, local.deployed).drain(SECONDS, lambda _: None, threading.Event())
    sandbox.reset()
    yield sandbox
    sandbox.reset()


@pytest.fixture(scope="session")
def curl() -> str:
    """Asked for first: without it no local run is started."""
    return CURL.program("curl")


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("page", PAGES)
def test_calls_are_answered_as_shown(page: str, local: LocalStack, sandbox: Sandbox) -> None:
    assert any(kind(command) in CALLS for command in PAGES[page])
    with ExitStack() as set_by_the_page:
        for command in PAGES[page]:
            if kind(command) == "make local":
                set_by_the_page.enter_context(changed_settings(local, for_systems(by_system(command))))
            elif kind(command) in CALLS:
                is_shown(command, local)


def is_shown(command: Command, local: LocalStack) -> None:
    """Runs a command, until its output is what its page shows."""
    output = run(command, local)
    deadline = time.monotonic() + SECONDS
    # What the page shows "a few seconds later".
    while "/_sandbox/ledger" in command.line and not command.is_shown_by(output):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
        output = run(command, local)

    assert command.is_shown_by(output), f"$ {command.line}\n{output}\nis not\n{command.shown}"


def by_system(command: Command) -> dict[str, dict[str, str]]:
    """What `make local` passes on to the functions of a system: `<SYSTEM>_MODEL` is its `MODEL`."""
    found: dict[str, dict[str, str]] = {}
    for variable, value in settings(command).items():
        system, _, name = variable.partition("_")
        found.setdefault(system.lower(), {})[name] = value
    return found


def run(command: Command, local: LocalStack) -> str:
    """Its output, against the local run of the tests instead of one at the ports of `make local`."""
    if kind(command) == "sqlite3":
        _, file, statement = shlex.split(command.line)
        assert local.event_store.endswith(f"/{file}")
        with closing(sqlite3.connect(local.event_store.removeprefix("sqlite:///"))) as store:
            return "".join(f"{'|'.join(map(str, row))}\n" for row in store.execute(statement))
    line = command.line.replace("127.0.0.1:3000", urlsplit(local.url).netloc)
    line = line.replace("127.0.0.1:4010", urlsplit(local.sandbox_url).netloc)
    assert line != command.line, f"{command.line} names no address of a local run"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    return ended.stdout


@of_kind("git clone")
def test_a_clone_has_what_the_next_commands_need(command: Command, tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    following = PAGES[README][1]
    line = command.line.replace("<repository-url>", shlex.quote(str(ROOT)))

    subprocess.run(["bash", "-c", f"{line} --quiet && {following.line}"], cwd=tmp_path, check=True)

    assert (tmp_path / following.line.removeprefix("cd ") / "Makefile").is_file()


@of_kind("make local")
def test_make_local_starts_the_local_run(command: Command) -> None:
    """What it prints is compared by tests/deployment/test_local_run.py, which starts one."""
    assert planned(command)[-1] == "PYTHONPATH=functions:layers/shared exec .venv/bin/python -m tools.local"


@of_kind("make deploy")
def test_make_deploy_takes_the_stage(command: Command) -> None:
    stage = command.line.partition("STAGE=")[2]

    assert (ROOT / "stages" / f"{stage}.toml").is_file()
    assert f'tools.deploy "{stage}"' in planned(command)[-1]


def planned(command: Command) -> list[str]:
    """What `make` would run."""
    words = shlex.split(command.line)[len(settings(command)) :]
    make = [*words, "--dry-run", "--no-print-directory"]
    return subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_readme_clones_starts_and_calls_in_this_order() -> None:
    kinds = [kind(command) for command in PAGES[README]]

    assert kinds[:4] == ["git clone", "cd", "make local", "curl"]


def test_every_command_is_run_by_a_test() -> None:
    # tests/docs/test_operator_commands.py is about the last one.
    known = {*CALLS, "git clone", "cd", "make local", "make deploy", "bin/trackgate"}

    assert {kind(command) for _, _, command in ALL} == known


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)", (ROOT / page).read_text())) <= targets
