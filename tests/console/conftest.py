"""A console without a local run behind it: the application alone, or its pages in one browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.house import TEMPLATE
from tests.console import story
from tests.console.browser import HERE, Browser, Page
from tests.console.served import Console, serving
from tests.npm import installed
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.guard import App
from tools.send.http1 import Request, Response
from tools.systems.registry import vendors

SANDBOXED, ELSEWHERE = sorted(vendors())[:2]
UPSTREAMS = {SANDBOXED: f"http://127.0.0.1:4010/{SANDBOXED}", ELSEWHERE: "https://vendor.example"}


@pytest.fixture
def access() -> Access:
    return Access(4020)


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts(
        version="1.2.3",
        api="http://127.0.0.1:3000",
        sandbox="http://127.0.0.1:4010",
        key="local-client-key",
        upstreams=UPSTREAMS,
        routes=tuple(route for route in TEMPLATE.routes if not route.is_door),
        faults=("status", "delay"),
    )


@pytest.fixture
def at_front(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was sent to a front, which answers 200: its address, and the target."""
    sent: list[tuple[str, str]] = []

    def send(
        request: Request, url: str, authority: Path | None, connected: Callable[[int], None] | None
    ) -> tuple[Request, Response]:
        del authority, connected
        sent.append((url, request.target))
        return request, Response(status=200, reason="OK", headers=(), body=b"")

    monkeypatch.setattr("tools.console.app.send", send)
    return sent


@pytest.fixture
def app(access: Access, facts: Facts, at_front: list[tuple[str, str]]) -> App:
    del at_front
    return application(access, facts)


@pytest.fixture(scope="session")
def console_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """See Browser."""
    with Browser(installed(HERE), tmp_path_factory.mktemp("console") / "node.log") as browser:
        yield browser


@pytest.fixture
def console() -> Iterator[Console]:
    """One with made-up events, which has none yet."""
    with serving() as console:
        yield console


@pytest.fixture
def filled(console: Console) -> Console:
    """With 60 events, of every outcome."""
    for number in range(1, 61):
        console.events[number] = story.summary(number)
    return console


@pytest.fixture
def page(console_browser: Browser, filled: Console) -> Iterator[Page]:
    """At 1280 pixels, with the list."""
    page = console_browser.open(filled.url)
    page.wait(".row")
    yield page
    heard = page.requested
    assert page.faults == []
    assert {urlsplit(url).netloc for url in heard} == {urlsplit(filled.url).netloc}
    page.close()
