"""The id that an operator types is the one that is kept, however the app wrote it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery import erasure
from gateway.delivery.erasure import Forgotten
from tests.operator.conftest import World
from tests.operator.test_erasure import ADA, MakeTask, asked, line, remember, remembered, row
from tools.operator.erasure.subject import subject, subject_fields
from tools.systems.track.erased_objects import is_about
from track.store import open_store


@pytest.mark.parametrize("typed", [ADA, ADA.upper(), ADA.title()])
@pytest.mark.parametrize("sent", [ADA, ADA.upper()])
def test_a_uuid_is_one_whatever_its_case(world: World, make_task: MakeTask, typed: str, sent: str) -> None:
    world.dead_letter(make_task(player=sent))
    remember(world, "theirs", json.dumps({"id": sent}).encode(), "onesignal")
    unreadable = world.dead_letter(f"not a task of {sent}")

    said = world.run("forget", "--system", "onesignal", "--user", typed, "--yes").output

    assert (world.dead(), remembered(world, "onesignal")) == ([unreadable], set())
    assert "cannot be parsed" in said
    read = Forgotten("onesignal", subject_fields("onesignal"), asked(world))
    assert read.spare(make_task(player=sent, age=5)) is None
    # A worker of 0.1.0 compares what stands there letter by letter.
    assert erasure.mark("onesignal", typed) in read.asked


def test_what_is_no_uuid_keeps_its_case(world: World, make_task: MakeTask) -> None:
    others = world.dead_letter(make_task(player="Ada"))

    world.run("forget", "--system", "onesignal", "--user", "ada", "--yes")

    assert world.dead() == [others]


def stored(make_task: MakeTask, tmp_path: Path, world: World) -> Path:
    """A store with rows of profiles at the edges, and of sessions that look like profiles."""
    database = tmp_path / "track.db"
    world.stack.parameters["EventStore"] = f"sqlite:///{database}"  # type: ignore[index]
    store = open_store(f"sqlite:///{database}")
    session = {"Region": "BR", "RemoteIP": "::1", "SessionType": "a", "ProfileID": 0}
    user = {"Region": "BR"}
    store.send_many(
        [row(make_task, "UserEvent", ProfileID=profile, **user) for profile in (-(2**31), 7, 6, 2**31 - 1)]
        + [row(make_task, "SessionEvent", SessionID=id, **session) for id in ("007", "7", "+6", "000", "É")]
    )
    store.close()
    return database


@pytest.mark.parametrize(
    ("typed", "profiles", "sessions"),
    [
        ("-2147483648", {-(2**31)}, set()),
        ("2147483647", {2**31 - 1}, set()),
        ("007", {7}, {"007"}),
        ("+6", {6}, {"+6"}),
        ("+0007", {7}, set()),
        ("7", {7}, {"7"}),
        ("000", set(), {"000"}),
        ("É", set(), {"É"}),
        ("2147483648", set(), set()),
        ("\u0667", set(), set()),
    ],
)
def test_an_id_is_found_as_it_is_stored(
    world: World,
    make_task: MakeTask,
    tmp_path: Path,
    typed: str,
    profiles: set[int],
    sessions: set[str],
) -> None:
    path = stored(make_task, tmp_path, world)

    def left(query: str) -> set[Any]:
        with closing(sqlite3.connect(path)) as database:
            return {value for (value,) in database.execute(query)}

    before = left("SELECT ProfileID FROM UserEvent"), left("SELECT SessionID FROM SessionEvent")
    said = world.run("forget", "--system", "track", f"--user={typed}", "--yes", "--json").stdout
    after = left("SELECT ProfileID FROM UserEvent"), left("SELECT SessionID FROM SessionEvent")

    assert (before[0] - after[0], before[1] - after[1]) == (profiles, sessions)
    removed = json.loads(said)["removed"]
    assert (removed["rows_of_UserEvent"], removed["rows_of_SessionEvent"]) == (len(profiles), len(sessions))
    assert (removed["rows_of_ItemEvent"], removed["rows_of_PurchaseEvent"]) == (0, 0)


def test_a_profile_is_found_in_queue_and_letters_as_it_is_stored(world: World, make_task: MakeTask) -> None:
    world.stack.parameters["EventStore"] = "sqlite:///:memory:"  # type: ignore[index]
    theirs = row(make_task, "UserEvent", ProfileID=7, Region="BR")
    world.dead_letter(theirs)

    world.run("forget", "--system", "track", "--user", "+007", "--yes")

    assert world.dead("track") == []
    assert Forgotten("track", subject_fields("track"), asked(world, "track")).spare(theirs) is None


def test_what_was_looked_for_and_that_nothing_was_found_is_said(
    world: World, make_task: MakeTask, tmp_path: Path
) -> None:
    stored(make_task, tmp_path, world)

    found = world.run("forget", "--system", "track", "--user", "007", "--yes")
    nothing = world.run("forget", "--system", "track", "--user", "4711", "--yes")

    assert "Searched for ProfileID 7 and SessionID 007." in found.stderr
    assert "Nothing was found for this id" not in found.stderr
    assert "rows of UserEvent 0" in " ".join(nothing.stdout.split())
    assert "Nothing was found for this id" in nothing.stderr


@pytest.mark.parametrize("typed", ["x" * 33, "0" * 33, "-" + "9" * 32])
def test_what_can_be_no_id_is_refused(world: World, typed: str) -> None:
    said = world.run("forget", "--system", "track", f"--user={typed}", "--yes", code=1).output

    assert "is not an id of track" in said
    assert world.stack.client("dynamodb").scan(TableName=world.stack.records("track"))["Items"] == []


def test_a_line_of_json_is_one_system(world: World, make_task: MakeTask) -> None:
    world.dead_letter(make_task(player=ADA))

    options = ["--system", "onesignal", "--system", "mytracker", "--user", ADA, "--json"]
    lines = world.run("forget", *options, "--yes").stdout.splitlines()
    dry = world.run("forget", *options, "--dry-run").stdout.splitlines()

    first, second = map(json.loads, lines)
    assert list(first) == ["system", "ids", "dry_run", "removed", "left"]
    assert first["removed"] == {"tombstones": 1, "dead_letters": 1, "records": 0, "answers": 0}
    assert (second["system"], second["removed"]["dead_letters"]) == ("mytracker", 0)
    assert [json.loads(each)["dry_run"] for each in dry] == [True, True]


@pytest.mark.parametrize("typed", ["-2147483648", "-02147483648"])
def test_a_line_names_a_profile_by_its_number(typed: str) -> None:
    assert is_about(line(-(2**31)), subject("track", typed))
