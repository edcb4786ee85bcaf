"""Vendors' credentials: never an argument, never printed, and the vendor says whether they are good."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.operator.conftest import World
from tools.operator.checks import CHECKS, Verdict
from tools.operator.stack import Stack
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
    said = world.run("secrets", "set", "--system", "mytracker", "--account", "123", text="s3cret token\n")
    world.run("secrets", "set", "--system", "mytracker", text="for all\r\n")

    assert world.secret("mytracker")["credentials"] == {"123": "s3cret token", "*": "for all"}
    assert "s3cret" not in said.output


def test_client_keys_stay_as_they_are(world: World) -> None:
    world.run("keys", "create", "ios", "--system", "mytracker", "--allow", "*")
    before = world.secret("mytracker")["client_keys"]

    world.run("secrets", "set", "--system", "mytracker", text="token")

    assert world.secret("mytracker")["client_keys"] == before != []


@pytest.mark.parametrize("text", ["", "\n", "  \n", "two\nlines\n", "a\x00b"])
def test_what_is_no_credential_is_not_put_in(world: World, text: str) -> None:
    world.run("secrets", "set", "--system", "mytracker", text=text, code=1)

    assert world.secret("mytracker")["credentials"] == {}


def test_an_absent_credential_is_told(world: World) -> None:
    assert "absent" in world.run("secrets", "check", "--system", "mytracker", code=1).output
    world.run("secrets", "set", "--system", "mytracker", "--account", "1", text="t")
    said = world.run("secrets", "check", "--system", "mytracker", "--account", "2", code=1).output
    assert "absent" in said


def test_a_credential_for_all_needs_one_to_ask_about(world: World) -> None:
    world.run("secrets", "set", "--system", "mytracker", text="token")

    assert "name one to ask about" in world.run("secrets", "check", "--system", "mytracker", code=1).output


@pytest.mark.parametrize("system", VENDORS)
class TestCheck:
    """Every vendor that has a credential."""

    pytestmark = LOOPBACK

    def test_a_vendor_says_whether_a_credential_is_good(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()
        stack = stack_at(vendors.url)

        def word(credential: str) -> str:
            return CHECKS[system](stack, VENDORS[system], credential).word

        assert word(f"local-{system}-credential") == "accepted"
        assert word("another") == "refused"

    def test_nothing_is_changed_there(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()

        CHECKS[system](stack_at(vendors.url), VENDORS[system], f"local-{system}-credential")

        counts: Any = vendors.counts()
        assert (counts["requests"], counts["systems"][system]["effects"]) == (1, {})

    def test_an_upstream_in_trouble_says_nothing_of_a_credential(self, vendors: Sandbox, system: str) -> None:
        vendors.reset()
        vendors.fault("status", system=system, status=503, next=1)

        assert CHECKS[system](stack_at(vendors.url), VENDORS[system], "another") == Verdict(
            "unknown", "status 503"
        )

    def test_an_upstream_that_is_away_says_nothing_of_a_credential(
        self, vendors: Sandbox, system: str
    ) -> None:
        with socket.socket() as unheard:
            unheard.bind(("127.0.0.1", 0))
            stack = stack_at(f"http://127.0.0.1:{unheard.getsockname()[1]}")
            found = CHECKS[system](stack, VENDORS[system], "another")

        assert found == Verdict("unknown", "no answer: unreachable")


def test_a_system_that_needs_no_credential_is_not_asked_for_one(world: World) -> None:
    world.stack.parameters["EventStore"] = "firehose://"  # type: ignore[index]

    assert "track needs no credential" in world.run("secrets", "check", "--system", "track").output


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_database_that_is_away_is_not_one_that_refuses() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        at = f"mysql+pymysql://u@127.0.0.1:{unheard.getsockname()[1]}/d?secret=own"
        found = CHECKS["track"](stack_at("", EventStore=at), "*", 'a"b')

    assert found == Verdict("unknown", "unreachable")
