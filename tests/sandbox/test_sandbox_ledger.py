"""The ledger keeps what was on the wire, and counts find what was lost or doubled."""

import json
import os
import socket
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.fixtures.sandbox import Send
from tests.sandbox.test_sandbox_faults import BODY, PATH, Dial
from tests.until import SECONDS
from tools.sandbox.client import Sandbox
from tools.sandbox.counts import Counts
from tools.sandbox.ledger import KEPT_ANSWER, Ledger, digest
from tools.sandbox.running import running_sandbox
from tools.systems.vendor import Effect


def test_an_entry_holds_the_request_as_it_came(sandbox: Sandbox, dial: Dial) -> None:
    connection = dial()

    connection.sendall(
        b"POST /trax/a%2Fb?x=1&x=%20 HTTP/1.1\r\nHost: localhost\r\nX-Twice: 1\r\nx-twice: 2\r\n"
        b"Content-Length: 2\r\n\r\n\xff\x00"
    )
    connection.recv(1)

    (entry,) = sandbox.ledger("trax")
    assert (entry.method, entry.target) == ("POST", "/trax/a%2Fb?x=1&x=%20")
    assert (entry.path, entry.query) == ("/a%2Fb", "x=1&x=%20")
    assert entry.headers[1:3] == (("X-Twice", "1"), ("x-twice", "2"))
    assert (entry.content, entry.status, entry.fault) == (b"\xff\x00", 404, None)


def test_an_entry_keeps_the_answer_and_is_found_by_what_log_lines_call_its_request(
    sandbox: Sandbox, send: Send
) -> None:
    sandbox.fault("status", system="trax", status=503, next=1)
    for _ in range(2):
        send("PUT", "/trax/api/v4/p/session/x?y=1", b"body")
    send("PUT", "/trax/api/v4/p/session/x?y=2", b"body")

    first, second = sandbox.named(digest("PUT", "/api/v4/p/session/x?y=1", b"body"))

    assert (first.status, first.fault) == (503, "status")
    assert first.answer is not None
    assert ("Content-Type", "application/json") in first.answer.headers
    assert first.answer.size == len(first.answer.content) > 0
    assert second.fault is None
    assert sandbox.named("0" * 16) == []


def test_an_entry_keeps_the_beginning_of_a_large_answer_and_none_where_there_was_none(
    sandbox: Sandbox, send: Send
) -> None:
    sandbox.fault("status", system="trax", body="x" * (KEPT_ANSWER + 1), next=1)
    send("PUT", "/trax/")
    sandbox.fault("reset", system="trax", next=1)
    with pytest.raises(ConnectionError):
        send("PUT", "/trax/")

    large, none = sandbox.ledger("trax")

    assert large.answer is not None
    assert (len(large.answer.content), large.answer.size) == (KEPT_ANSWER, KEPT_ANSWER + 1)
    assert none.answer is None


def test_reads_chunked_bodies_and_continues(sandbox: Sandbox, dial: Dial) -> None:
    connection = dial()

    connection.sendall(
        b"POST /trax/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"3\r\nabc\r\n0\r\n\r\n")
    connection.recv(1)

    assert [entry.content for entry in sandbox.ledger()] == [b"abc"]


def test_what_reaches_no_vendor_is_seen(sandbox: Sandbox, send: Send, dial: Dial) -> None:
    send("GET", "/elsewhere")
    connection = dial()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2\r\n\r\n")

    assert connection.recv(12) == b"HTTP/1.1 400"
    assert [entry.status for entry in sandbox.ledger("unknown")] == [404, 400]
    assert sandbox.counts()["systems"]["unknown"]["verdicts"] == {"malformed": 2}


def test_since_limit_and_clearing() -> None:
    ledger = Ledger()
    for number in range(6):
        add(ledger, "trax" if number % 2 else "onesignal")

    assert numbers(ledger, "trax") == [2, 4, 6]
    assert numbers(ledger, "trax", since=2, limit=1) == [4]
    assert numbers(ledger, None, since=4) == [5, 6]
    assert ledger.read("mytracker") == []

    ledger.clear()
    add(ledger, "trax")
    assert numbers(ledger, None) == [7]
    ledger.close()


def test_a_long_ledger_costs_little_memory() -> None:
    ledger = Ledger()
    tracemalloc.start()
    for _ in range(1000):
        add(ledger, "trax", b"x" * 10_000)

    assert tracemalloc.get_traced_memory()[0] < 1_000_000
    assert numbers(ledger, None, since=990) == list(range(991, 1001))
    tracemalloc.stop()
    ledger.close()


def test_a_file_keeps_the_ledger(tmp_path: Path) -> None:
    with running_sandbox(ledger=tmp_path / "ledger") as sandbox:
        for path in ("trax/a", "onesignal/b"):
            requests.get(f"{sandbox.url}/{path}", timeout=SECONDS)

    lines = [json.loads(line) for line in (tmp_path / "ledger").read_text().splitlines()]
    assert [(line["number"], line["system"], line["path"]) for line in lines] == [
        (1, "trax", "/a"),
        (2, "onesignal", "/b"),
    ]


def test_effects_show_what_was_doubled(sandbox: Sandbox, send: Send) -> None:
    other = PATH.replace("fe3bcc9f", "aaaaaaaa")

    for path in (PATH, other, PATH, PATH):
        send("POST", path, BODY)

    counts = sandbox.counts()
    assert counts["systems"]["onesignal"]["effects"] == {
        "on_focus": {"taken": 4, "distinct": 2, "repeated": 1}
    }
    assert [(effect["scope"], effect["times"]) for effect in counts["repeated"]] == [
        (PATH.removeprefix("/onesignal"), 3)
    ]


def test_what_was_never_taken_has_no_effect(sandbox: Sandbox, send: Send) -> None:
    send("POST", PATH, b"{}")

    assert sandbox.counts()["systems"]["onesignal"]["effects"] == {}


def test_repeated_effects_are_all_counted_and_some_listed() -> None:
    counts = Counts()
    for _ in range(2):
        for number in range(1500):
            counts.add("trax", 200, "taken", None, (Effect("sessions", "/", b"%d" % number),))

    assert counts.data()["systems"]["trax"]["effects"]["sessions"]["repeated"] == 1500
    assert len(counts.data()["repeated"]) == 1000


def test_a_request_that_never_came_whole_is_no_request(sandbox: Sandbox, dial: Dial) -> None:
    connection = dial()

    connection.sendall(b"PUT /trax/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabc")
    connection.shutdown(socket.SHUT_WR)

    assert connection.recv(1) == b""
    assert sandbox.ledger() == []


def test_stops_although_clients_wait() -> None:
    with running_sandbox() as sandbox:
        sandbox.fault("hang", path="hang", seconds=60)
        sandbox.fault("huge")
        parts = urlsplit(sandbox.url)
        waiting = [socket.create_connection((parts.hostname, parts.port), timeout=SECONDS) for _ in range(2)]
        for connection, path in zip(waiting, ("hang", "huge"), strict=True):
            connection.sendall(f"GET /trax/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        sandbox.wait_for(2)
        stopping = time.monotonic()

    assert time.monotonic() - stopping < 30, "they would wait for a minute"
    for connection in waiting:
        connection.close()


def test_many_clients_at_once(sandbox: Sandbox, dial: Dial) -> None:
    connections = [dial() for _ in range(200)]

    for connection in connections:
        connection.sendall(b"PUT /trax/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
    for connection in connections:
        assert connection.recv(12) == b"HTTP/1.1 404"

    assert sandbox.counts()["requests"] == 200
    assert len(sandbox.wait_for(200, "trax")) == 200


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    options = ["--port", "0", "--ledger", str(tmp_path / "ledger"), "--limits"]
    command = [sys.executable, "-m", "tools.sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        sandbox = Sandbox(process.stdout.readline().removeprefix("sandbox: ").strip())
        assert sandbox.counts()["requests"] == 0
        assert sandbox.state("onesignal")["limited"] == ["users"]
        process.terminate()
        assert process.wait(SECONDS) == 0


def add(ledger: Ledger, system: str, body: bytes = b"") -> None:
    ledger.add(
        at=0,
        system=system,
        account="",
        method="PUT",
        target="/",
        headers=(),
        body=body,
        status=200,
        verdict=None,
        fault=None,
    )


def numbers(ledger: Ledger, system: str | None, since: int = 0, limit: int = 1000) -> list[int]:
    return [entry["number"] for entry in ledger.read(system, since, limit)]
