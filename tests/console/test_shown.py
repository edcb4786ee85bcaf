"""What the page makes of texts: JSON as it was written, lists that stay in order."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.console.browser import Browser, Page
from tests.console.served import serving
from tools.operator.life.life import Outcome
from tools.places import ROOT

pytestmark = pytest.mark.xdist_group("console")


@pytest.fixture(scope="module")
def page(console_browser: Browser) -> Iterator[Page]:
    """Only its modules are of interest."""
    with serving() as console:
        page = console_browser.open(console.url)
        yield page
        page.close()


def evaluated(page: Page, module: str, expression: str) -> object:
    """An expression over a module `m` of the page."""
    return page.evaluate(f"import('/static/{module}.js').then(m => {expression})")


def test_json_is_indented_and_otherwise_left_alone(page: Page) -> None:
    text = '{"a":1.50,"b":[1e400,-0.0,12345678901234567890],"b":{},"c":"x\\u0041 \\"{,:}\\"","d":[],"e":null}'

    shown = str(evaluated(page, "json", f"m.pretty({json.dumps(text)})"))

    assert shown.split("\n")[1:3] == ['  "a": 1.50,', '  "b": [']
    assert "".join(line.strip() for line in shown.split("\n")).replace('": ', '":') == text


@pytest.mark.parametrize("text", ["", "12", "{", "a=b&c=d", '{"a": }', "<html>"])
def test_what_is_no_json_stays_as_it_is(page: Page, text: str) -> None:
    assert evaluated(page, "json", f"m.pretty({json.dumps(text)})") == text


def test_a_list_stays_in_order_whatever_comes(page: Page) -> None:
    order = "[5, 3, 9, 9, 1, 7].reduce((items, number) => m.put(items, { number }, true).items, [])"

    numbers = evaluated(page, "events", f"{order}.map(event => event.number)")
    without = evaluated(page, "events", f"m.put({order}, {{ number: 7 }}, false).items.map(e => e.number)")

    assert numbers == [9, 7, 5, 3, 1]
    assert without == [9, 5, 3, 1]


def test_an_address_says_what_it_was_made_of(page: Page) -> None:
    state = {
        "view": "faults",
        "filter": {"system": "a&b", "outcome": "dead letter", "text": "#=%", "id": "01"},
        "open": 17,
    }

    again = evaluated(page, "address", f"m.read(m.write({json.dumps(state)}))")

    assert again == state


def test_every_outcome_of_a_life_has_a_look_and_a_line_in_the_guide(page: Page) -> None:
    looks = evaluated(
        page, "outcomes", "Object.entries(m.OUTCOMES).map(([name, { means }]) => [name, means])"
    )

    assert isinstance(looks, list)
    assert {outcome.value for outcome in Outcome} <= {name for name, _ in looks}
    guide = (ROOT / "docs" / "console.md").read_text()
    assert [name for name, means in looks if f"| {name} | {means} |" not in guide] == []


def test_a_batch_is_named_so_and_counts_how_its_items_stand(page: Page) -> None:
    items = [{"outcome": outcome} for outcome in ("redelivered", "rejected", "redelivered")]
    batch = {"outcome": "redelivered", "endpoint": "new_session", "path": "/batch/acme/new-session?a=1"}
    event: dict[str, Any] = batch | {"life": {"items": items}}
    single = event | {"path": "/acme/new-session", "life": {"steps": []}}

    def said(module: str, function: str, event: dict[str, Any]) -> object:
        return evaluated(page, module, f"m.{function}({json.dumps(event)})")

    assert said("format", "called", event) == "new-session, batch"
    assert said("format", "called", single) == "new-session"
    assert said("format", "called", single | {"endpoint": None}) == "/acme/new-session"
    assert said("outcomes", "meaning", event) == "2 redelivered, 1 rejected."
    assert said("outcomes", "meaning", single) == "It was queued, and the upstream accepted it later."
