"""`make samples`: writes what this version leaves in a stack, for every later version's tests to read.

Run once per release, before its tag. It is no test, so pytest only runs it when it is named.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gateway import __version__
from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from tests.conftest import ROOT
from tests.operator.conftest import World
from tests.profiles import profiles
from tests.safety.outside import ENDPOINTS, Outside, deploy, sample, success
from tests.upgrade.asking import IDEMPOTENCY_KEY, at_that_time, redeliver, requested, sent_to_queue
from tests.upgrade.released import STAGE
from tests.upgrade.stage_file import stage_file
from tests.upgrade.unsent import BATCHES, HOLDS, MODULES, Unsent, records
from tools.systems.track.migrate import migrate
from track.row import Row
from track.store import open_store

FOLDER = Path(__file__).parent / f"made_by_{__version__.replace('.', '_')}"
MADE_AT = round(time.time(), 3)
DAYS = 86_400.0

DOWN = Reply(status=503, body=b"")
REFUSED = Reply(status=400, body=b'{"errors":["\xff no"]}')
UNANSWERED = Transient("timeout", may_have_arrived=True)
STORES = {"PutRecordBatch"}
"""The calls to AWS that stand for a vendor where a system keeps its own events."""

README = """# What a stack of {version} left behind

Written by the code of version {version} (commit {commit}) with `make samples`, from the sample events in `events/`, with the idempotency key `{key}` on each request. Never edited: a later version must read these files as they are (`tests/upgrade/`).

| file | holds |
|---|---|
| `queued_messages.ndjson` | a message of the queue per line: each endpoint's event while its upstream was down |
| `dead_letters.ndjson` | a message of the dead-letter queue per line: each of those refused by its upstream, or given up where that is a stream; one whose day was over; one that is not a task; one that SQS moved there itself |
| `records.ndjson` | items of the idempotency tables per endpoint, with the response that the app received: `done`, `queued`, and `sending` after a send without an answer (no response) |
| `tombstones.json` | the item that `bin/trackgate forget` wrote for one player |
| `secret.json` | the secret that `bin/trackgate secrets set` and `bin/trackgate keys create` wrote, and the two keys |
| `rows.sql` | *track*'s SQLite database with a row per table, from the queued messages |
| `{batches}` | a message of the queue per line: each door's, from a batch of one item |
| `{holds}` | a system per line: the item that `bin/trackgate hold` wrote, the same while it was resuming, and what each call left that was queued meanwhile |
| `{stage}` | a stage's file with every setting, another value than the default where a setting has a few |
| `<system>.json` | what a system leaves beyond that: OneSignal's look-ups of players, and a named app's secret, messages and dead letters |
"""  # noqa: E501 - a page of Markdown has a line per paragraph


@pytest.fixture(scope="module", autouse=True)
def folder() -> Path:
    if FOLDER.exists():
        pytest.exit(f"{FOLDER.name} is there: a release's samples are made once, and never again", 1)
    FOLDER.mkdir()
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    page = README.format(
        version=__version__,
        commit=told.stdout.strip(),
        key=IDEMPOTENCY_KEY,
        batches=BATCHES,
        holds=HOLDS,
        stage=STAGE,
    )
    (FOLDER / "README.md").write_text(page)
    return FOLDER


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its only element is the time; the client is always the same."""
    now = [MADE_AT]
    at_that_time(MADE_AT, monkeypatch)
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def written(name: str, lines: list[Any]) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (FOLDER / name).write_text("".join(f"{text}\n" for text in texts))


def indented(name: str, value: Any) -> None:
    (FOLDER / name).write_text(json.dumps(value, indent=1) + "\n")


def test_messages_dead_letters_and_records(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], tmp_path: Path
) -> None:
    messages, letters, found = [], [], []
    for module in MODULES:
        for outside, answered in (
            (Outside(vendor=DOWN, down=STORES), True),
            (Outside(vendor=success(module)), True),
            (Outside(vendor=UNANSWERED, down={"SendMessage", *STORES}), False),
        ):
            response = deploy(module, outside, monkeypatch)(requested(module))
            queued = sent_to_queue(outside) if answered else []
            messages += queued
            found += [
                {"endpoint": module, "item": item, "response": response if answered else None}
                for item in records(outside)
                if answered is (item["state"]["S"] != "sending")
            ]
            letters += [refused(module, message, monkeypatch, clock) for message in queued]
    letters.append(dead(MODULES[0], messages[0], monkeypatch, clock, days=2))
    letters.append(dead(MODULES[0], "not a task", monkeypatch, clock))
    letters.append(messages[1])
    written("queued_messages.ndjson", messages)
    written("dead_letters.ndjson", letters)
    written("records.ndjson", found)
    rows(messages, tmp_path / "track.db")


def refused(module: str, message: str, patch: pytest.MonkeyPatch, clock: list[float]) -> str:
    """The letter of a message that the upstream refuses; a stream refuses none, but may be down for long."""
    own = ENDPOINTS[module].profile.store is not None
    return dead(module, message, patch, clock, days=2 * own, vendor=DOWN if own else REFUSED)


def dead(
    module: str,
    message: str,
    patch: pytest.MonkeyPatch,
    clock: list[float],
    *,
    days: int = 0,
    vendor: Reply = DOWN,
) -> str:
    """What a worker puts among the dead letters, so many days after the message was queued."""
    outside = Outside(vendor=vendor, down=STORES)
    system = deploy(module, outside, patch).system
    clock[0] = MADE_AT + days * DAYS
    redeliver(system, message, receives=412 if days else 3, sent_at=MADE_AT)
    clock[0] = MADE_AT
    (letter,) = sent_to_queue(outside)
    return letter


def rows(messages: list[str], file: Path) -> None:
    migrate(f"sqlite:///{file}")
    own = [message for message in messages if json.loads(message)["system"] == "track"]
    with closing(open_store(f"sqlite:///{file}")) as store:
        for message in own:
            store.send(DeliveryTask.loads(message, Row.of))
    with closing(sqlite3.connect(file)) as connection:
        written("rows.sql", list(connection.iterdump()))


def test_a_tombstone_and_a_secret(world: World) -> None:
    world.run("forget", "--system", "onesignal", "--user", PLAYER, "--yes")
    table = world.stack.records("onesignal")
    indented("tombstones.json", world.stack.client("dynamodb").scan(TableName=table)["Items"])
    keys = {}
    for account, credential in (("*", "credential-of-all"), ("123", "credential-of-123")):
        words = ("--system", "mytracker", "--account", account)
        world.run("secrets", "set", *words, text=credential)
    for name, further in (("ios", ()), ("android", ("--allow", "45", "--expires", "90d"))):
        words = ("--system", "mytracker", "--allow", "123", *further)
        keys[name] = world.run("keys", "create", name, *words).stdout.strip()
    indented("secret.json", {"document": world.secret("mytracker"), "keys": keys})


@pytest.mark.usefixtures("clock")
def test_what_was_queued_unsent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Unsent.made(world, monkeypatch, MADE_AT).write(FOLDER)


def test_what_single_systems_leave(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in profiles():
        if (ROOT / "tests" / name / "left_behind.py").is_file():
            own = import_module(f"tests.{name}.left_behind")
            indented(f"{name}.json", own.left_behind(world, monkeypatch))


def test_a_stages_file() -> None:
    (FOLDER / STAGE).write_text(stage_file())


PLAYER = json.loads(sample("onesignal.new_session")["body"])["player_id"]
"""The player of the sample event."""
