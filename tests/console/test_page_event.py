"""An opened event in a real Chromium: its life, both wires, and what is sent again."""

import pytest

from tests.console import story
from tests.console.browser import Browser, Page
from tests.console.served import Console

pytestmark = pytest.mark.xdist_group("console")


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


def test_a_shortcut_works_at_once_after_a_dialog(page: Page) -> None:
    page.press("s")
    page.wait("dialog[open] textarea")

    # The browser takes the focus from a closed dialog's field only with its next frame.
    page.evaluate("""(() => {
      const field = document.querySelector('dialog[open] textarea')
      field.closest('dialog').close()
      field.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true, cancelable: true }))
    })()""")

    page.wait("dialog[open] kbd")


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
