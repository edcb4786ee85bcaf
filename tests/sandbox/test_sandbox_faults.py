"""Each fault on a raw socket: the bytes that come, when, how the connection ends, and what was done."""

import json
import socket
import time
from collections.abc import Callable

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.sandbox.ledger import KEPT_ANSWER

type Dial = Callable[[], socket.socket]

BODY = b'{"app_id":"local-onesignal-app","state":"ping","active_time":60}'
PATH = "/onesignal/players/fe3bcc9f-3289-4651-ad15-3b995718badd/on_focus"
PING = (
    f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"success": true}'


def exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size and (block := connection.recv(size - len(received))):
        received += block
    return received


def to_the_end(connection: socket.socket) -> bytes:
    received = b""
    while block := connection.recv(65536):
        received += block
    return received


def taken(sandbox: Sandbox) -> int:
    effects = sandbox.counts()["systems"]["onesignal"]["effects"]
    return int(effects["on_focus"]["taken"]) if effects else 0


def test_without_a_fault_the_connection_is_kept(dial: Dial) -> None:
    connection = dial()

    connection.sendall(PING + PING)

    assert exactly(connection, len(OK)) == OK
    assert exactly(connection, len(OK)) == OK


def test_status_with_headers_and_body(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("status", status=429, headers={"Retry-After": "7"}, body={"a": 1})
    connection = dial()

    connection.sendall(PING)

    expected = (
        b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 7\r\n"
        b'Content-Length: 8\r\n\r\n{"a": 1}'
    )
    assert exactly(connection, len(expected)) == expected
    assert taken(sandbox) == 0


def test_status_200_is_an_error_in_a_success(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("status", status=200)

    assert send("POST", PATH, BODY)[:2] == (200, {"errors": ["Bad request"]})
    assert send("POST", "/mytracker/v1/login/")[:2] == (200, {"error": "Bad Request"})
    assert taken(sandbox) == 0


def test_status_speaks_the_vendors_own_words(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("status", system="onesignal", status=429, next=1)
    sandbox.fault("status", system="trax")

    limited = send("POST", PATH, BODY)
    failed = send("PUT", "/trax/api/v4/p/sessions/u")

    assert limited[:2] == (429, {"errors": ["API rate limit exceeded"], "limit": "App ID"})
    assert failed[:2] == (503, {"description": "Trax Internal Error"})


def test_delay_answers_late_and_takes_effect(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("delay", seconds=0.3)
    connection = dial()
    start = time.monotonic()

    connection.sendall(PING)

    assert exactly(connection, len(OK)) == OK
    assert time.monotonic() - start >= 0.3
    assert taken(sandbox) == 1


def test_hang_answers_nothing_and_then_ends(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("hang", seconds=0.3)
    connection = dial()
    start = time.monotonic()

    connection.sendall(PING)

    assert to_the_end(connection) == b""
    assert time.monotonic() - start >= 0.3
    assert [(entry.status, entry.verdict) for entry in sandbox.ledger()] == [(None, None)]


@pytest.mark.parametrize(("fault", "effects"), [("reset", 0), ("accept-then-reset", 1)])
def test_resets(sandbox: Sandbox, dial: Dial, fault: str, effects: int) -> None:
    sandbox.fault(fault)
    connection = dial()

    connection.sendall(PING)

    with pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert taken(sandbox) == effects
    assert [(entry.status, entry.fault, entry.content) for entry in sandbox.ledger()] == [(None, fault, BODY)]


def test_truncated_body_promises_more_than_it_sends(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("truncated-body")
    connection = dial()

    connection.sendall(PING)

    assert to_the_end(connection) == OK[: len(OK) - 9]
    assert taken(sandbox) == 1


def test_drip_sends_a_byte_a_time(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("drip", seconds=0.002)
    connection = dial()
    start = time.monotonic()

    connection.sendall(PING)

    assert connection.recv(1) == b"H"
    assert b"H" + exactly(connection, len(OK) - 1) == OK
    assert time.monotonic() - start >= 0.002 * (len(OK) - 1)


def test_huge_is_as_long_as_it_says(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("huge", size=1_000_000)
    connection = dial()

    connection.sendall(PING.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    head, _, body = to_the_end(connection).partition(b"\r\n\r\n")

    assert b"Content-Length: 1000000" in head
    assert len(body) == 1_000_000
    assert json.loads(body)["success"] is True
    (entry,) = sandbox.ledger()
    assert entry.answer is not None
    assert (entry.answer.size, entry.answer.content) == (1_000_000, body[:KEPT_ANSWER])


@pytest.mark.parametrize("size", [0, 32, 33, KEPT_ANSWER - 1, KEPT_ANSWER, KEPT_ANSWER + 1, KEPT_ANSWER + 3])
def test_huge_of_any_size_is_whole(sandbox: Sandbox, dial: Dial, size: int) -> None:
    sandbox.fault("huge", size=size)
    connection = dial()

    connection.sendall(PING.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    head, _, body = to_the_end(connection).partition(b"\r\n\r\n")

    assert f"Content-Length: {len(body)}".encode() in head
    assert len(body) == max(size, len('{"success": true, "padding": ""}'))
    assert json.loads(body)["success"] is True


def test_huge_keeps_the_rule_of_a_status_without_a_body(sandbox: Sandbox, dial: Dial) -> None:
    sandbox.fault("huge", status=204, next=1)
    connection = dial()

    connection.sendall(PING)
    connection.sendall(PING.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert b"padding" not in to_the_end(connection)


@pytest.mark.parametrize(
    ("fault", "status", "kind", "body"),
    [
        ("malformed-json", 200, "application/json", b'{"success": tru'),
        ("empty", 200, "application/json", b""),
        ("success-false", 200, "application/json", {"success": False}),
    ],
)
def test_answers_that_look_right(
    sandbox: Sandbox, dial: Dial, fault: str, status: int, kind: str, body: object
) -> None:
    sandbox.fault(fault)
    connection = dial()

    connection.sendall(PING.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    head, _, content = to_the_end(connection).partition(b"\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Type: {kind}".encode() in head
    assert (content if isinstance(body, bytes) else json.loads(content)) == body
    assert taken(sandbox) == 0


def test_html_and_redirect(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("html", status=502, next=1)
    sandbox.fault("redirect", next=1)

    page = send("POST", PATH, BODY)
    moved = send("POST", PATH, BODY)

    assert (page[0], page[2]["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert page[1].startswith(b"<!doctype html>")
    assert (moved[0], moved[2]["Location"]) == (302, "/onesignal/redirected")


def test_taken_can_be_told_apart(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("status", status=504, taken=True)

    assert send("POST", PATH, BODY)[0] == 504
    assert taken(sandbox) == 1


def test_a_late_answer_that_was_not_taken_is_a_503(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("delay", seconds=0, taken=False)

    assert send("POST", PATH, BODY)[0] == 503
    assert taken(sandbox) == 0


def test_a_rule_meets_what_it_names_as_often_as_it_says(sandbox: Sandbox, send: Send) -> None:
    other = PATH.replace("fe3bcc9f", "aaaaaaaa")
    sandbox.fault("status", system="onesignal", path="^/players/fe3b", next=2)

    statuses = [send("POST", path, BODY)[0] for path in (other, PATH, PATH, PATH)]

    assert statuses == [200, 503, 503, 200]
    assert [(rule["path"], rule["fired"]) for rule in sandbox.faults()] == [("^/players/fe3b", 2)]


def test_a_share_meets_the_same_requests_for_the_same_seed(sandbox: Sandbox, send: Send) -> None:
    runs = []
    for _ in range(2):
        number = sandbox.fault("status", share=0.5, seed=7)
        runs.append([send("POST", PATH, BODY)[0] for _ in range(20)])
        sandbox.clear_faults(number)

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "explode"},
        {"fault": "status", "path": "("},
        {"fault": "status", "statsu": 503},
        {"fault": "status", "status": True},
        {"fault": "status", "status": 99},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(sandbox: Sandbox, rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="`"):
        sandbox.fault(**rule)  # type: ignore[arg-type]
    assert sandbox.faults() == []
