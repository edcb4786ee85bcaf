"""Client keys: shown once, kept as hashes, in force where and as long as they were said to be."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

import pytest

from gateway.core.errors import ClientKeyNotAllowed, ClientKeyRefused
from gateway.inbound import client_keys
from gateway.outbound.secrets import SystemSecret
from tests.operator.conftest import World
from tools.errors import CommandError
from tools.operator import accounts
from tools.operator.client_keys import entries
from tools.operator.client_keys.entries import NewKey
from tools.operator.secret import Document


def create(world: World, *options: str) -> str:
    said = world.run("keys", "create", "ios", "--system", "mytracker", *options or ("--allow", "123"))
    return said.stdout.strip()


def admits(world: World, key: str, resource: str = "123", *, system: str = "mytracker") -> bool:
    """What a function says that reads the secret as it is now."""

    class Read(SystemSecret):
        def client_keys(self, *, look_again: bool = False) -> list[Any]:
            return list(world.secret(system)["client_keys"])

    try:
        client_keys.admit([key], resource, Read("x"))
    except (ClientKeyRefused, ClientKeyNotAllowed):
        return False
    return True


def test_a_key_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    key = create(world)

    assert re.fullmatch(r"tg_[0-9a-f]{10}_[0-9a-f]{64}", key)
    secret = json.dumps(world.secret("mytracker"))
    assert key.split("_")[2] not in secret
    assert hashlib.sha256(key.encode()).hexdigest() in secret
    assert key.split("_")[2] not in world.run("keys", "list").output
    assert "ios" in world.run("keys", "list").output


def test_a_key_is_good_where_and_for_what_it_was_made(world: World) -> None:
    key = create(world, "--system", "track", "--allow", "123", "--allow", "45")

    assert admits(world, key)
    assert admits(world, key, "45")
    assert admits(world, key, "", system="track")
    assert not admits(world, key, "6")
    assert not admits(world, key, "", system="onesignal")
    assert not admits(world, f"{key[:-1]}{'1' if key[-1] == '0' else '0'}")


def test_a_key_ends_when_it_was_said_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    key = create(world, "--allow", "*", "--expires", "2h")
    assert admits(world, key)

    later = time.time() + 7201
    monkeypatch.setattr(time, "time", lambda: later)

    assert not admits(world, key)
    assert "over" in world.run("keys", "list").output


def test_both_keys_of_a_rotation_are_good_until_its_grace_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = create(world, "--system", "track", "--allow", "123")
    new = world.run("keys", "rotate", old.split("_")[1], "--grace", "1h").stdout.strip()

    assert [admits(world, key, system=system) for key in (old, new) for system in ("mytracker", "track")] == [
        True
    ] * 4
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert not admits(world, old)
    assert admits(world, new)


def test_a_new_key_lives_as_long_as_the_old_one() -> None:
    old, new = NewKey(), NewKey()
    entry = old.entry(name="a", allows=["*"], created=1000, expires=1000 + 365)
    document = entries.with_key({"client_keys": []}, entry)

    rotated = entries.rotated(document, old.id, new, now=1300, grace=10)

    assert [(key["id"], key["expires"]) for key in entries.keys(rotated)] == [
        (old.id, 1310),
        (new.id, 1300 + 365),
    ]
    # A grace never lengthens the old one's life.
    assert entries.found(entries.rotated(document, old.id, new, now=1300, grace=900), old.id) == entry


def test_a_revoked_key_is_gone_and_the_delay_is_said(world: World) -> None:
    key, other = create(world), create(world)

    said = world.run("keys", "revoke", key.split("_")[1]).output

    assert "60 seconds" in said
    assert (admits(world, key), admits(world, other)) == (False, True)


def test_credentials_stay_as_they_are(world: World) -> None:
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret("mytracker"),
        SecretString=json.dumps({"credentials": {"*": "token"}, "client_keys": []}),
    )

    key = create(world)
    world.run("keys", "rotate", key.split("_")[1])
    world.run("keys", "revoke", key.split("_")[1])

    assert world.secret("mytracker")["credentials"] == {"*": "token"}


def test_a_key_that_is_nowhere_is_told(world: World) -> None:
    assert "No system has a key 00" in world.run("keys", "revoke", "00", code=1).output
    assert "No system has a key 00" in world.run("keys", "rotate", "00", code=1).output
    assert (
        "mytracker has no key 00" in world.run("keys", "revoke", "00", "--system", "mytracker", code=1).output
    )


def test_a_key_that_is_revoked_meanwhile_is_not_rotated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = create(world, "--system", "track", "--allow", "123")
    id = old.split("_")[1]
    real = entries.rotated
    calls = 0

    def rotated(document: Document, *args: Any, **given: Any) -> Document:
        nonlocal calls
        calls += 1
        return real(entries.without_key(document, id) if calls == revoked_at else document, *args, **given)

    monkeypatch.setattr(entries, "rotated", rotated)
    before, revoked_at = world.secret("mytracker"), 1
    done = world.run("keys", "rotate", id, code=1)
    assert done.stdout == ""
    assert f"mytracker: Key {id} no longer exists" in done.output
    assert world.secret("mytracker") == before

    calls, revoked_at = 0, 2
    done = world.run("keys", "rotate", id, code=1)
    new = done.stdout.strip()
    assert f"Key {new.split('_')[1]} for mytracker." in done.stderr
    assert f"track: Key {id} no longer exists" in done.stderr
    assert (admits(world, new), admits(world, new, system="track")) == (True, False)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--allow", "123,456"], "--allow 123 --allow 456"),
        (["--allow", ""], "1 to 19 digits"),
        (["--allow", "my-project"], "1 to 19 digits"),
        (["--allow", "123", "--allow", "my-project"], "'my-project' would allow nothing"),
        (["--allow", "1" * 20], "1 to 19 digits"),
    ],
)
def test_a_key_that_could_touch_nothing_is_not_made(world: World, options: list[str], reason: str) -> None:
    said = world.run("keys", "create", "ios", "--system", "mytracker", *options, code=1)

    assert said.stdout == ""
    assert reason in said.output
    assert world.secret("mytracker")["client_keys"] == []


def test_a_key_may_touch_something_of_each_system() -> None:
    assert accounts.checked_for_key(["trax", "mytracker"], ["123", "a", "123"]) == ["123", "a"]
    with pytest.raises(CommandError, match="allow nothing on mytracker"):
        accounts.checked_for_key(["trax", "mytracker"], ["my-project"])


def test_a_key_that_is_made_is_made_though_nobody_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)

    said = world.run("keys", "create", "ios", "--system", "mytracker", "--allow", "123", code=130)

    assert "The key exists" in said.stderr
    assert admits(world, said.stdout.strip())


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "\x1b[2J"])
def test_a_keys_name_is_one_that_a_list_can_show(world: World, name: str) -> None:
    world.run("keys", "create", name, "--system", "mytracker", "--allow", "*", code=1)


def test_a_key_may_be_for_systems_of_which_one_is_not_named(world: World) -> None:
    create(world, "--system", "onesignal", "--allow", "123", "--allow", "123")

    assert world.secret("onesignal")["client_keys"][0]["allows"] == ["123"]
    said = world.run("keys", "create", "ios", "--system", "onesignal", "--allow", "123", code=1).output
    assert "onesignal takes apps (a UUID in lower case) or *" in said


@pytest.mark.parametrize("length", ["0s", "1s", "9s", "-1s", "3651d", "999999999d", "99999999999999999999d"])
def test_a_key_that_would_end_before_it_is_good_or_never_is_not_made(world: World, length: str) -> None:
    options = ["--system", "mytracker", "--allow", "123", "--expires", length]

    assert "--expires" in world.run("keys", "create", "ios", *options, code=2).output
    assert world.secret("mytracker")["client_keys"] == []


@pytest.mark.parametrize("length", ["0s", "1s", "9s", "-1s", "3651d", "999999999d", "7"])
def test_a_grace_in_which_no_key_is_good_is_refused(world: World, length: str) -> None:
    id = create(world).split("_")[1]
    before = world.secret("mytracker")

    assert "--grace" in world.run("keys", "rotate", id, "--grace", length, code=2).output
    assert world.secret("mytracker") == before


def test_a_line_of_json_is_one_key(world: World) -> None:
    create(world, "--system", "track", "--allow", "123", "--expires", "2h")

    (line,) = world.run("keys", "list", "--json").stdout.splitlines()

    read = json.loads(line)
    assert list(read) == ["id", "name", "systems", "allows", "created", "expires", "state"]
    assert (read["systems"], read["allows"], read["state"]) == (["mytracker", "track"], ["123"], "good")
    assert re.fullmatch(r"20..-..-..T..:..:..\+00:00", read["expires"])


def test_keys_that_somebody_wrote_by_hand_are_listed(world: World) -> None:
    entries: list[Any] = [
        {"id": "a", "expires": "2027-01-01", "created": "yesterday", "allows": "all"},
        {"id": "b", "expires": 10**18, "created": -(10**18), "allows": ["*"]},
        {"id": "c", "allows": [1]},
        "d",
    ]
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret("mytracker"), SecretString=json.dumps({"client_keys": entries})
    )

    world.run("keys", "list")
    lines = world.run("keys", "list", "--json").stdout.splitlines()

    assert [(read["id"], read["state"]) for read in map(json.loads, lines)] == [
        ("a", "over"),
        ("b", "good"),
        ("c", "good"),
    ]
    assert "not a number" in world.run("keys", "rotate", "a", code=1).output


def test_a_secret_whose_keys_are_no_list_has_none(world: World) -> None:
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret("mytracker"), SecretString='{"client_keys": 5}'
    )

    assert "No keys." in world.run("keys", "list").output


def test_a_key_needs_a_system_and_what_it_may_touch(world: World) -> None:
    world.run("keys", "create", "ios", "--system", "mytracker", code=2)
    world.run("keys", "create", "ios", "--allow", "*", code=2)
