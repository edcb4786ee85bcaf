"""An upgrade of a stack with users and named apps: what earlier releases knew of them is used as it is."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery.dead_letters import DeadLetter
from gateway.endpoint import Endpoint
from tests.onesignal.apps import CREDENTIALS, ENDPOINTS, IOS, OWN, arrivals, ask, redelivered, stack, user_of
from tests.onesignal.left_behind import Answering, left_behind, session, with_users
from tests.operator.conftest import World, permitted, wide, world
from tests.upgrade.released import RELEASES

__all__ = ["permitted", "wide", "world"]

SAMPLES = [file for release in RELEASES if (file := release.folder / "onesignal.json").exists()]
MINUTE = 60.0


@pytest.fixture(scope="module")
def made() -> list[dict[str, Any]]:
    """What this checkout leaves, once a test has made it."""
    return []


@pytest.fixture(params=[*SAMPLES, None], ids=lambda file: file.parent.name if file else "this")
def left(
    request: pytest.FixtureRequest, made: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What each release left, and what this checkout would leave; it is a moment later."""
    file: Path | None = request.param
    if file is None and not made:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now)
        made.append(left_behind(request.getfixturevalue("world"), monkeypatch))
    found: dict[str, Any] = json.loads(file.read_text()) if file else made[0]
    later(found, monkeypatch, seconds=1)
    return found


def later(left: dict[str, Any], patch: pytest.MonkeyPatch, *, seconds: float) -> None:
    """It is so long after the samples were made."""
    now = left["made_at"] + seconds
    patch.setattr(time, "time", lambda: now)


def knowing(left: dict[str, Any], what: str) -> Answering:
    """The world with the items that an identity left."""
    items = {item["key"]["S"]: item for item in left["identities"][what]}
    return Answering(secret={"credentials": CREDENTIALS}, items=items)


def with_players(outside: Answering, patch: pytest.MonkeyPatch) -> Endpoint[Any, Any]:
    """A stack whose own app has players: a named one has users by what the secret says of it."""
    return stack("new_session", outside, patch, "players", client_keys="required")


def calls(outside: Answering) -> list[tuple[str, str]]:
    """The requests to OneSignal, look-ups too: the method, and what the path is about."""
    return [(one.method, one.url.split("/")[6]) for one in outside.sent if not one.service]


def test_a_known_player_is_not_looked_up_and_the_same_device_not_told_again(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = knowing(left, "known")

    assert with_users(outside, monkeypatch)(session())["statusCode"] == 200

    assert calls(outside) == [("PATCH", "users")]
    assert outside.vendor_requests[0].url.endswith(user_of(OWN))


def test_a_device_that_is_being_told_is_not_told_beside_it(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = knowing(left, "sending")

    assert with_users(outside, monkeypatch)(session())["statusCode"] == 202
    assert calls(outside) == []

    later(left, monkeypatch, seconds=MINUTE)
    assert redelivered(with_users(outside, monkeypatch).system, *outside.queued) == []
    assert calls(outside) == [("PATCH", "subscriptions"), ("PATCH", "users")]


def test_a_player_who_was_missing_just_now_is_not_looked_up_yet(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = knowing(left, "missing")

    assert with_users(outside, monkeypatch)(session())["statusCode"] == 202
    assert calls(outside) == []

    later(left, monkeypatch, seconds=MINUTE)
    redelivered(with_users(outside, monkeypatch).system, *outside.queued)
    assert calls(outside)[0] == ("GET", "subscriptions")


def test_nobody_is_looked_up_while_onesignal_asked_for_a_pause(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = knowing(left, "paused")

    assert with_users(outside, monkeypatch)(session())["statusCode"] == 202
    assert calls(outside) == []

    later(left, monkeypatch, seconds=11 * MINUTE)
    redelivered(with_users(outside, monkeypatch).system, *outside.queued)
    assert calls(outside)[0] == ("GET", "subscriptions")


def test_a_named_apps_messages_and_dead_letters_arrive_at_it(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = left["app"]
    dead = [DeadLetter.loads(text).message for text in app["letters"]]
    assert dead == app["messages"]

    outside = Answering(secret=app["secret"])
    worker = with_players(outside, monkeypatch).system

    assert redelivered(worker, *app["messages"]) == []
    assert arrivals(outside) == [
        (IOS, "either" if name == "track_open" else "users", CREDENTIALS[IOS]) for name in ENDPOINTS
    ]


def test_a_named_apps_key_names_it_and_its_model_is_its_own(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = left["app"]
    outside = Answering(secret=app["secret"])

    assert with_players(outside, monkeypatch)(ask("new_session", app["key"]))["statusCode"] == 200

    assert arrivals(outside) == [(IOS, "users", CREDENTIALS[IOS])]


def test_the_operator_sees_a_named_apps_dead_letters_and_keeps_what_its_secret_holds(
    left: dict[str, Any], world: World
) -> None:
    app = left["app"]
    world.stack.parameters["OneSignalClientKeys"] = "required"  # type: ignore[index]
    document = json.dumps(app["secret"])
    secrets = world.stack.client("secretsmanager")
    secrets.put_secret_value(SecretId=world.stack.secret("onesignal"), SecretString=document)
    for text in app["letters"]:
        world.sqs.send_message(QueueUrl=world.stack.dead_letters("onesignal"), MessageBody=text)

    listed = world.run("deadletters", "list", "--system", "onesignal", "--json", "--limit", "0").stdout
    world.run("keys", "create", "web", "--system", "onesignal", "--allow", "*")

    assert {json.loads(line)["account"] for line in listed.splitlines()} == {IOS}
    found = world.secret("onesignal")
    assert (found["accounts"], found["credentials"]) == (
        app["secret"]["accounts"],
        app["secret"]["credentials"],
    )
    assert found["client_keys"][0] == app["secret"]["client_keys"][0]
