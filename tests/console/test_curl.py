"""A copied command sends what the app sent, whatever is in it, and holds no key."""

import hashlib
import subprocess

import pytest

from tools.console import message
from tools.console.curl import command
from tools.console.masks import Masks

API = "http://127.0.0.1:3000"
KEY = "local-client-key"
HOSTILE = """'; touch pwned; ' "$(touch pwned)" `touch pwned` \\ !! $HOME ${X} $CLIENT_KEY \n # | & > <"""


@pytest.fixture
def masks() -> Masks:
    found = Masks()
    found.know([KEY, "vendor-credential"], [hashlib.sha256(KEY.encode()).hexdigest()])
    found.learn([("Authorization", KEY)], "/")
    return found


def arguments(text: str, body: bytes = b"") -> list[str]:
    """What a shell makes of the command: the arguments of `curl`, and its input."""
    stub = 'curl() { printf "%s\\0" "$@"; if [ "${*: -3:1}" = "--data-binary" ]; then cat; fi; }\n'
    script = f"{stub}cd /nonexistent 2>/dev/null; CLIENT_KEY='the key'; {text}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, input=b"", check=True)
    *found, rest = done.stdout.split(b"\0") if not body else [*done.stdout[: -len(body)].split(b"\0")]
    assert rest == b""
    assert done.stdout.endswith(body)
    return [each.decode() for each in found]


def test_a_call_is_the_command_that_a_person_would_write(masks: Masks) -> None:
    request = message.request(
        "POST", "/a?b=1&c=2", [("Host", "x"), ("Content-Type", "application/json")], b'{"a": 1}'
    )

    assert command(request, API, masks) == (
        "curl -i --globoff --path-as-is -H 'Content-Type: application/json' --data-raw '{\"a\": 1}' "
        "'http://127.0.0.1:3000/a?b=1&c=2'"
    )


def test_the_shell_passes_hostile_values_on_unchanged(masks: Masks) -> None:
    request = message.request("PUT", "/a", [("X-A", HOSTILE.replace("\n", " "))], HOSTILE.encode())

    found = arguments(command(request, API, masks) or "")

    assert found[found.index("--data-raw") + 1] == HOSTILE
    assert f"X-A: {HOSTILE.replace(chr(10), ' ')}" in found
    assert "Content-Type:" in found
    assert found[-1] == f"{API}/a"


def test_the_client_key_is_a_variable_and_other_credentials_are_hidden(masks: Masks) -> None:
    headers = [("Authorization", f"Auth-Token {KEY}"), ("X-Other", "vendor-credential")]
    request = message.request("POST", f"/?k={KEY}", headers, f"'{KEY}'".encode())

    text = command(request, API, masks) or ""

    assert KEY not in text
    found = arguments(text)
    assert "Authorization: Auth-Token the key" in found
    assert "X-Other: ••••" in found
    assert "'the key'" in found
    assert found[-1] == f"{API}/?k=the key"


@pytest.mark.parametrize("target", ["http://evil.example/a", "@evil.example/", "-K/tmp/a", "*"])
def test_no_target_leads_to_another_host_or_is_an_option(masks: Masks, target: str) -> None:
    found = arguments(command(message.request("GET", target, [], b""), API, masks) or "")

    assert found[-3:] == ["--request-target", target, f"{API}/"]


def test_no_terminal_obeys_what_is_pasted(masks: Masks) -> None:
    end_of_paste = "\x1b[201~\ntouch pwned\n"
    text = command(message.request("POST", "/a", [], end_of_paste.encode()), API, masks) or ""

    assert "\x1b" not in text
    assert arguments(text, end_of_paste.encode())[-1] == f"{API}/a"
    assert command(message.request("GET", "/a", [("X-A", "\x1b[201~")], b""), API, masks) is None


@pytest.mark.parametrize("body", [b"\xff\x00'\n", b"a\r\nb", b"a\0b"])
def test_a_body_that_is_no_text_goes_through_base64(masks: Masks, body: bytes) -> None:
    text = command(message.request("POST", "/a", [], body), API, masks) or ""

    assert arguments(text, body)[-3:] == ["--data-binary", "@-", f"{API}/a"]


@pytest.mark.parametrize(
    ("method", "shown"), [("GET", "curl -i "), ("HEAD", "curl --head "), ("DELETE", "-X DELETE ")]
)
def test_methods(masks: Masks, method: str, shown: str) -> None:
    text = command(message.request(method, "/a", [("X-Empty", "")], b""), API, masks) or ""

    assert shown in text
    assert "-H 'X-Empty;'" in text


def test_what_is_not_all_there_cannot_be_copied(masks: Masks) -> None:
    large = message.request("POST", "/", [], b"a" * (message.KEPT + 1))

    assert command(large, API, masks) is None
    assert command(message.request("POST", "/", [], b"\xff" + b"vendor-credential"), API, masks) is None
