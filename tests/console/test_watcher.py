"""What changes without an event is looked after: while a page is open, and whatever fails meanwhile."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.until import until
from tools.console import watcher
from tools.console.watcher import Watcher
from tools.errors import CommandError


class Reading:
    """Stands for State: `fails` once, has new keys once."""

    def __init__(self) -> None:
        self.fails = 1
        self.new_keys = [False, True]
        self.read = 0
        self.goes_on = threading.Event()
        self.goes_on.set()

    def learn(self) -> bool:
        return self.new_keys.pop(0) if self.new_keys else False

    def data(self) -> dict[str, Any]:
        self.goes_on.wait(10)
        if self.fails:
            self.fails -= 1
            raise CommandError("not now")
        self.read += 1
        return {"queued": self.read // 3}


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setattr(watcher, "PAUSE_SECONDS", 0.005)
    return Reading()


def watching(reading: Any, *, open: Callable[[], bool], told: list[str]) -> Watcher:
    return Watcher(reading, is_watched=open, has_new_keys=lambda: told.append("keys"), publish=told.append)


def test_a_page_hears_of_what_changed_and_of_nothing_else(reading: Reading) -> None:
    told: list[str] = []

    with watching(reading, open=lambda: True, told=told) as watched:
        until(lambda: reading.read > 6)

    assert told[0] == "keys"
    assert 1 <= told.count("state") <= reading.read // 3 + 1
    assert told.count("rates") >= reading.read
    assert watched.latest is not None


def test_nobody_is_asked_while_no_page_is_open(reading: Reading) -> None:
    told: list[str] = []

    with watching(reading, open=lambda: False, told=told):
        until(lambda: not reading.new_keys)

    assert reading.read == 0
    assert "state" not in told


def test_what_nobody_foresaw_does_not_end_it(reading: Reading, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    learned = reading.learn

    def learn() -> bool:
        if len(reading.new_keys) == 1:
            reading.new_keys.append(False)
            raise KeyError("nobody foresaw it")
        return learned()

    reading.learn = learn  # type: ignore[method-assign]
    with watching(reading, open=lambda: False, told=told):
        until(lambda: "keys" in told)

    assert "nobody foresaw it" in caplog.text


def test_it_ends_while_it_reads(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "STOP_SECONDS", 0.01)
    reading.goes_on.clear()
    told: list[str] = []

    with watching(reading, open=lambda: True, told=told):
        until(lambda: "rates" in told)

    reading.goes_on.set()
