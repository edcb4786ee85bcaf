"""A copied command sends what the app sent, whatever is in it, and holds no credential."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.components import CURL
from tests.console.front import Front, Received, front
from tools.console import message
from tools.console.curl import command
from tools.console.message import Fields, Message
from tools.masks import MASK, Masks
from tools.operator.client_keys.entries import NewKey

API = "http://127.0.0.1:3000"
KEY = "local-client-key"
OWN_KEY = "the-$HOME-'key'"
JSON = ("Content-Type", "application/json")
HOSTILE = """'; touch pwned; ' "$(touch pwned)" `touch pwned` \\ !! $HOME ${X} $CLIENT_KEY \n # | & > <"""


@pytest.fixture
def masks() -> Masks:
    found = Masks()
    found.know([KEY, "vendor-credential"], [hashlib.sha256(KEY.encode()).hexdigest()])
    found.learn([("Authorization", KEY)], "/")
    return found


def run(text: str, folder: Path) -> None:
    """In a shell, as a person pastes it."""
    environment = {"PATH": os.environ["PATH"], "CLIENT_KEY": OWN_KEY}
    subprocess.run(
        ["bash", "-c", text], cwd=folder, env=environment, capture_output=True, check=True, timeout=30
    )
    assert list(folder.iterdir()) == []


@pytest.fixture
def at_front() -> Iterator[Front]:
    with front() as server:
        yield server


@pytest.mark.programs
@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        pytest.param("POST", "/a?b=1&c=2", (JSON,), b'{"a": 1.50}', id="a call"),
        pytest.param("PUT", "/a", (("X-A", HOSTILE.replace("\n", " ")),), HOSTILE.encode(), id="hostile"),
        pytest.param("GET", "/a[1-3]/{b,c}?d[]=1&e=%5B", (), b"", id="brackets"),
        pytest.param("GET", "/a/../b/./c", (), b"", id="dots"),
        pytest.param("GET", "/%2e%2E/b/.", (), b"", id="escaped dots"),
        pytest.param("POST", "/a", (("X-Empty", ""), JSON), b"{}", id="an empty value"),
        pytest.param("POST", "/a", (("Content-Type", ""),), b"{}", id="an empty type"),
        pytest.param("POST", "/a", (), b"a=b&c", id="no type"),
        pytest.param("POST", "/a", (JSON,), b"@/etc/passwd", id="an @"),
        pytest.param("POST", "/a", (JSON,), b"-o x\r\n\n", id="an option, and line breaks"),
        pytest.param("POST", "/a", (JSON,), b"\xff\x00'\n", id="no text"),
        pytest.param("POST", "/a", (JSON,), b"a\0b", id="a zero byte"),
        pytest.param("POST", "/a", (JSON,), "é☃😀".encode(), id="beyond ASCII"),
        pytest.param("POST", "/a", (), b"", id="a POST without a body"),
        pytest.param("DELETE", "/a", (), b"", id="a DELETE"),
        pytest.param("GET", "/a", (JSON,), b"{}", id="a GET with a body"),
        pytest.param("HEAD", "/a", (), b"", id="a HEAD"),
        pytest.param("GET", "http://evil.example/a", (), b"", id="another host"),
        pytest.param("GET", "@evil.example/", (), b"", id="a user of another host"),
        pytest.param("GET", "-K/tmp/a", (), b"", id="an option as the target"),
        pytest.param("OPTIONS", "*", (), b"", id="no path"),
        pytest.param("POST", "/a", (JSON,), b"\x1b[201~\ntouch pwned\n", id="the end of a paste"),
    ],
)
def test_curl_sends_what_was_received(
    at_front: Front, masks: Masks, tmp_path: Path, method: str, target: str, headers: Fields, body: bytes
) -> None:
    CURL.program("curl")

    run(command(message.request(method, target, headers, body), at_front.url, masks) or "false", tmp_path)

    (sent,) = at_front.received
    own = {"host", "accept", "user-agent", "content-length"}
    assert sent == Received(
        method=method,
        target=target,
        headers={name.lower(): value for name, value in headers}
        | {name: value for name, value in sent.headers.items() if name in own},
        body=body,
    )


@pytest.mark.programs
@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_shell_fills_in_the_client_key_and_other_credentials_are_hidden(
    at_front: Front, masks: Masks, tmp_path: Path
) -> None:
    CURL.program("curl")
    headers = [("Authorization", f"Auth-Token {KEY}"), ("X-Other", "vendor-credential"), ("X-Key", KEY)]
    request = message.request("POST", f"/?k={NewKey().text}", headers, f"'{KEY}' $CLIENT_KEY".encode())

    text = command(request, at_front.url, masks) or ""
    run(text, tmp_path)

    assert KEY not in text
    (sent,) = at_front.received
    assert sent.target == f"/?k={OWN_KEY}"
    assert sent.headers["authorization"] == f"Auth-Token {OWN_KEY}"
    assert sent.headers["x-key"] == OWN_KEY
    assert sent.headers["x-other"].encode("latin-1").decode() == MASK
    assert sent.body.decode() == f"'{OWN_KEY}' $CLIENT_KEY"


def test_a_call_is_the_command_that_a_person_would_write(masks: Masks) -> None:
    request = message.request("POST", "/a?b=1&c=2", [("Host", "x"), JSON], b'{"a": 1}')

    assert command(request, API, masks) == (
        "curl -i 'http://127.0.0.1:3000/a?b=1&c=2' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  --data-raw '{\"a\": 1}'"
    )
    assert command(message.request("GET", "/a", [], b""), API, masks) == f"curl -i {API}/a"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic dXNlcjp1bmtub3du", "'Authorization: Basic '\"$CLIENT_KEY\""),
        ("x-api-key", "unknown-to-us", "'x-api-key: '\"$CLIENT_KEY\""),
        ("X-Other", f"a {KEY} b", "'X-Other: a '\"$CLIENT_KEY\"' b'"),
    ],
)
def test_a_header_that_carries_a_credential_has_the_variable_whatever_it_holds(
    masks: Masks, name: str, value: str, shown: str
) -> None:
    text = command(message.request("GET", "/", [(name, value)], b""), API, masks)

    assert text == f"curl -i {API}/ \\\n  -H {shown}"


@pytest.mark.parametrize(
    "call",
    [
        message.request("GET", "/a", [("X-A", "\x1b[201~")], b""),
        message.request("GET", "/a\x9b31m", [], b""),
        message.request("GET", "/a", [("X\r", "a")], b""),
    ],
)
def test_no_terminal_obeys_what_is_pasted(masks: Masks, call: Message) -> None:
    assert command(call, API, masks) is None
    text = command(message.request("POST", "/a", [], b"\x1b[201~\ntouch pwned\n"), API, masks) or ""
    assert "\x1b" not in text


def test_what_turns_the_direction_of_a_line_is_not_copied_and_other_scripts_are(masks: Masks) -> None:
    turned = command(message.request("POST", "/a", [], "\u202egnp \u2066".encode()), API, masks) or ""
    written = command(message.request("POST", "/a", [], "אב Zoë \U0001f600".encode()), API, masks) or ""

    assert turned.isascii()
    assert "'אב Zoë \U0001f600'" in written


def test_what_is_not_all_there_cannot_be_copied(masks: Masks) -> None:
    def body(content: bytes) -> Message:
        return message.request("POST", "/", [], content)

    assert command(body(b"a" * (message.KEPT + 1)), API, masks) is None
    assert command(body(b"\xff" + b"vendor-credential"), API, masks) is None
    assert command(body(b"\xff" + NewKey().text.encode()), API, masks) is None
