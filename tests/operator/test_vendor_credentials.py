"""Vendors' credentials: never an argument, never printed, and the vendor says whether they are good."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import Setup
from gateway.outbound.secrets import SystemSecret
from tests.operator.conftest import World
from tools.errors import CommandError
from tools.operator import accounts
from tools.operator.stack import Stack
from tools.operator.vendor_credentials import credential_input, vendor_check
from tools.operator.vendor_credentials.own_credential import Verdict
from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox

LOOPBACK = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]
VENDORS = {"onesignal": "*", "trax": "project", "mytracker": "123"}


@pytest.fixture(scope="module")
def vendors() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def stack_at(url: str, **more: str) -> Stack:
    """A stack whose upstreams are the sandbox's vendors."""
    parameters = {"OneSignalAppId": "local-onesignal-app", **more}
    for name in ("OneSignal", "Trax", "MyTracker"):
        parameters[f"{name}Url"] = f"{url}/{name.lower()}"

    def client(service: str) -> Any:
        raise AssertionError(f"a check needs no {service}")

    return Stack(name="test", client=client, outputs={}, parameters=parameters)


def test_a_credential_comes_from_standard_input(world: World) -> None:
    said = world.run("secrets", "set", "--system", "mytracker", "--account", "123", text="s3cret-token\n")
    world.run("secrets", "set", "--system", "mytracker", text="for-all\r\n")

    assert world.secret("mytracker")["credentials"] == {"123": "s3cret-token", "*": "for-all"}
    assert "s3cret" not in said.output


def test_client_keys_stay_as_they_are(world: World) -> None:
    world.run("keys", "create", "ios", "--system", "mytracker", "--allow", "*")
    before = world.secret("mytracker")["client_keys"]

    world.run("secrets", "set", "--system", "mytracker", text="token")

    assert world.secret("mytracker")["client_keys"] == before != []


def refuses(credential: str) -> bool:
    """Whether a function would not send it."""

    class Read(SystemSecret):
        def _fetch(self) -> None:
            self._document = {"credentials": {"*": credential}}

    try:
        Read("x").credential()
    except Setup:
        return True
    return False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("  \n", "is empty"),
        ("two\nlines\n", "a line break"),
        ("tok\n\n", "a line break"),
        ("tok en", "a space"),
        ("token ", "a space"),
        ("tok\ten", "white space"),
        ("a\x00b", "a control character"),
        ("clé", "a character beyond ASCII"),
        ("\ufefftoken", "a control character"),
        ("Auth-Token token", "the scheme 'Auth-Token'"),
        ("auth-token   token", "the scheme 'auth-token'"),
        ("Authorization: Auth-Token token", "the scheme 'Auth-Token'"),
        ("Key token", "the scheme 'Key'"),
        ("Basic token", "the scheme 'Basic'"),
        ("Bearer token", "the scheme 'Bearer'"),
        ("x" * 16_385, "at most 16,384 bytes"),
    ],
)
def test_what_functions_would_not_send_is_not_put_in(world: World, text: str, reason: str) -> None:
    said = world.run("secrets", "set", "--system", "mytracker", text=text, code=1).output

    assert reason in said
    assert "tok" not in said.replace("Auth-Token", "").replace("auth-token", "")
    assert world.secret("mytracker")["credentials"] == {}
    assert refuses(text.removesuffix("\n")) or len(text) > credential_input.MAX_BYTES


@given(st.text(st.characters(max_codepoint=300, exclude_categories=["Cs"]), max_size=12))
def test_a_credential_is_put_in_where_and_only_where_functions_send_it(text: str) -> None:
    try:
        credential_input.checked("onesignal", text)
    except CommandError:
        assert refuses(text)
    else:
        assert not refuses(text)


def test_a_closed_standard_input_holds_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(CommandError, match="is empty"):
        credential_input.read("trax", "*")


def test_onesignal_is_asked_about_an_app() -> None:
    with pytest.raises(CommandError, match="OneSignalAppId is empty"):
        vendor_check.ask_vendor(stack_at("http://127.0.0.1:9", OneSignalAppId=""), "onesignal", "*", "token")


def test_what_is_no_text_is_not_put_in(world: World) -> None:
    said = world.run("secrets", "set", "--system", "mytracker", text=b"\xff\xfe", code=1).output

    assert "not UTF-8" in said


@pytest.mark.parametrize(
    "text", ["a pass phrase", "clé", "u:p@tcp(db:3306)/d", '{\n "username": "u",\n "password": "p"\n}\n']
)
def test_a_database_password_is_what_the_event_store_reads(world: World, text: str) -> None:
    world.run("secrets", "set", "--system", "track", text=text)

    assert world.secret("track")["credentials"] == {"*": text.removesuffix("\n")}


@pytest.mark.parametrize(
    "text", ["two\nlines", "{", '{"username": "u"}', "u:p@tcp(db:3306)/d?tls=skip-verify"]
)
def test_what_the_event_store_cannot_use_is_not_put_in(world: World, text: str) -> None:
    world.run("secrets", "set", "--system", "track", text=text, code=1)

    assert world.secret("track")["credentials"] == {}


@pytest.mark.parametrize(
    ("system", "account", "reason"),
    [
        ("mytracker", "", "1 to 19 digits"),
        ("mytracker", "my-app", "1 to 19 digits"),
        ("mytracker", "1" * 20, "1 to 19 digits"),
        ("mytracker", "٣", "1 to 19 digits"),
        ("mytracker", "123\n", "1 to 19 digits"),
        ("onesignal", "123", "a UUID in lower case"),
        ("track", "123", "* only"),
        ("pushexpress", "20523-1212", "* only"),
    ],
)
def test_an_account_that_no_system_could_have_gets_no_credential(
    world: World, system: str, account: str, reason: str
) -> None:
    said = world.run("secrets", "set", "--system", system, "--account", account, text="token", code=1).output

    assert reason in said


@pytest.mark.parametrize(
    ("account", "fits"), [("*", True), ("my-project", True), ("a/b", False), ("", False), ("x" * 101, False)]
)
def test_an_account_of_trax_is_a_project(account: str, fits: bool) -> None:
    assert accounts.fits("trax", account) is fits


def test_a_credential_that_functions_would_not_send_is_not_asked_about(world: World) -> None:
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret("mytracker"),
        SecretString=json.dumps({"credentials": {"*": "Key abc", "a/b": "abc"}, "client_keys": []}),
    )

    lines = world.run("secrets", "check", "--system", "mytracker", "--json", code=1).stdout.splitlines()

    assert [(read["account"], read["verdict"]) for read in map(json.loads, lines)] == [
        ("*", "unusable"),
        ("a/b", "unusable"),
    ]
    assert set(json.loads(lines[0])) == {"system", "account", "verdict", "reason"}


def test_an_account_that_no_system_could_have_is_not_asked_about(world: World) -> None:
    assert (
        "1 to 19 digits"
        in world.run("secrets", "check", "--system", "mytracker", "--account", "", code=1).output
    )
    assert "of any system in this stack" in world.run("secrets", "check", "--account", "a/b", code=1).output


def test_an_absent_credential_is_told(world: World) -> None:
    assert "absent" in world.run("secrets", "check", "--system", "mytracker", code=1).output
    world.run("secrets", "set", "--system", "mytracker", "--account", "1", text="t")
    said = world.run("secrets", "check", "--system", "mytracker", "--account", "2", code=1).output
    assert "absent" in said


def test_a_credential_for_all_needs_one_to_ask_about(world: World) -> None:
    world.run("secrets", "set", "--system", "mytracker", text="token")

    assert "choose one to ask about" in world.run("secrets", "check", "--system", "mytracker", code=1).output


@pytest.mark.parametrize("system", VENDORS)
class TestCheck:
    """Every vendor that has a credential."""

    pytestmark = LOOPBACK

    def test_a_vendor_says_whether_a_credential_is_good(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()
        stack = stack_at(vendors.url)

        def word(credential: str) -> str:
            return vendor_check.ask_vendor(stack, system, VENDORS[system], credential).word

        assert word(f"local-{system}-credential") == "accepted"
        assert word("another") == "refused"

    def test_nothing_is_changed_there(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()

        vendor_check.ask_vendor(stack_at(vendors.url), system, VENDORS[system], f"local-{system}-credential")

        counts: Any = vendors.counts()
        assert (counts["requests"], counts["systems"][system]["effects"]) == (1, {})

    def test_an_upstream_in_trouble_says_nothing_of_a_credential(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()
        vendors.fault("status", system=system, status=503, next=1)

        assert vendor_check.ask_vendor(stack_at(vendors.url), system, VENDORS[system], "another") == Verdict(
            "unknown", "status 503"
        )

    def test_an_upstream_that_is_away_says_nothing_of_a_credential(
        self, vendors: Sandbox, system: str
    ) -> None:
        with socket.socket() as unheard:
            unheard.bind(("127.0.0.1", 0))
            stack = stack_at(f"http://127.0.0.1:{unheard.getsockname()[1]}")
            found = vendor_check.ask_vendor(stack, system, VENDORS[system], "another")

        assert found == Verdict("unknown", "no response: unreachable")


def test_a_system_that_needs_no_credential_is_not_asked_for_one(world: World) -> None:
    world.stack.parameters["EventStore"] = "firehose://"  # type: ignore[index]

    assert "track needs no credential" in world.run("secrets", "check", "--system", "track").output


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_database_that_is_away_is_not_one_that_refuses() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        at = f"mysql+pymysql://u@127.0.0.1:{unheard.getsockname()[1]}/d?secret=own"
        found = vendor_check.ask_vendor(stack_at("", EventStore=at), "track", "*", 'a"b')

    assert found == Verdict("unknown", "unreachable")
