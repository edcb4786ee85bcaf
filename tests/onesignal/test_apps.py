"""Several apps in one stack: an event goes to the app that its client key names, and to no other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, cycle, product
from typing import Any

import pytest

from gateway.delivery.dead_letters import DeadLetter
from gateway.endpoint import Endpoint
from tests.onesignal.apps import (
    ANDROID,
    APPS,
    CREDENTIALS,
    ENDPOINTS,
    IOS,
    KEYS,
    NAMED,
    OWN,
    OneSignal,
    apps_of,
    arrivals,
    ask,
    credential_of,
    model_of,
    redelivered,
    stack,
    user_of,
)


def secrets() -> Iterator[dict[str, Any]]:
    """Secrets that lack some of the credentials, or whose settings of an app are absent, good or broken."""
    settings: list[Any] = [
        {},
        {IOS: {"model": "users"}, ANDROID: {"model": "players"}},
        {IOS: {"model": "players"}, ANDROID: {"model": "users"}, "*": {"model": "users"}},
        {IOS: {"model": "nonsense"}, ANDROID: ["users"]},
        ["users"],
    ]
    for present, accounts in product([(), *combinations(CREDENTIALS, 1), tuple(CREDENTIALS)], settings):
        yield {"credentials": {name: CREDENTIALS[name] for name in present}, "accounts": accounts}


def wanted(client: str | None, keys: str) -> str | None:
    """The app that an event goes to; None where the client is refused."""
    if keys == "off" or client not in NAMED:
        return None if keys == "required" else OWN
    return NAMED[client]


def model_in(secret: Mapping[str, Any], app: str, ours: str) -> str | None:
    """The model of an app; None where the secret does not tell."""
    if app == OWN:
        return ours
    try:
        found = secret["accounts"].get(app, {}).get("model", ours)
    except AttributeError:
        return None
    return found if found in ("players", "users") else None


@pytest.mark.parametrize("ours", ["players", "users"])
@pytest.mark.parametrize("keys", ["off", "report", "required"])
def test_an_event_goes_to_its_app_by_that_apps_credential_and_model_or_nowhere(
    monkeypatch: pytest.MonkeyPatch, keys: str, ours: str
) -> None:
    """In every combination of secret, client key and settings, sent at once and from the queue."""
    sent_to: set[str] = set()
    turns = cycle([*ENDPOINTS, "new_session"])  # five, so that each endpoint meets each client and path
    clients = [None, "ios"] if keys == "off" else [None, *KEYS]
    for secret, client, path in product(secrets(), clients, ["at once", "from the queue"]):
        outside = OneSignal(secret=secret)
        endpoint, delivery = next(turns), "queued" if path == "from the queue" else "direct"
        handler = stack(endpoint, outside, monkeypatch, ours, client_keys=keys, delivery=delivery)

        answer = handler(ask(endpoint, client))
        tasks = [json.loads(message) for message in outside.queued]
        staying = redelivered(handler.system, *outside.queued)

        app, case = wanted(client, keys), (secret, client, path, endpoint)
        if app is None:
            assert (answer["statusCode"], outside.vendor_requests, tasks) == (403, [], []), case
            continue
        assert answer["statusCode"] in (200, 202), case
        assert {task["payload"]["account"] for task in tasks} <= {"" if app == OWN else app}, case
        assert {task["version"] for task in tasks} <= {1 if app == OWN else 2}, case
        own = secret["credentials"].get("*" if app == OWN else app)
        for sent in outside.vendor_requests:
            assert apps_of(sent) == {app}, case
            assert credential_of(sent) in {own, None}, case
            assert model_of(sent) in {"either", model_in(secret, app, ours)}, case
        broken = endpoint != "track_open" and model_in(secret, app, ours) is None
        if app != OWN and (own is None or broken):
            assert (outside.vendor_requests, answer["statusCode"]) == ([], 202), case
            assert (staying, outside.dead) == ([0], []), case
        sent_to |= {app} if outside.vendor_requests else set()
    assert sent_to == ({OWN} if keys == "off" else set(APPS))


@pytest.fixture
def onesignal() -> OneSignal:
    """Every app has its credential; iOS has users, Android has players, as the stack has by default."""
    return OneSignal(secret={"credentials": CREDENTIALS, "accounts": {IOS: {"model": "users"}}})


@pytest.fixture
def deployed(onesignal: OneSignal, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Endpoint[Any, Any]]:
    """An endpoint by its name, asked with client keys."""
    return lambda endpoint: stack(endpoint, onesignal, monkeypatch, client_keys="required")


TO_IOS = (IOS, "users", "key-of-ios")
TO_ANDROID = (ANDROID, "players", None)
TO_OWN = (OWN, "players", None)


def test_apps_of_two_models_share_one_stack(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    handler = deployed("increment_session_length")

    for client in ("ios", "own", "android", "ios"):
        assert handler(ask("increment_session_length", client))["statusCode"] == 200

    assert arrivals(onesignal) == [TO_IOS, TO_OWN, TO_ANDROID, TO_IOS]


def test_track_open_is_signed_by_its_own_app_under_either_model(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    handler = deployed("track_open")

    for client in ("ios", "own", "android"):
        assert handler(ask("track_open", client))["statusCode"] == 200

    signed = [(IOS, "key-of-ios"), (OWN, "key-of-our-own"), (ANDROID, "key-of-android")]
    assert arrivals(onesignal) == [(app, "either", key) for app, key in signed]


def test_the_same_idempotency_key_of_two_apps_is_two_requests(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    handler = deployed("increment_session_length")

    def outcome(client: str) -> tuple[int, bool]:
        answer = handler(ask("increment_session_length", client, idempotency_key="order-17"))
        return answer["statusCode"], "Idempotency-Replayed" in answer["headers"]

    assert [outcome(client) for client in ("ios", "android", "own")] == [(200, False)] * 3
    assert [outcome(client) for client in ("own", "android", "ios")] == [(200, True)] * 3
    assert arrivals(onesignal) == [TO_IOS, TO_ANDROID, TO_OWN]


def test_a_player_of_one_app_is_looked_up_for_no_other(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    onesignal.secret["accounts"] = {IOS: {"model": "users"}, ANDROID: {"model": "users"}}
    for _ in range(2):  # the second function finds in the table what the first one looked up
        handler = deployed("increment_session_length")
        for client in ("ios", "android", "android", "ios"):
            assert handler(ask("increment_session_length", client))["statusCode"] == 200

    lookups = [sent for sent in onesignal.vendor_requests if sent.method == "GET"]
    assert [apps_of(sent) for sent in lookups] == [{IOS}, {ANDROID}]
    updates = [sent for sent in onesignal.vendor_requests if sent.method == "PATCH"]
    assert len(updates) == 8
    for sent in updates:
        (app,) = apps_of(sent)
        assert sent.url.endswith(f"/users/by/onesignal_id/{user_of(app)}")


def test_one_app_that_fails_takes_no_other_along(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    handler = deployed("increment_session_length")
    onesignal.away = {IOS}
    for _ in range(6):
        assert handler(ask("increment_session_length", "ios"))["statusCode"] == 202
    tried = len(onesignal.vendor_requests)

    assert handler(ask("increment_session_length", "ios"))["statusCode"] == 202
    assert len(onesignal.vendor_requests) == tried, "its circuit breaker is open"
    for client in ("android", "own"):
        assert handler(ask("increment_session_length", client))["statusCode"] == 200

    assert redelivered(handler.system, *onesignal.queued) == list(range(7))
    assert {app for app, *_ in arrivals(onesignal)} <= {IOS, ANDROID, OWN}


def test_what_waits_is_delivered_to_its_own_app(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    handler = deployed("increment_session_length")
    onesignal.away = {IOS, ANDROID, OWN}
    for client in ("ios", "android", "own"):
        assert handler(ask("increment_session_length", client))["statusCode"] == 202
    onesignal.away = set()
    onesignal.sent.clear()
    worker = deployed("increment_session_length").system

    assert redelivered(worker, *onesignal.queued) == []
    assert arrivals(onesignal) == [TO_IOS, TO_ANDROID, TO_OWN]
    assert redelivered(worker, *onesignal.queued) == []
    assert len(arrivals(onesignal)) == 3, "a second copy is not sent"


def test_events_of_an_app_without_a_credential_wait_and_are_given_up_as_its_own(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    del onesignal.secret["accounts"], onesignal.secret["credentials"]
    onesignal.secret["credentials"] = {"*": "key-of-our-own", ANDROID: "key-of-android"}
    handler = deployed("new_purchase")

    answer = handler(ask("new_purchase", "ios"))
    (message,) = onesignal.queued
    assert (answer["statusCode"], redelivered(handler.system, message)) == (202, [0])
    assert (arrivals(onesignal), onesignal.dead) == ([], [])

    later = time.time() + 14 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert redelivered(deployed("new_purchase").system, message, sent_at=later - 13.5 * 86_400) == []
    (letter,) = map(DeadLetter.loads, onesignal.dead)
    assert (letter.message, letter.task and letter.task.payload.account) == (message, IOS)

    onesignal.secret["credentials"][IOS] = "new-key-of-ios"
    assert redelivered(deployed("new_purchase").system, letter.message) == []
    assert arrivals(onesignal) == [(IOS, "players", None)]


def test_a_refused_event_is_redriven_to_its_own_app(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    onesignal.away = {IOS}
    deployed("track_open")(ask("track_open", "ios"))
    onesignal.away, onesignal.refusing = set(), True
    assert redelivered(deployed("track_open").system, *onesignal.queued) == []
    onesignal.refusing = False
    onesignal.sent.clear()

    (letter,) = map(DeadLetter.loads, onesignal.dead)
    assert redelivered(deployed("track_open").system, letter.message) == []
    assert arrivals(onesignal) == [(IOS, "either", "key-of-ios")]


def test_a_task_of_a_named_app_is_one_that_0_2_0_leaves_alone(
    onesignal: OneSignal, deployed: Callable[[str], Endpoint[Any, Any]]
) -> None:
    """0.2.0 reads tasks of version 1, and would send this one to the stack's own app."""
    onesignal.away = set(APPS)
    for client in ("ios", "own"):
        deployed("new_session")(ask("new_session", client))

    assert [json.loads(message)["version"] for message in onesignal.queued] == [2, 1]
