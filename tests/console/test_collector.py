"""Whose calls the console collects, and what it does with lines that nobody foresaw."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.asgi import HOST, OWN, call, cookie
from tests.console.conftest import SANDBOXED
from tests.console.desk import Run
from tests.console.lines import ID, line
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.send.http1 import Request, Response

PORT = 50001


@pytest.fixture
def run(facts: Facts, tmp_path: Path) -> Run:
    return Run(facts, tmp_path / "functions.log", [SANDBOXED])


def source(run: Run, number: int) -> str:
    event = run.ring.get(number)
    assert event is not None
    return event.source


def test_a_call_of_the_reference_is_the_consoles(
    run: Run, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(
        request: Request, url: str, authority: Path | None, connected: Callable[[int], None]
    ) -> tuple[Request, Response]:
        connected(PORT)
        run.happens(1, client=("127.0.0.1", PORT))
        return request, Response(status=200, reason="OK", headers=(), body=b"")

    monkeypatch.setattr("tools.console.app.send", send)
    app = application(access, run.desk.facts, run.desk.routes(), run.collector.own_call)

    assert call(app, "POST", "/try/a", [HOST, cookie(access), OWN]).status == 200
    assert source(run, 1) == "console"


def test_a_port_is_the_consoles_for_one_call_even_if_it_fails(run: Run) -> None:
    def fail() -> None:
        with run.collector.own_call() as connected:
            connected(PORT)
            run.happens(1, client=("127.0.0.1", PORT))
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        fail()
    run.happens(2, client=("127.0.0.1", PORT))

    assert (source(run, 1), source(run, 2)) == ("console", "app")


def test_a_call_is_the_consoles_even_if_it_is_collected_later(run: Run) -> None:
    with run.collector.own_call() as connected:
        connected(PORT)
        run.hears(1, client=("127.0.0.1", PORT))
    run.collector.collect()

    assert source(run, 1) == "console"


def test_a_line_that_cannot_be_read_hides_no_other(run: Run) -> None:
    too_deep: Any = '{"event_id": ' + "[" * 100_000
    run.happens(1, too_deep, line("call", status=200, delivery="delivered"), id=ID)

    event = run.ring.get(1)
    assert event is not None
    assert event.outcome == "delivered"
