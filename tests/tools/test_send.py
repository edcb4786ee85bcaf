"""`make send`: a sample event becomes a request, and both wires are shown as they were."""

import base64
import io
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.until import SECONDS
from tools.local.ports import free_port
from tools.local.stack import LocalStack
from tools.masks import MASK
from tools.places import EVENTS
from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox
from tools.send import sample
from tools.send.__main__ import show
from tools.send.http1 import Request
from tools.send.running import Running
from tools.send.screen import header_value
from tools.systems.track.local_store import row
from tools.terminal import Terminal

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what HOST says; nothing is bound to it


def asked(event: dict[str, Any], **changed: Any) -> Request:
    return sample.request_of(event | changed)


@pytest.fixture
def trax() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / "trax" / "session.json").read_text())
    return found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> Iterator[str]:
    """Stands for a local run: tells OneSignal of whatever it is asked, and answers 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            told = {"app_id": "local-onesignal-app"}
            key = {"Authorization": "Key of-a-real-vendor"}
            path = f"{sandbox.base('onesignal')}/players/fe3bcc9f-3289-4651-ad15-3b995718badd/on_session"
            requests.post(path, json=told, headers=key, timeout=SECONDS)
            self.send_response(200)
            self.send_header("Gateway-Delivery", "delivered")
            self.send_header("Hostile", "\x1b]0;title\x07\x1b[2J\x9b31m\x7f")
            self.end_headers()
            self.wfile.write(b'{"message":"session updated"}')

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def said(name: str, running: Running) -> tuple[int, str]:
    output = io.StringIO()
    console = Terminal(file=output, width=100)
    code = show(sample.load(name), name.partition("/")[0], running, console)
    return code, output.getvalue()


def test_an_event_is_the_request_that_made_it(trax: dict[str, Any]) -> None:
    request = asked(trax)

    assert (request.method, request.target) == ("PUT", trax["path"])
    assert ("Authorization", "Auth-Token local-client-key") in request.headers
    assert "Host" not in dict(request.headers)
    assert request.body == trax["body"].encode()


def test_a_query_keeps_its_order_and_its_repetitions(trax: dict[str, Any]) -> None:
    request = asked(trax, multiValueQueryStringParameters={"origin": ["a+b", "c"], "x": ["1"]})

    assert request.target.partition("?")[2] == "origin=a%2Bb&origin=c&x=1"


def test_bytes_come_out_of_base64(trax: dict[str, Any]) -> None:
    request = asked(trax, body=base64.b64encode(b"\x1f\x8b\xff").decode(), isBase64Encoded=True)

    assert request.body == b"\x1f\x8b\xff"


@pytest.mark.parametrize("name", sample.names())
def test_every_sample_event_can_be_sent(name: str) -> None:
    assert sample.load(name).target.startswith("/")


def test_an_unknown_event_gets_the_list_and_a_guess() -> None:
    with pytest.raises(sample.UnknownEvent) as unknown:
        sample.load("onesignal/new_sesion")

    assert "did you mean onesignal/new_session?" in str(unknown.value)
    assert all(f"EVENT={name}\n" in f"{unknown.value}\n" for name in sample.names())


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("Authorization", "Auth-Token local-trax-credential", "Auth-Token local-trax-credential"),
        ("authorization", "Auth-Token 6b1f0a", f"Auth-Token {MASK}"),
        ("Authorization", "6b1f0a", MASK),
        ("Authorization", "Key local-x 6b1f0a", f"Key {MASK}"),
        ("Authorization", "6b1f0a local-x", MASK),
        ("Cookie", "a=6b1f0a; b=local-x", MASK),
        ("X-Api-Key", "local-client-key", "local-client-key"),
        ("Content-Type", "application/json", "application/json"),
    ],
)
def test_credentials_are_hidden_unless_they_are_the_sandboxes(name: str, value: str, seen: str) -> None:
    assert header_value(name, value) == seen


def test_both_wires_are_header_value(sandbox: Sandbox, gateway: str) -> None:
    running = Running(gateway, None, {"OneSignalUrl": sandbox.base("onesignal")})
    requests.post(f"{sandbox.base('onesignal')}/players/earlier/on_session", timeout=SECONDS)

    code, text = said("onesignal/new_session", running)

    assert code == 0
    app, upstream = text.split("gateway ⇄ onesignal")
    assert "→ POST /onesignal/new-session\n" in app
    assert f"Host: {gateway.removeprefix('http://')}" in app
    assert '{"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd"}' in app
    assert "← 200 OK\n" in app
    assert "Gateway-Delivery: delivered" in app
    assert '{"message":"session updated"}' in app
    assert "→ POST /onesignal/players/fe3bcc9f-3289-4651-ad15-3b995718badd/on_session\n" in upstream
    assert '{"app_id": "local-onesignal-app"}' in upstream
    assert "← 200 OK\n" in upstream
    assert "earlier" not in upstream
    assert f"Authorization: Key {MASK}" in upstream
    assert "real" not in upstream


def test_no_terminal_obeys_what_was_answered(sandbox: Sandbox, gateway: str) -> None:
    _, text = said(
        "onesignal/new_session", Running(gateway, None, {"OneSignalUrl": sandbox.base("onesignal")})
    )

    assert "]0;title" in text
    assert [character for character in text if not character.isprintable() and character != "\n"] == []


def test_a_stores_password_is_hidden(gateway: str) -> None:
    running = Running(gateway, None, {"EventStore": "mysql+pymysql://user:6b1f0a@db/events"})

    _, text = said("track/user", running)

    assert "gateway ⇄ store: mysql+pymysql://user:…@db/events" in text


def test_a_fault_of_the_upstream_is_header_value(sandbox: Sandbox, gateway: str) -> None:
    sandbox.fault("status", system="onesignal", status=503)

    _, text = said(
        "onesignal/new_session", Running(gateway, None, {"OneSignalUrl": sandbox.base("onesignal")})
    )

    assert "← 503 Service Unavailable (fault: status)" in text


def test_an_upstream_that_is_not_the_sandbox_keeps_its_secrets(gateway: str) -> None:
    running = Running(gateway, None, {"OneSignalUrl": "https://api.onesignal.com"})

    code, text = said("onesignal/new_session", running)

    assert code == 0
    assert "gateway ⇄ onesignal: https://api.onesignal.com" in text
    assert "what it received is not recorded here" in text


def test_where_nothing_runs_it_says_how_to_start_it() -> None:
    code, text = said("onesignal/new_session", Running(f"http://127.0.0.1:{free_port()}", None, {}))

    assert code == 1
    assert "start `make local`" in text


def test_the_local_run_is_found_by_its_own_settings(tmp_path: Path) -> None:
    (tmp_path / "parameters.yaml").write_text('{"TraxUrl": "http://127.0.0.1:4010/trax"}')
    (tmp_path / "ca.pem").write_text("")

    running = Running.found({"STATE": str(tmp_path), "HOST": EVERYWHERE, "PORT": "3100", "TLS": "1"})

    assert running.url == "https://127.0.0.1:3100"
    assert running.authority == tmp_path / "ca.pem"
    assert running.parameters == {"TraxUrl": "http://127.0.0.1:4010/trax"}
    assert Running.found({"STATE": str(tmp_path / "none")}) == Running("http://127.0.0.1:3000", None, {})


def test_a_stored_row_is_found_by_its_event_id(tmp_path: Path) -> None:
    file = tmp_path / "track.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE SessionEvent (AppID TEXT, Gone TEXT, GatewayEventID TEXT)")
        database.execute("INSERT INTO SessionEvent VALUES ('app', NULL, 'one'), ('other', NULL, 'two')")

    assert row(f"sqlite:///{file}", "one") == {
        "table": "SessionEvent",
        "AppID": "app",
        "GatewayEventID": "one",
    }
    assert row(f"sqlite:///{file}", "three") is None
    assert row(f"sqlite:///{tmp_path / 'none.db'}", "one") is None


def test_through_the_deployed_local_api(local: LocalStack) -> None:
    Sandbox(local.sandbox_url).reset()
    running, console = Running(local.url, None, local.parameters), Terminal(file=io.StringIO(), width=100)
    event = sample.load("trax/session")
    # Of its own: the same session, sent by another test, would be answered from its record.
    own = replace(event, headers=(*event.headers, ("Idempotency-Key", uuid4().hex)))

    code = show(own, "trax", running, console)

    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert code == 0, text
    assert "Gateway-Delivery: delivered" in text, text
    assert "Authorization: Auth-Token local-trax-credential" in text.split("gateway ⇄ trax")[1]


def test_what_track_stored_is_header_value(local: LocalStack) -> None:
    code, text = said("track/session", Running(local.url, None, local.parameters))

    assert code == 0
    assert f"gateway ⇄ store: {local.parameters['EventStore']}" in text
    assert "  GatewayEventID: " in text
