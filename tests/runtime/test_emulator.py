"""The emulator of the tests starts although something else has taken a port that was free a moment ago."""

import socket
from collections.abc import Iterator

import pytest

from tests.architecture.house import ENDPOINTS
from tests.runtime import emulator
from tests.runtime.workbench import OF_THE_PEERS, Workbench
from tools.local.ports import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """As an outgoing connection takes one: nothing listens there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("place", [0, 1], ids=["own", "runtime-api"])
def test_it_takes_other_ports(
    built: Workbench, taken: int, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    (function,) = (one for one in ENDPOINTS if one.logical_id == OF_THE_PEERS)
    found = [free_port() for _ in range(4)]
    found[place] = taken
    monkeypatch.setattr(emulator, "free_port", lambda: found.pop(0))

    with built.start(function) as started:
        answer = started.invoke({})

    assert answer["statusCode"] == 405
    assert not found
