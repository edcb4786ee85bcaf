"""push.express is called by web pages of other origins: preflight, answers and errors in a real browser."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.chromium import Browser
from tests.clients.secure import HERE
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

# First of all fixtures: without a browser no test here may start a local run.
pytestmark = pytest.mark.usefixtures("started_browser")

APP = "/api/r/v2/apps/20523-1212/instances"
INSTANCE = f"{APP}/737112"
TOKEN = "0b3bd2ea-8d4c-4f3e-a0c5-6a1a4f3b1d51"
PUSH_TOKEN = json.dumps({"endpoint": "https://push.example/x", "keys": {"p256dh": "BP", "auth": "é"}})
INFO = {
    "transport_type": "webpush",
    "transport_token": PUSH_TOKEN,
    "platform_type": "web",
    "lang": "",
    "country": None,
}

type Fetched = list[dict[str, Any]]


def sending(method: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """What a page hands to fetch(); a type of JSON is what makes its browser ask first."""
    if body is None:
        return {"method": method, "headers": headers}
    return {
        "method": method,
        "headers": {"Content-Type": "application/json", **headers},
        "body": body if isinstance(body, str) else json.dumps(body),
    }


@pytest.fixture
def fetched(local: LocalStack, started_browser: Browser) -> Callable[..., Fetched]:
    """What a page gets of each call, made one after the other: `fetched((path, sending(…)), …)`."""

    def fetch(*calls: tuple[str, dict[str, Any]], base: str = local.url) -> Fetched:
        asked = [[base + path, init] for path, init in calls]
        files = {
            "pushexpress.js": (HERE / "pushexpress.js").read_bytes(),
            "asked.json": json.dumps(asked).encode(),
        }
        outcomes = started_browser.visit(["pushexpress.js"], files)
        assert isinstance(outcomes, list)
        return outcomes

    return fetch


def test_a_page_registers_reports_and_leaves(
    fetched: Callable[..., Fetched], sandbox: Sandbox, started_browser: Browser
) -> None:
    calls = [
        (f"{APP}?origin=web", sending("POST", {"ic_token": TOKEN})),
        (f"{INSTANCE}/info?origin=web", sending("PUT", INFO)),
        (
            f"{INSTANCE}/events/notification?origin=web",
            sending("POST", {"msg_id": "m-1", "event": "clicked"}),
        ),
        (f"{INSTANCE}/events/lifecycle?origin=web", sending("POST", {"event": "onscreen"})),
        (f"{INSTANCE}/events/lifecycle?origin=web", sending("POST")),
        (f"{INSTANCE}/deactivate?origin=web", sending("POST", {})),
    ]

    outcomes = fetched(*calls)

    assert [(outcome["status"], outcome["text"] and json.loads(outcome["text"])) for outcome in outcomes] == [
        (200, {"id": "737112", "just_created": True}),
        (200, {"id": "737112", "update_interval_sec": 120}),
        (202, ""),
        (202, ""),
        (202, ""),
        (200, {"id": "737112", "just_created": False}),
    ]
    entries = sandbox.ledger("pushexpress")
    assert [(entry.method, f"{entry.path}?{entry.query}", entry.content.decode()) for entry in entries] == [
        (init["method"], path, init.get("body", "")) for path, init in calls
    ], "each call once and as it came, and nothing of the browser's own asking"
    assert {entry.verdict for entry in entries} == {"taken"}
    assert started_browser.origin not in str(entries)


def test_a_page_reads_what_became_of_its_event(fetched: Callable[..., Fetched], sandbox: Sandbox) -> None:
    sandbox.fault(system="pushexpress", next=1, fault="status", status=500)

    queued, delivered = fetched(
        (f"{INSTANCE}/events/notification", sending("POST", {"msg_id": "m-2", "event": "delivered"})),
        (f"{INSTANCE}/events/lifecycle", sending("POST", {"event": "closed"})),
    )

    assert [answer["status"] for answer in (queued, delivered)] == [202, 202]
    assert queued["headers"]["gateway-delivery"] == "queued"
    assert delivered["headers"]["gateway-delivery"] == "delivered"
    assert len(delivered["headers"]["gateway-event-id"]) == 26
    sandbox.wait_for(3, "pushexpress")


@pytest.mark.parametrize(
    ("path", "asked", "status", "message"),
    [
        (APP, sending("POST", {}), 400, "validation error: ic_token is required"),
        (APP, sending("POST", "{"), 400, "validation error: invalid JSON"),
        (f"{APP.replace('20523-1212', 'x' * 65)}", sending("POST", {"ic_token": "x"}), 404, "Unknown app_id"),
        # Neither a header nor a method that a browser would have to ask about.
        (f"{INSTANCE}/info", sending("GET"), 405, "Method not allowed"),
        ("/api/r/v2/nothing", sending("GET"), 404, "Not found"),
        ("/api/r/v2/nothing", sending("POST", {}), 404, "Not found"),
    ],
)
def test_a_page_reads_our_errors(
    fetched: Callable[..., Fetched],
    sandbox: Sandbox,
    path: str,
    asked: dict[str, Any],
    status: int,
    message: str,
) -> None:
    (answer,) = fetched((path, asked))

    assert (answer["status"], json.loads(answer["text"])) == (status, {"message": message})
    assert sandbox.ledger("pushexpress") == []


def test_a_page_reads_the_vendors_errors(fetched: Callable[..., Fetched], sandbox: Sandbox) -> None:
    busy = '{"message":"slow down"}'
    sandbox.fault(
        system="pushexpress", next=1, fault="status", status=429, headers={"Retry-After": "7"}, body=busy
    )

    (answer,) = fetched((f"{INSTANCE}/info", sending("PUT", INFO)))

    assert (answer["status"], answer["text"]) == (429, busy)
    assert (answer["headers"]["retry-after"], answer["headers"]["gateway-delivery"]) == ("7", "rejected")


def test_any_header_may_be_asked_for(fetched: Callable[..., Fetched], sandbox: Sandbox) -> None:
    key = {"Idempotency-Key": "k-1", "X-Of-The-Page": "1"}
    call = (f"{INSTANCE}/events/notification", sending("POST", {"msg_id": "m-3", "event": "clicked"}, **key))

    first, again = fetched(call, call)

    assert [answer["status"] for answer in (first, again)] == [202, 202]
    assert "idempotency-replayed" not in first["headers"]
    assert again["headers"]["idempotency-replayed"] == "true"
    assert len(sandbox.ledger("pushexpress")) == 1


def test_the_browser_does_enforce_it(
    fetched: Callable[..., Fetched], local: LocalStack, sandbox: Sandbox
) -> None:
    # The vendors' stand-in says nothing of other origins: what a page is told without our headers.
    (answer,) = fetched((f"/pushexpress{APP}", sending("POST", {"ic_token": TOKEN})), base=local.sandbox_url)

    assert answer == {"unreadable": "TypeError"}
