"""An open page receives every change, many at once as one message, and never a credential."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import SANDBOXED
from tests.console.desk import CREDENTIAL, Run
from tests.console.lines import ID, line
from tests.until import SECONDS
from tools.console import stream
from tools.console.facts import Facts
from tools.console.stream import MOST_PER_TICK, MOST_READERS


@pytest.fixture
def run(facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(stream, "TICK_SECONDS", 0.01)
    return Run(facts, tmp_path / "functions.log", [SANDBOXED])


class Page:
    """Reads a stream; `told` are its messages, as name and data."""

    def __init__(self, run: Run, last_id: str = "") -> None:
        self.run = run
        self.text = ""
        self.status = 0
        self.is_over = False
        self.leaves = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        headers = [(b"last-event-id", last_id.encode())] if last_id else []
        self.scope = {"type": "http", "method": "GET", "path": "/api/stream", "headers": headers}
        self.task = asyncio.create_task(self.run.stream(self.scope, self._receive, self._send))

    @property
    def told(self) -> list[tuple[str, Any]]:
        found = []
        for text in self.text.split("\n\n"):
            lines = dict(part.split(": ", 1) for part in text.splitlines() if not part.startswith(":"))
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found

    @property
    def last_id(self) -> str:
        return [part[4:] for part in self.text.splitlines() if part.startswith("id: ")][-1]

    async def hears(self, condition: Callable[[list[tuple[str, Any]]], bool]) -> list[tuple[str, Any]]:
        async with asyncio.timeout(SECONDS):
            while not condition(self.told):
                await asyncio.sleep(0.005)
        return self.told

    async def _receive(self) -> Any:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        self.is_over = message["type"] == "http.response.body" and not message.get("more_body", False)


def test_a_page_hears_of_an_event_and_of_its_change(run: Run) -> None:
    async def reads() -> None:
        page = Page(run)
        await page.hears(lambda told: "retry" in page.text)
        run.happens(1, line("call", status=202, delivery="queued"), id=ID, target=f"/{CREDENTIAL}")
        run.stream.publish()
        await page.hears(lambda told: bool(told))
        run.write(line("redelivery", fate="done"))
        run.collector.collect()
        run.stream.publish()
        told = await page.hears(lambda told: len(told) == 2)
        page.leaves.set()
        await page.task

        assert [(name, data["outcome"]) for name, data in told] == [
            ("event", "queued"),
            ("event", "redelivered"),
        ]
        assert CREDENTIAL not in page.text
        assert run.stream.readers == 0

    asyncio.run(reads())


def test_many_changes_at_once_are_one_message(run: Run) -> None:
    async def reads() -> None:
        page = Page(run)
        await page.hears(lambda told: "retry" in page.text)
        for number in range(1, MOST_PER_TICK + 2):
            run.happens(number)
        run.stream.publish()
        told = await page.hears(lambda told: bool(told))
        page.leaves.set()
        await page.task

        assert told == [("many", {"changed": MOST_PER_TICK + 1})]

    asyncio.run(reads())


def test_a_page_that_comes_back_hears_what_it_missed(run: Run) -> None:
    async def reads() -> None:
        run.happens(1)
        page = Page(run)
        await page.hears(lambda told: "retry" in page.text)
        run.happens(2)
        run.stream.publish()
        await page.hears(lambda told: bool(told))
        page.leaves.set()
        await page.task

        run.happens(3)
        back = Page(run, page.last_id)
        told = await back.hears(lambda told: bool(told))
        back.leaves.set()
        await back.task
        assert [data["number"] for _, data in told] == [3]

        for unknown in ("of another run-2", page.last_id.partition("-")[0] + "-" + 5000 * "9"):
            other = Page(run, unknown)
            told = await other.hears(lambda told: bool(told))
            other.leaves.set()
            await other.task
            assert told == [("many", {"changed": 3})]

    asyncio.run(reads())


def test_other_values_are_sent_at_first_and_when_they_change(run: Run) -> None:
    async def reads() -> None:
        run.state = {"keys": [CREDENTIAL]}
        page = Page(run)
        await page.hears(lambda told: len(told) == 1)
        run.state = {"keys": []}
        run.stream.publish("state")
        told = await page.hears(lambda told: len(told) == 2)
        page.leaves.set()
        await page.task

        assert told == [("state", {"keys": ["••••"]}), ("state", {"keys": []})]

    asyncio.run(reads())


def test_nothing_waits_for_a_page_that_does_not_read_and_it_is_dropped(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE_SECONDS", 0.05)

    async def reads() -> None:
        page = Page(run)
        await page.hears(lambda told: "retry" in page.text)
        page.reads.clear()
        for number in range(1, 1000):
            run.happens(number)
            run.stream.publish()
        await asyncio.wait_for(page.task, SECONDS)

        assert run.stream.readers == 0
        assert page.told == []

    asyncio.run(reads())


def test_streams_end_with_the_run(run: Run) -> None:
    async def reads() -> None:
        page = Page(run)
        await page.hears(lambda told: "retry" in page.text)

        run.stream.close()
        await asyncio.wait_for(page.task, SECONDS)

        assert page.is_over

    asyncio.run(reads())


def test_an_idle_stream_shows_that_it_lives(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)

    async def reads() -> None:
        page = Page(run)
        await page.hears(lambda told: page.text.count("still here") > 1)
        page.leaves.set()
        await page.task

    asyncio.run(reads())


def test_pages_have_a_limit(run: Run) -> None:
    async def reads() -> None:
        pages = [Page(run) for _ in range(MOST_READERS)]
        for page in pages:
            await page.hears(lambda told, page=page: "retry" in page.text)  # type: ignore[misc]

        more = Page(run)
        await more.task
        for page in pages:
            page.leaves.set()
            await page.task

        assert more.status == 503
        assert "pages are open" in more.text

    asyncio.run(reads())


def test_what_changes_after_the_server_has_ended_is_told_nobody(run: Run) -> None:
    async def read() -> None:
        page = Page(run)
        await page.hears(lambda told: run.stream.readers == 1)
        run.stream.publish("state")
        page.leaves.set()
        await page.task

    asyncio.run(read())

    run.stream.close()
