"""Pages of other origins in a real Chromium that has the console open: they learn and change nothing.

Ports are no part of a site, so the browser sends the console's cookie along with what a page of another port
of 127.0.0.1 asks for: such a page is the strongest one that there is.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.console.browser import Browser, Page
from tests.console.front import Front, front
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.server import Serving
from tools.local.ports import free_port

pytestmark = pytest.mark.xdist_group("console")

READ = ("/", "/docs", "/openapi.json", "/api/run", "/api/events", "/api/stream", "/try/x", "/static/main.js")
KINDS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
WRITTEN = ("/api/send", "/api/faults", "/api/faults/clear", "/api/deadletters/redrive", "/try/x")
API = WRITTEN[:-1]
FOREIGN = b"<!doctype html><title>foreign</title><body>foreign"

TOOLS = """
const settled = (element, place, set) => new Promise(resolve => {
  element.onload = () => resolve('loaded')
  element.onerror = () => resolve('error')
  set()
  place.append(element)
})
const refused = promise =>
  promise.then(answer => answer.type === 'opaque' ? 'opaque' : 'read', () => 'refused')
const soon = (promise, otherwise) =>
  Promise.race([promise, new Promise(resolve => setTimeout(() => resolve(otherwise), 1500))])
"""


@dataclass
class Attack:
    """A page of another origin, in a browser in which the console is open."""

    page: Page
    console: str
    posted: list[str]
    front: Front

    @property
    def written(self) -> list[str]:
        """The paths of what has changed something: of the console's API, then of the run's front."""
        return [*self.posted, *(each.target for each in self.front.received)]

    def __call__(self, code: str) -> Any:
        """The value of statements that end with `return`; `console` is the console's address."""
        return self.page.evaluate(
            f"(async () => {{ const site = {json.dumps(self.console)}; {TOOLS} {code} }})()"
        )


@pytest.fixture(scope="module", params=["127.0.0.1", "localhost"])
def attack(request: pytest.FixtureRequest, console_browser: Browser, facts: Facts) -> Iterator[Attack]:
    posted: list[str] = []

    async def write(asked: Request) -> Response:
        if asked.method == "POST":
            posted.append(asked.url.path)
        return Response()

    with contextlib.ExitStack() as running:
        runs_front = running.enter_context(front())
        foreign = running.enter_context(front(FOREIGN, Content_Type="text/html"))
        access = Access(free_port())
        run = dataclasses.replace(facts, api=runs_front.url)
        api = [Route(path, write, methods=["GET", "POST"]) for path in API]
        running.enter_context(Serving(application(access, run, api), access.port))
        page = console_browser.open(access.entrance)
        running.callback(page.close)
        assert page.evaluate("fetch('/api/run').then(answer => answer.status)") == 200
        page.goto(f"http://{request.param}:{foreign.server_port}/")
        # It came from the console, whose address it must not learn.
        assert "referer" not in foreign.received[0].headers
        yield Attack(page, access.url, posted, runs_front)


def test_it_reads_nothing_by_fetch(attack: Attack) -> None:
    told = attack(
        f"""const told = {{}}
        for (const path of {json.dumps(READ)}) {{
          told[path] = [
            await refused(fetch(site + path, {{ credentials: 'include' }})),
            await refused(fetch(site + path, {{ credentials: 'include', mode: 'no-cors' }}))
          ]
        }}
        return told"""
    )

    # What is opaque has neither status nor body; Cross-Origin-Resource-Policy refuses even that.
    assert told == {path: ["refused", "refused"] for path in READ}


def test_it_includes_nothing(attack: Attack) -> None:
    told = attack(
        f"""const told = []
        for (const kind of ['script', 'img', 'link', 'video']) for (const path of {json.dumps(READ)}) {{
          const element = document.createElement(kind)
          const set = () => {{ element[kind === 'link' ? 'href' : 'src'] = site + path }}
          element.rel = 'stylesheet'
          told.push(soon(settled(element, document.body, set), 'nothing'))
        }}
        return Promise.all(told)"""
    )

    assert set(told) == {"error"}


def test_it_hears_no_stream_and_opens_no_socket(attack: Attack) -> None:
    told = attack(
        """const stream = new EventSource(site + '/api/stream', { withCredentials: true })
        const socket = new WebSocket(site.replace('http', 'ws') + '/api/stream')
        const heard = target => new Promise(resolve => {
          target.onopen = target.onmessage = () => resolve('open')
          target.onerror = () => resolve('error')
        })
        return Promise.all([heard(stream), heard(socket)])"""
    )

    assert told == ["error", "error"]


def test_it_writes_nothing_by_fetch(attack: Attack) -> None:
    told = attack(
        f"""const told = []
        for (const path of {json.dumps(WRITTEN)}) for (const type of {json.dumps(KINDS)}) {{
          for (const mode of ['cors', 'no-cors']) {{
            const options = {{ method: 'POST', credentials: 'include', mode, body: '{{}}' }}
            told.push(refused(fetch(site + path, {{ ...options, headers: {{ 'Content-Type': type }} }})))
          }}
          navigator.sendBeacon(site + path, new Blob(['{{}}'], {{ type }}))
        }}
        return Promise.all(told)"""
    )

    assert set(told) == {"refused"}
    assert attack.written == []


def test_it_writes_nothing_by_a_form(attack: Attack) -> None:
    attack(
        f"""const sent = []
        for (const path of {json.dumps(WRITTEN)}) for (const enctype of {json.dumps(KINDS[1:])}) {{
          const frame = document.body.appendChild(document.createElement('iframe'))
          const form = document.body.appendChild(document.createElement('form'))
          frame.name = form.target = path + enctype
          Object.assign(form, {{ method: 'post', enctype, action: site + path }})
          const field = form.appendChild(document.createElement('input'))
          field.name = '{{"method":"POST","path":"/x","headers":[],"body":"'
          field.value = '"}}'
          sent.push(soon(new Promise(resolve => {{ frame.onload = resolve; form.submit() }})))
        }}
        return Promise.all(sent).then(() => null)"""
    )

    assert attack.written == []


def test_it_neither_frames_the_console_nor_holds_its_window(attack: Attack) -> None:
    told = attack(
        """const frame = document.createElement('iframe')
        frame.src = site + '/'
        document.body.append(frame)
        await soon(new Promise(resolve => { frame.onload = resolve }))
        let inside = 'unreadable'
        try { inside = frame.contentDocument?.body?.textContent ?? 'unreadable' } catch {}
        const opened = window.open(site + '/docs')
        await new Promise(resolve => setTimeout(resolve, 1000))
        let page = 'unreadable'
        try { page = opened.document.title } catch {}
        const told = [inside, page, opened?.length ?? 0]
        opened?.close()
        frame.remove()
        return told"""
    )

    assert told == ["unreadable", "unreadable", 0]


def test_a_link_to_the_api_shows_nothing_and_a_rightful_page_still_works(attack: Attack) -> None:
    """Last: it leaves the page."""
    attack(
        """const link = document.createElement('a')
        link.href = site + '/api/run'
        link.textContent = 'link'
        document.body.append(link)"""
    )

    attack.page.click("text=link")
    attack.page.until("location.pathname === '/api/run'")

    assert "systems" not in attack.page.text("body")
    attack.page.goto(f"{attack.console}/api/run")
    assert "systems" in attack.page.text("body")
    json_post = "{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }"
    for path in WRITTEN:
        assert attack.page.evaluate(f"fetch({path!r}, {json_post}).then(answer => answer.status)") == 200
    assert attack.written == [*API, "/x"]
