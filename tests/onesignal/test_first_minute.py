"""New players of the users model: OneSignal does not know them yet, and looks up only so many a second."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.fixtures.api import Api, Response
from tests.onesignal.models import MODELS, Sent, events
from tests.until import until
from tools.local.stack import LocalStack
from tools.sandbox.client import Entry

USERS = MODELS["users"]
MISSING_SECONDS = 1.5
EARLY = 0.4
"""Seconds by which a look-up may arrive before its turn: on a busy machine, the first may be slow."""


@pytest.fixture(scope="module")
def users(local: LocalStack) -> Iterator[None]:
    """The users model, at the default rate of look-ups."""
    settings = {**USERS.settings, "LOOKUPS_PER_SECOND": "1"}
    with changed_settings(local, for_systems({"onesignal": settings})):
        yield


@pytest.fixture
def api(users: None, api: Api) -> Api:
    """The API under the users model."""
    del users
    return api


def ping(api: Api, player: str, seconds: int) -> Response:
    body = {"player_id": player, "state": "ping", "active_time": seconds}
    return api.ask("POST", "/onesignal/increment-session-length", body)


def delivered(api: Api, count: int) -> list[Entry]:
    """The events that OneSignal took, once there are so many."""

    def taken() -> list[Entry] | None:
        found = [entry for entry in events(api.upstream_requests("onesignal")) if entry.verdict == "taken"]
        return found if len(found) >= count else None

    return until(taken)


def look_ups(api: Api) -> list[Entry]:
    return [entry for entry in api.upstream_requests("onesignal") if entry.method == "GET"]


def test_a_player_who_is_not_known_yet_is_waited_for(api: Api) -> None:
    player = str(uuid4())
    api.sandbox.change("onesignal", missing_seconds=MISSING_SECONDS)

    data = {"language": "en", "game_version": "1.2"}
    answer = api.ask("POST", "/onesignal/new-session", {"player_id": player, "sessionData": data})

    assert (answer.status, answer.headers["gateway-delivery"]) == (202, "queued")
    device, session = delivered(api, 2)
    *missing, known = look_ups(api)
    assert {entry.status for entry in missing} == {404}
    assert (known.status, known.at >= missing[0].at + MISSING_SECONDS - EARLY) == (200, True)
    assert device.json() == {"subscription": {"app_version": "1.2"}}
    assert session.json() == {"properties": {"language": "en"}, "deltas": {"session_count": 1}}
    assert known.number < device.number < session.number


def test_look_ups_wait_for_their_turn_and_each_player_is_looked_up_once(api: Api) -> None:
    players = [str(uuid4()) for _ in range(4)]

    answers = [ping(api, player, 60) for player in players]

    assert {answer.status for answer in answers} <= {200, 202}
    assert 202 in {answer.status for answer in answers}
    received = [Sent.of(entry) for entry in delivered(api, len(players))]
    wanted = [USERS.length(player, 60) for player in players]
    assert sorted(map(str, received)) == sorted(map(str, wanted))
    asked = look_ups(api)
    assert len({entry.path for entry in asked}) == len(asked) == len(players)
    assert asked[-1].at - asked[0].at >= len(players) - 1 - EARLY


def test_what_is_over_a_users_limit_is_delivered_later(api: Api) -> None:
    player = str(uuid4())
    api.sandbox.change("onesignal", limited=["users"], updates_per_user=0.4)

    answers = [ping(api, player, seconds) for seconds in (1, 2)]

    assert {answer.status for answer in answers} <= {200, 202}
    received = [Sent.of(entry) for entry in delivered(api, 2)]
    assert sorted(map(str, received)) == [str(USERS.length(player, seconds)) for seconds in (1, 2)]
    assert 429 in {entry.status for entry in events(api.upstream_requests("onesignal"))}
