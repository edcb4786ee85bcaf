"""Each snippet of the quick starts delivers its event, and meets failures as the pages say."""

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.components import CURL, JAVA, MONO, NODE, PHP, SWIFT, Component
from tests.quickstart.pages import BASE, CLIENTS, SYSTEMS, snippet
from tests.quickstart.relay import FirstAnswer, Relay, relay
from tests.quickstart.runtimes import BUILDS, Commands
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

NEEDED: Mapping[str, Component] = {
    "JavaScript": NODE,
    "Swift": SWIFT,
    "Kotlin": JAVA,
    "C# and Unity": MONO,
    "PHP": PHP,
    "curl": CURL,
}
SIDE_BY_SIDE = 3
SOON = {"Retry-After": "1"}
TOMORROW = {"Retry-After": "86400"}
FIXED_KEY = "-4711'"
"""How curl's keys end, which no program makes. They are others here, since tests/docs sends them, too."""
ELSEWHERE = "http://127.0.0.1:9"
"""Stands in a snippet until the relay has an address."""


@dataclass(frozen=True)
class Built:
    """A client's snippets, ready to be started."""

    commands: Commands
    relay: Relay

    def start(self, *systems: str) -> Mapping[str, str]:
        """What the snippets print."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return dict(zip(systems, pool.map(self._output, systems), strict=True))

    def _output(self, system: str) -> str:
        done = subprocess.run(self.commands[system], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout


# Both have the scope of `local`: pytest sets up what has a wider one first, and would start a local run for a
# client that is missing.


@pytest.fixture(scope="session")
def passing() -> Iterator[Relay]:
    """A relay that does not know the API yet."""
    with relay(ELSEWHERE) as passing:
        yield passing


@pytest.fixture(scope="session", params=BUILDS)
def commands(
    request: pytest.FixtureRequest, passing: Relay, tmp_path_factory: pytest.TempPathFactory
) -> Commands:
    """The snippets of one client, as they stand on the pages but for the address and a fixed key."""
    client: str = request.param
    for program in NEEDED[client].programs:
        NEEDED[client].program(program)
    snippets = {
        system: snippet(system, client).replace(BASE, passing.url).replace(FIXED_KEY, "-4712'")
        for system in SYSTEMS
    }
    return BUILDS[client](snippets, tmp_path_factory.mktemp("snippets"))


@pytest.fixture
def built(commands: Commands, passing: Relay, local: LocalStack) -> Built:
    """See Built."""
    passing.api = local.url
    Sandbox(local.sandbox_url).reset()
    return Built(commands, passing)


def test_a_call_that_failed_is_repeated_as_it_was_and_delivered(built: Built) -> None:
    built.relay.expect(FirstAnswer(503, SOON))

    printed = built.start(*SYSTEMS)

    assert [system for system, output in printed.items() if "delivered" not in output] == []
    assert len(built.relay.calls) == len(SYSTEMS)
    for first, *others in built.relay.calls.values():
        assert others == [first]


@pytest.mark.parametrize(
    ("status", "headers"),
    [(400, {"Gateway-Error": "a field is required"}), (503, TOMORROW)],
    ids=["refused", "not before tomorrow"],
)
def test_a_call_is_not_repeated_in_vain(built: Built, status: int, headers: Mapping[str, str]) -> None:
    built.relay.expect(FirstAnswer(status, headers))

    printed = built.start(SYSTEMS[0])

    assert [len(calls) for calls in built.relay.calls.values()] == [1]
    assert "delivered" not in printed[SYSTEMS[0]]


def test_every_client_is_run() -> None:
    assert tuple(BUILDS) == tuple(NEEDED) == CLIENTS
