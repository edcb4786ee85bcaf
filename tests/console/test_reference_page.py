"""The API reference in a real Chromium: it shows every operation, sends, and stays within its origin."""

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest

from tests.console.browser import Browser, Page
from tests.console.front import Front, front
from tests.until import until
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.reference import DOCUMENT
from tools.console.server import Serving
from tools.local.ports import free_port
from tools.systems.registry import profiles

pytestmark = pytest.mark.xdist_group("console")

READY = "role=button[name=/^Test Request/]"
SENT = "text=/\\b200\\b.*OK/"
HOSTILE = b'{"message": "<img src=x onerror=globalThis.harmed=1>"}'
EVAL = "unsafe-eval"
"""Scalar's schema library looks whether it may compile; it may not, and does without."""

VENDORS_OWN = {
    "aria-input-field-name": "editors of the dialog without a name",
    "aria-prohibited-attr": "the dialog's buttons for more information have the role none",
    "aria-required-attr": "the dialog's fields are comboboxes without a list",
    "aria-valid-attr-value": "copy buttons control what is not drawn yet",
    "button-name": "copy buttons without a name",
    "scrollable-region-focusable": "code that scrolls sideways",
}
"""What axe finds in Scalar's own markup, by rule: known and not ours to change."""


@dataclass
class Reference:
    """The page, opened as a person opens it, and the front behind it."""

    page: Page
    front: Front
    access: Access


@pytest.fixture(scope="module")
def reference(console_browser: Browser, facts: Facts) -> Iterator[Reference]:
    with contextlib.ExitStack() as running:
        headers = {"Content_Type": "application/json", "Gateway_Delivery": "delivered"}
        runs_front = running.enter_context(front(HOSTILE, **headers))
        access = Access(free_port())
        run = dataclasses.replace(facts, api=runs_front.url)
        running.enter_context(Serving(application(access, run), access.port))
        page = console_browser.open(access.entrance, theme="dark")
        running.callback(page.close)
        page.goto(f"{access.url}/docs")
        page.wait(READY)
        yield Reference(page, runs_front, access)


def test_it_shows_every_operation_and_every_system(reference: Reference) -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"]
    wanted = {operation["summary"] for item in paths.values() for operation in item.values()}
    opened = "document.querySelectorAll('nav button[aria-expanded=false], aside button[aria-expanded=false]')"

    reference.page.evaluate(f"[...{opened}].forEach(button => button.click())")
    reference.page.until(f"{opened}.length === 0")
    shown = reference.page.evaluate("document.querySelector('nav, aside').textContent")

    assert [summary for summary in wanted if summary not in shown] == []
    assert [one.title for one in profiles().values() if one.title not in shown] == []
    assert "This local run" in reference.page.text("body")


def test_a_request_that_is_tried_reaches_the_front_with_the_local_key(reference: Reference) -> None:
    reference.page.click(READY)
    reference.page.click("role=button[name=/^Send/]")
    reference.page.wait(SENT)

    (sent,) = reference.front.received
    samples = {
        value for one in profiles().values() if one.page.keys for value in one.page.keys.sample.values()
    }
    path = unquote(urlsplit(sent.target).path)
    assert path in json.loads(DOCUMENT.read_text())["paths"]
    assert sent.method == "POST"
    assert json.loads(sent.body)
    assert samples & set(sent.headers.values())
    assert not sent.headers.keys() & {"cookie", "origin", "referer", "user-agent", "content-encoding"}
    assert not sent.headers.keys() & {"idempotency-key"}
    assert reference.page.evaluate("globalThis.harmed") is None


def test_nothing_leaves_the_origin(reference: Reference) -> None:
    assert reference.page.requested
    assert [url for url in reference.page.requested if not url.startswith(f"{reference.access.url}/")] == []


def test_the_policy_refuses_nothing_that_the_page_needs(reference: Reference) -> None:
    assert [fault for fault in reference.page.faults if EVAL not in fault] == []


def test_axe_finds_in_the_vendors_markup_what_is_known(reference: Reference) -> None:
    def ours() -> list[str]:
        problems = reference.page.axe("wcag2a", "wcag2aa")
        return [
            problem
            for problem in problems
            if problem.partition(":")[0] not in VENDORS_OWN or 'class="back"' in problem
        ]

    # The page begins in light colors, and changes to the theme's in steps.
    until(lambda: not ours())


def test_the_page_can_be_left_for_the_console(reference: Reference) -> None:
    reference.page.press("Escape")
    reference.page.click("role=link[name=/Console/]")
    reference.page.wait("text=Trackgate")
