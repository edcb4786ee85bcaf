"""The console's page in a real Chromium: what a person sees, does and is spared."""

import pytest

from tests.console import story
from tests.console.browser import Browser, Page
from tests.console.served import Console
from tests.until import until

pytestmark = pytest.mark.xdist_group("console")

RECENT = ".row >> nth=0"
CURSOR = "document.getElementById('list').getAttribute('aria-activedescendant')"
MOST_MILLISECONDS = 2000
"""For a list of 10,000 events to be filtered and drawn. It takes a tenth of that on an idle machine."""


BEYOND = (
    "[...document.querySelectorAll('html, main, button, a, input, select')].filter(e => e.checkVisibility()"
    " && !e.closest('.table, .picture') && !e.matches('.skip')"
    " && (e.getBoundingClientRect().right > 391 || (e === document.documentElement && e.scrollWidth > 390)))"
    ".map(e => e.outerHTML.slice(0, 200))"
)
"""What is out of a phone's sight, except in boxes that scroll by themselves."""

CUT = "[...document.querySelectorAll('.table')].filter(e => e.scrollWidth > e.clientWidth).map(String)"
"""The tables that a phone shows only in part."""

LOAD_ALL = """(async () => {
  const { more } = await import('/static/actions.js')
  const { state } = await import('/static/state.js')
  // It returns at once while the page itself loads, which must get its turn.
  while (state.next !== null) { await more(); await new Promise(requestAnimationFrame) }
})()"""
READ = """
  const { setFilter } = await import('/static/actions.js')
  const { state } = await import('/static/state.js')
  const list = document.getElementById('list')
  const shown = () => [...document.querySelectorAll('.row .outcome')].map(e => e.textContent)
  const other = () => shown().some(outcome => outcome !== 'dead letter')
"""


def timed(act: str, done: str) -> str:
    """An expression: the milliseconds from `act` until `done` is true in a frame."""
    return f"""(async () => {{ {READ}
      const began = performance.now()
      {act}
      while (!({done})) await new Promise(requestAnimationFrame)
      return performance.now() - began
    }})()"""


def test_the_first_screen_sends_an_event(console_browser: Browser, console: Console) -> None:
    page = console_browser.open(f"{console.url}?token=once")
    page.wait("text=Send a first event")

    curl = page.text(".sample pre")
    page.click("text=Send this event")
    page.wait(".wire pre")

    assert "http://127.0.0.1:3000/acme/new-session" in curl
    assert "$CLIENT_KEY" in curl
    ((path, sent),) = console.posted
    assert path == "/api/send"
    assert sent["path"] == "/acme/new-session"
    assert "token" not in page.evaluate("location.href + document.documentElement.innerHTML")
    assert page.faults == []
    page.close()


def test_an_event_appears_and_changes_while_the_list_is_open(page: Page, filled: Console) -> None:
    filled.add(story.summary(61, "queued"))
    page.wait("#event-61 >> text=queued")

    filled.add(story.summary(61, "redelivered"))
    page.wait("#event-61 >> text=redelivered")

    assert page.text(".total") == "61 events"
    assert page.evaluate("document.querySelector('.row').id") == "event-61"


def test_no_event_is_lost_while_the_list_is_read(page: Page, filled: Console) -> None:
    filled.answers.clear()
    page.choose("select >> nth=0", "globex")
    until(lambda: filled.waiting > 0)

    filled.add(story.summary(61))
    page.wait("#event-61")
    filled.answers.set()

    page.wait("text=21 events")
    assert page.count("#event-61") == 1


def test_back_closes_an_event(page: Page) -> None:
    page.click(RECENT)
    page.wait(".wire pre")

    page.evaluate("history.back()")

    page.wait("#detail", "hidden")
    assert page.evaluate("location.hash") == ""


def test_a_paused_list_stands_still(page: Page, filled: Console) -> None:
    page.press("p")
    filled.add(story.summary(61))
    page.wait("text=Resume (1)")

    assert page.count("#event-61") == 0
    page.press("p")
    page.wait("#event-61")


def test_filters_are_kept_in_the_address(page: Page, filled: Console) -> None:
    page.choose("select >> nth=0", "acme")
    page.choose("select >> nth=1", "dead letter")
    wanted = filled.page({"system": "acme", "outcome": "dead letter"})["total"]
    page.wait(f"text={wanted} event")

    page.reload()
    page.wait(f"text={wanted} event")

    assert "system=acme" in page.evaluate("location.hash")
    assert set(page.evaluate("[...document.querySelectorAll('.row .system')].map(e => e.textContent)")) == {
        "Acme"
    }
    page.fill(".id input", "01M7XWnone")
    page.wait("text=No event matches.")
    page.click("text=Clear filters")
    page.wait("text=60 events")


def test_text_is_searched_by_the_server(page: Page, filled: Console) -> None:
    filled.events[3] = story.summary(3, text="?needle=1")

    page.fill("#text", "needle")

    page.wait("text=1 event")
    assert page.count(".row") == 1


def test_the_keyboard_is_enough(page: Page) -> None:
    page.press("j", "j", "k", "j")
    page.until(f"{CURSOR} === 'event-59'")

    page.press("Enter")
    page.wait("#detail-title >> text=new-purchase")
    assert page.evaluate("document.activeElement.id") == "detail"
    assert "event=59" in page.evaluate("location.hash")

    page.press("Escape")
    page.wait("#detail", "hidden")
    assert page.evaluate("document.activeElement.id") == "list"

    page.press("/")
    page.until("document.activeElement.id === 'text'")
    page.press("j")
    assert page.evaluate("document.getElementById('text').value") == "j"
    page.press("Escape")
    page.until("document.activeElement === document.body")
    page.press("?")
    page.wait("role=heading[name='Keyboard and outcomes']")
    page.press("Escape")
    page.wait("dialog[open]", "hidden")
    page.press("2")
    page.wait("role=heading[name='Faults']")


VIEWS = {
    "": RECENT,
    "#event=58": ".wire pre",
    "#view=faults": ".switches",
    "#view=queues": "table",
    "#view=keys": "table",
}
"""The address of each view, and what it has once it is drawn."""


@pytest.mark.parametrize(("theme", "rules"), [("light", []), ("dark", ["color-contrast"])])
def test_axe_finds_nothing(console_browser: Browser, filled: Console, theme: str, rules: list[str]) -> None:
    filled.faults.add({"system": "acme", "fault": "status", "status": 503})
    found = {}
    page = console_browser.open(filled.url, theme=theme)
    for view, sign in VIEWS.items():
        page.evaluate(f"location.hash = {view!r}")
        page.wait(sign)
        found[view] = page.axe(*rules)
    page.press("s")
    page.wait("dialog[open]")
    found["composer"] = page.axe(*rules)
    page.press("Escape")
    page.wait("dialog[open]", "hidden")
    page.press("?")
    page.wait("dialog[open] kbd")
    found["help"] = page.axe(*rules)
    filled.events.clear()
    page.goto("about:blank")
    page.goto(filled.url)
    page.wait("text=Send a first event")
    found["first"] = page.axe(*rules)
    page.close()

    assert {view: violations for view, violations in found.items() if violations} == {}


def test_a_phone_does_not_scroll_sideways(console_browser: Browser, filled: Console) -> None:
    page = console_browser.open(filled.url, width=390, height=844)
    wide = {}
    for view, sign in VIEWS.items():
        page.evaluate(f"location.hash = {view!r}")
        page.wait(sign)
        wide[view] = [*page.evaluate(BEYOND), *page.evaluate(CUT)]
    filled.events.clear()
    page.goto("about:blank")
    page.goto(filled.url)
    page.wait("text=Send a first event")
    wide["first"] = page.evaluate(BEYOND)
    page.close()

    assert {view: found for view, found in wide.items() if found} == {}


def test_ten_thousand_events_are_as_quick_as_ten(console_browser: Browser, console: Console) -> None:
    for number in range(1, 10_001):
        console.events[number] = story.summary(number)
    page = console_browser.open(console.url)
    page.wait(RECENT)
    page.until("document.querySelector('.total')?.textContent === '10,000 events'")

    page.evaluate(LOAD_ALL)
    rows = page.count(".row")
    scrolled = page.evaluate(
        timed("list.scrollTop = list.scrollHeight", "document.getElementById('event-1')")
    )
    page.choose("select >> nth=1", "dead letter")
    page.wait("text=/^714 events/")
    page.click("text=Clear filters")
    page.wait("text=10,000 events")
    filtered = page.evaluate(
        timed(
            "setFilter({ outcome: 'dead letter' })", "state.items.length && !other() && state.total === 714"
        )
    )
    page.close()

    assert rows < 100
    assert scrolled < MOST_MILLISECONDS
    assert filtered < MOST_MILLISECONDS


def test_a_stopped_run_is_said_and_found_again(console_browser: Browser, filled: Console) -> None:
    page = console_browser.open(filled.url)
    page.wait("text=Live")
    page.until("document.querySelector('.link').textContent === 'Live'")

    filled.drop()
    page.wait(".link.bad")
    page.wait("text=The local run does not answer.")
    filled.events[61] = story.summary(61)
    page.wait(".link.good")
    page.wait("#event-61")

    filled.admits = False
    filled.drop()
    page.wait("text=Open the console with its address")
    page.close()


def test_a_burst_is_one_sentence_to_a_screen_reader(page: Page, filled: Console) -> None:
    page.evaluate("""globalThis.said = []; new MutationObserver(() => {
      const { textContent } = document.querySelector('p.unseen')
      if (textContent) said.push(textContent)
    }).observe(document.body, { childList: true, characterData: true, subtree: true })""")
    for number in range(61, 101):
        filled.add(story.summary(number, "delivered"))
    page.until("said.length > 0")

    assert set(page.evaluate("said")) == {"40 new events."}
