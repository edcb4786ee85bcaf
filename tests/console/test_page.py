"""The console's page in a real Chromium: what a person sees, does and is spared."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.console import story
from tests.console.browser import Browser, Page
from tests.console.served import Console
from tests.docs.understood import understood
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
  while (state.next !== null) await more()
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
    page.wait(RECENT)
    yield page
    heard = page.requested
    assert page.faults == []
    assert {urlsplit(url).netloc for url in heard} == {urlsplit(filled.url).netloc}
    page.close()


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


def test_the_detail_shows_both_wires_and_every_try(page: Page, filled: Console) -> None:
    filled.add(story.summary(63, "redelivered"))
    page.click("#event-63")
    page.wait(".tries button >> nth=2")

    assert page.evaluate("[...document.querySelectorAll('.attempt strong')].map(e => e.textContent)") == [
        "503",
        "503",
        "200",
    ]
    widths = page.evaluate("[...document.querySelectorAll('.picture .gap')].map(e => e.clientWidth)")
    assert widths[0] < widths[1] < widths[2]
    page.click(".tries button >> nth=0")
    page.wait(".first-line >> text=players/0")
    assert '"amount": 1.50' in page.text(".wire pre")
    page.click("text=Copy curl")
    page.wait("text=curl command copied.")
    assert page.evaluate("navigator.clipboard.readText()") == story.detail(filled.events[63])["curl"]


def test_an_event_of_a_store_shows_its_row(page: Page) -> None:
    page.click("#event-56")
    page.wait("text=Row in its own store")

    assert page.text(".wire >> nth=1").endswith(f"user_id\n7\nnote\n{story.HOSTILE}")


def test_a_rejected_call_says_what_is_wrong(page: Page, filled: Console) -> None:
    filled.add(story.summary(63, "rejected"))
    page.click("#event-63")

    page.wait(".advice >> text=level must be a number")


def test_a_real_vendors_calls_are_said_not_to_be_recorded(page: Page, filled: Console) -> None:
    filled.details |= {"wire": "not recorded", "row": None}
    page.click("#event-56")

    page.wait("text=The console does not see what the gateway exchanges with https://api.initech.example")


def test_what_newer_events_needed_the_room_of_is_said(page: Page, filled: Console) -> None:
    gone = {"headers": [], "body": "", "size": 2048, "cut": True, "kept": False}
    filled.add(story.summary(63))
    filled.details["app"] = {"request": {"method": "POST", "target": "/a", **gone}, "response": None}
    page.click("#event-63")

    page.wait("text=Headers and body (2.0 KB) are no longer kept: newer events needed the room.")
    page.click("text=Send again")
    page.wait("dialog >> text=The recorded headers and body are no longer kept")


def test_a_long_path_leaves_the_rest_in_sight(page: Page, filled: Console) -> None:
    filled.add(story.summary(63, text="?text=" + "long" * 900))
    page.click("#event-63")
    page.wait(".wire pre")

    assert page.evaluate("document.querySelector('.first-line').clientHeight") <= 150
    assert page.evaluate("document.querySelector('.first-line').tabIndex") == 0, "for the keyboard to scroll"
    sent_here = "[...document.querySelectorAll('.path em')].every(e => e.scrollWidth <= e.clientWidth)"
    page.press("Escape")
    page.wait("#detail", "hidden")
    assert page.evaluate(sent_here)


def test_both_wires_begin_side_by_side_though_one_had_many_tries(page: Page, filled: Console) -> None:
    filled.add(event := story.summary(63, "redelivered"))
    filled.details["upstream"] = story.detail(event)["upstream"] * 3
    page.click("#event-63")
    page.wait(".tries")
    tops = page.evaluate(
        "[...document.querySelectorAll('.wire .message')].map(e => e.getBoundingClientRect().top)"
    )

    assert tops[0] == tops[2]


def test_a_zoomed_page_scrolls_its_title_away(console_browser: Browser, filled: Console) -> None:
    filled.add(story.summary(63, "redelivered"))
    page = console_browser.open(f"{filled.url}#event=63", width=640, height=400)
    page.wait(".wire pre")
    page.evaluate("document.querySelector('.steps').scrollIntoView()")
    title = page.evaluate("document.querySelector('.title').getBoundingClientRect().bottom")
    page.close()

    assert title < 0


def test_a_call_without_an_event_id_waits_for_no_log_line(page: Page, filled: Console) -> None:
    filled.add(story.summary(63, "preflight"))
    page.click("#event-63")

    page.wait("text=This call has no event id, so no log line tells of it.")


def test_the_composer_names_the_sample_that_it_starts_with(page: Page) -> None:
    page.press("s")
    page.wait("dialog form.composer")

    assert page.evaluate("document.querySelector('form.composer select').selectedOptions[0].text") == (
        "A player opened the app"
    )


def test_an_event_is_sent_again_with_edits(page: Page, filled: Console) -> None:
    page.click("#event-56")
    page.click("text=Send again")
    page.fill("dialog .grow input", "@evil.example/")
    assert page.evaluate("document.querySelector('dialog .row.end button:nth-child(2)').disabled")
    page.fill("dialog .grow input", "/acme/changed")
    page.click("dialog >> text=Copy curl")
    page.wait("text=curl command copied.")
    page.click("dialog >> text=Send >> nth=-1")
    page.wait("text=Sent: the gateway answered 200.")

    (asked, copied), (path, sent) = filled.posted
    assert (asked, copied) == ("/api/curl", sent)
    assert page.evaluate("navigator.clipboard.readText()") == "curl -i /acme/changed"
    headers = dict(sent["headers"])
    assert (path, sent["path"]) == ("/api/send", "/acme/changed")
    assert headers["X-Api-Key"] == "$CLIENT_KEY"
    assert "Host" not in headers
    page.wait("#detail-title")


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


def test_markup_in_an_event_is_text(page: Page, filled: Console) -> None:
    hostile = {
        "path": f"/{story.HOSTILE}",
        "endpoint": None,
        "id": f"01{story.HOSTILE}",
        "system": story.HOSTILE,
    }
    filled.add(story.summary(61) | hostile)
    page.click("#event-61")
    page.wait(".wire pre")
    page.click("text=Send again")
    page.wait("dialog[open]")
    page.press("Escape")
    page.wait("dialog[open]", "hidden")
    page.press("3")
    page.wait("text=onerror")

    assert page.evaluate("document.title") == "Trackgate console"
    assert page.count("img[src=x]") == 0


def test_a_body_as_deep_as_it_is_long_is_shown_as_it_is(page: Page) -> None:
    """Indented, 60 KB of brackets are 900 million spaces."""
    shown = page.evaluate(
        """import('/static/json.js').then(({ parts, pretty }) => {
          const nested = depth => '['.repeat(depth) + ']'.repeat(depth)
          const lines = pretty(nested(60)).split('\\n').length
          return [parts(nested(30_000)), pretty(nested(30_000)).length, lines]
        })"""
    )

    assert shown == [None, 60_000, 119]


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
