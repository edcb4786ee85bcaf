"""The shell around an endpoint's function: methods, CORS, sizes, faults, what is logged and counted."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import ClientKeysUnavailable, Setup, TimedOut, Transient
from gateway.core.reply import Reply
from onesignal.new_session import handler
from trax import session

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
DONE = Reply(status=200, body=b'{"success": true}')
SESSION = "onesignal/new_session"


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What the function wrote."""
    return lambda: capsys.readouterr().out


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "", "get"])
def test_other_methods(event: Any, upstream: Any, method: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler({**event(SESSION), "httpMethod": method})

    assert (answer["statusCode"], answer["headers"]["Allow"], tasks) == (405, "POST, OPTIONS", [])
    assert "Gateway-Delivery" not in answer["headers"]
    assert json.loads(answer["body"]) == {"message": "Method not allowed", "response": {}}


@pytest.mark.parametrize(
    "path", ["//onesignal/new-session", "/live/onesignal//new-session/", "/onesignal/new-session//"]
)
def test_an_empty_segment_is_no_path_of_ours(event: Any, upstream: Any, path: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler({**event(SESSION), "path": path})

    assert (answer["statusCode"], tasks) == (404, [])
    assert "Gateway-Delivery" not in answer["headers"]


def test_preflight(event: Any) -> None:
    asked = event(SESSION, method="OPTIONS", headers={"Access-Control-Request-Headers": "content-type, x-a"})

    answer = handler(asked)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert answer["headers"]["Access-Control-Allow-Headers"] == "content-type, x-a"
    assert answer["headers"]["Access-Control-Max-Age"] == "86400"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("origin", "allowed"), [("https://a.example", True), ("https://c.example", False)])
def test_a_list_of_origins(
    event: Any, upstream: Any, monkeypatch: pytest.MonkeyPatch, origin: str, allowed: bool
) -> None:
    origins = "https://a.example, https://b.example"
    monkeypatch.setattr(handler, "system", _set(handler.system, cors_origins=origins))
    upstream.answers(handler, DONE)

    headers = handler(event(SESSION, headers={"Origin": origin}))["headers"]

    assert headers["Vary"] == "Origin"
    assert headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


def test_cors_and_event_id_on_every_answer(event: Any, upstream: Any) -> None:
    upstream.answers(handler, Transient("timeout"))

    for body in ("{", json.dumps({"player_id": "x"}), ...):
        headers = handler(event(SESSION, body=body))["headers"]
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in headers["Access-Control-Expose-Headers"]
        assert len(headers["Gateway-Event-Id"]) == 26


@pytest.mark.parametrize("packed", [False, True])
def test_too_large(event: Any, packed: bool) -> None:
    body = b'{"a":"' + b"x" * (512 * 1024) + b'"}'
    made = event(SESSION, headers={"Content-Encoding": "gzip" if packed else None})
    made |= {
        "body": base64.b64encode(gzip.compress(body) if packed else body).decode(),
        "isBase64Encoded": True,
    }

    answer = handler(made)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (413, "rejected")


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (TimedOut(), 504),
        (Transient("reset"), 502),
        (Transient("status 503"), 502),
        (Setup("no credential"), 502),
    ],
)
def test_what_cannot_be_sent_or_queued(event: Any, upstream: Any, failure: Any, status: int) -> None:
    upstream.answers(handler, failure)

    answer = handler(event(SESSION))

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (status, "unknown")
    assert answer["headers"]["Retry-After"] == "5"
    assert answer["headers"]["Gateway-Error"] == f"upstream: {failure.reason}"


def test_a_fault_of_ours_is_the_dialects_500_and_in_the_log(
    event: Any, out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(given: Any) -> Any:
        raise RuntimeError(" ".join(["of", "player", "17"]))  # a traceback shows its source line

    monkeypatch.setattr(handler, "message", broken)

    answer = handler(event(SESSION))

    written = out()
    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (500, "unknown")
    assert json.loads(answer["body"]) == {"message": "Internal server error", "response": {}}
    assert "RuntimeError" in written
    assert "self.message(" in written, "where it came from"
    assert "of player 17" not in written, "an exception's text may quote what a client sent"
    call = json.loads(written.strip().splitlines()[-1])
    assert (call["error"], call["Fault"]) == ("fault", [1.0])


def test_a_log_line_says_what_became_of_a_call_and_nothing_about_people(
    event: Any, upstream: Any, out: Any
) -> None:
    upstream.answers(handler, DONE)

    handler(event(SESSION, query=[("origin", "secret-query")], headers={"x-api-key": "secret-key"}))

    written = out()
    (line,) = (json.loads(text) for text in written.strip().splitlines())
    assert (line["system"], line["endpoint"], line["resource"]) == (
        "onesignal",
        "new_session",
        "/onesignal/new-session",
    )
    assert (line["status"], line["delivery"]) == (200, "delivered")
    assert (line["Delivered"], line["Accepted"], len(line["UpstreamLatency"])) == ([1.0], [1.0], 1)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["system"]]
    for private in ("fe3bcc9f", "secret", "203.0.113.7", "curl"):
        assert private not in written


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00", "ä", "a\n", ["a", "b"]])
def test_an_idempotency_key_is_printable_ascii_and_one(event: Any, upstream: Any, key: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event(SESSION, headers={"Idempotency-Key": key}))

    assert (answer["statusCode"], tasks) == (400, [])
    assert "Idempotency-Key must be 1 to 255 printable ASCII characters" in answer["body"]


def test_a_key_belongs_to_its_player_and_its_client(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks
    for key, player in (("a", PLAYER), ("a", PLAYER), ("b", PLAYER), ("a", PLAYER.replace("f", "e"))):
        headers = {"Idempotency-Key": key}
        handler(event(SESSION, body={"player_id": player}, headers=headers))
    handler(event(SESSION, body={"player_id": PLAYER}, headers={"Idempotency-Key": None}))

    keys = [task.key for task in tasks]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert tasks[0].fingerprint == tasks[2].fingerprint != tasks[3].fingerprint
    assert tasks[4].fingerprint == tasks[4].key


def test_keys_that_cannot_be_read_let_nobody_in(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(**_: Any) -> Any:
        raise ClientKeysUnavailable

    monkeypatch.setattr(session.handler.system.secret, "client_keys", unreadable)
    monkeypatch.setattr(session.handler, "system", _set(session.handler.system, client_keys="required"))

    answer = session.handler(event("trax/session"))

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (503, "rejected")


def _set(system: Any, **settings: Any) -> Any:
    return replace(system, settings=system.settings.model_copy(update=settings))
