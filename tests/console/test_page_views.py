"""Faults, queues and keys in a real Chromium: what a person switches, sends again and drops."""

import pytest

from tests.console import story
from tests.console.browser import Page
from tests.console.served import Console
from tests.docs.understood import understood

pytestmark = pytest.mark.xdist_group("console")


def test_faults_are_switched_and_stay_in_sight(page: Page, filled: Console) -> None:
    page.press("2")
    page.choose(".head select", "2")
    page.click("role=switch[name='Acme: 503, service unavailable']")
    page.wait(".bar >> text=A fault is on.")
    assert filled.posted[-1] == (
        "/api/faults",
        {"system": "acme", "fault": "status", "status": 503, "next": 2},
    )

    page.press("1")
    page.wait(".bar >> text=Acme: 503, 2 of 2 requests left")
    page.click(".bar >> text=Clear all")
    page.wait(".bar", "hidden")
    assert filled.faults.data() == []


def test_a_fault_counts_down_as_events_come(page: Page, filled: Console) -> None:
    filled.faults.add({"system": "acme", "fault": "status", "status": 503, "next": 2})
    page.evaluate("import('/static/actions.js').then(actions => actions.refreshFaults())")
    page.wait(".bar >> text=2 of 2 requests left")
    # So that the page does not ask by the clock.
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")

    assert filled.faults.for_request("acme", "/")
    filled.add(story.summary(61, "queued"))

    page.wait(".bar >> text=1 of 2 requests left")


def test_a_fault_that_is_switched_off_leaves_the_others(page: Page, filled: Console) -> None:
    filled.faults.add({"system": "acme", "fault": "delay", "seconds": 2, "next": 5})
    assert filled.faults.for_request("acme", "/")
    page.press("2")
    page.click("role=switch[name='Acme: Reset, closes the connection']")
    page.wait("text=2 faults are on.")

    page.click("role=switch[name='Acme: Reset, closes the connection']")
    page.wait("text=A fault is on.")

    (left,) = filled.faults.data()
    assert (left["fault"], left["seconds"], left["next"]) == ("delay", 2, 4)


def test_a_dead_letter_is_dropped_only_after_a_question(page: Page, filled: Console) -> None:
    page.press("3")
    page.click("tbody input >> nth=0")
    page.click("text=Drop 1")
    page.wait("text=This cannot be undone.")
    assert filled.posted == []

    page.click("dialog[open] >> role=button[name='Drop']")
    page.wait("text=1 dead letter dropped.")

    assert filled.posted == [("/api/deadletters/drop", {"ids": [story.queues()["dead_letters"][0]["id"]]})]


def test_the_command_that_makes_a_key_is_one(page: Page) -> None:
    page.press("4")
    page.wait("table")
    shown = page.text(".head code")

    assert "--system acme" in shown
    assert understood(shown)


def test_a_redrive_that_takes_a_while_is_not_asked_for_twice(page: Page, filled: Console) -> None:
    page.press("3")
    page.evaluate("""(() => {
      const ask = fetch
      window.fetch = (...asked) => asked[0].includes('/deadletters/')
        ? new Promise(resolve => { window.answer = () => resolve(ask(...asked)) }) : ask(...asked)
    })()""")
    page.click("tbody input >> nth=0")
    page.click("text=Redrive 1")
    page.wait("role=button[name='Working…'][disabled]")

    page.evaluate("void answer()")
    page.wait("text=1 dead letter sent back to the queue.")

    assert [path for path, _ in filled.posted] == ["/api/deadletters/redrive"]


def test_rates_and_latencies_are_drawn_and_read_out(page: Page, filled: Console) -> None:
    page.wait("role=img[name=/^Calls per second, calls.s: now /]")
    rates = {name: [*values[:-2], 40, 40] for name, values in story.rates().items() if name != "seconds"}
    filled.tell("rates", story.rates() | rates)

    page.wait("role=img[name=/calls.s: now 8.0, .*failed.s: now 8.0/]")
    page.wait("role=img[name=/^Latency, p50: now 40 ms, .*p95: now 40 ms, .*upstream p95: now 40 ms/]")
    assert page.count(".chart canvas") == 2
