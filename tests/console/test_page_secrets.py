"""The real application in a real Chromium: planted credentials are nowhere in the page, live or opened."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.browser import Browser, Page
from tests.console.conftest import SANDBOXED
from tests.console.desk import CREDENTIAL, Run
from tests.console.lines import ID, line
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.server import Serving
from tools.local.ports import free_port
from tools.masks import MASK

pytestmark = pytest.mark.xdist_group("console")

HELD = """(async () => JSON.stringify([
  document.documentElement.outerHTML,
  [...document.querySelectorAll('input, textarea')].map(e => e.value),
  Object.entries(localStorage), Object.entries(sessionStorage),
  location.href, document.title, document.cookie, await navigator.clipboard.readText()
]))()"""
"""All that the page holds."""


@pytest.fixture
def run(facts: Facts, tmp_path: Path) -> Run:
    return Run(facts, tmp_path / "functions.log", [SANDBOXED])


@pytest.fixture
def opened(console_browser: Browser, run: Run) -> Iterator[Page]:
    access = Access(free_port())
    with contextlib.ExitStack() as running:
        running.enter_context(Serving(application(access, run.desk.facts, run.desk.routes()), access.port))
        page = console_browser.open(access.entrance)
        running.callback(page.close)
        yield page


def test_planted_credentials_are_nowhere_in_the_page(opened: Page, run: Run) -> None:
    key = run.desk.facts.key
    opened.wait("text=Send a first event")
    run.happens(
        1,
        line("call", status=202, system=SANDBOXED, reason=CREDENTIAL),
        id=ID,
        target=f"/a?token={key}&b={CREDENTIAL}",
        headers=[(b"Authorization", key.encode()), (b"X-Odd", CREDENTIAL.encode())],
        body=json.dumps({"key": key, "other": CREDENTIAL}).encode(),
        answer=CREDENTIAL.encode(),
    )
    run.stream.publish()
    opened.wait("#event-1")
    held = opened.evaluate("document.documentElement.outerHTML")

    opened.click("#event-1")
    opened.wait(".wire pre")
    opened.click("text=Copy curl")
    opened.wait("text=curl command copied.")
    held += opened.evaluate(HELD)
    opened.click("text=Send again")
    opened.wait("dialog form.composer")
    held += opened.evaluate(HELD)

    assert "$CLIENT_KEY" in held
    assert held.count(MASK) > 5
    assert CREDENTIAL not in held
    assert key not in held
    assert opened.faults == []
