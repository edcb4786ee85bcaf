"""What all five endpoints share: apps, query, the caller's address, and the words of errors."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.core.errors import (
    Fault,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    Refused,
    Setup,
    TimedOut,
    Transient,
    Undeliverable,
    UnknownPath,
)
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from pushexpress import system
from pushexpress.apps import Apps
from pushexpress.create_instance import handler as create
from pushexpress.deactivate_instance import handler as deactivate
from pushexpress.lifecycle_event import handler as lifecycle
from pushexpress.notification_event import handler as notification
from pushexpress.system import PushExpressDialect, PushExpressSettings, pushexpress
from pushexpress.update_instance import handler as update

ENDPOINTS = pytest.mark.parametrize("handler", [create, update, notification, lifecycle, deactivate])


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One app, and an alias of another."""
    monkeypatch.setattr(system, "apps", Apps.of("20523-1212,demo=30000-1"))


@pytest.mark.usefixtures("apps")
@ENDPOINTS
@pytest.mark.parametrize("app_id", ["20523-1213", "30000-1", "..", "%2e%2e%2f", "", "a/b", "20523-1212\n"])
def test_other_apps_are_unknown(event: Any, vendor: Any, handler: Any, app_id: str) -> None:
    path = {"app_id": app_id.replace("%", "%25")}
    for body in ("{}", "not JSON", None):
        answer = handler(event(f"pushexpress/{handler.name}", path=path, body=body))

        assert (answer["statusCode"], json.loads(answer["body"])) == (404, {"message": "Unknown app_id"})
        assert (answer["headers"]["Gateway-Delivery"], vendor.sent) == ("rejected", [])


@pytest.mark.usefixtures("apps")
@ENDPOINTS
def test_an_alias_is_resolved_when_it_is_sent(event: Any, vendor: Any, handler: Any) -> None:
    handler(event(f"pushexpress/{handler.name}", path={"app_id": "demo"}))

    assert vendor.sent[0].url.startswith("/api/r/v2/apps/30000-1/instances")


@pytest.mark.usefixtures("apps")
def test_an_app_that_went_is_ours_to_mend() -> None:
    request = HttpRequest(method="POST", path="/instances/1/events/lifecycle", account="gone")

    with pytest.raises(Setup):
        system._sign(request, system.secret)


@ENDPOINTS
@pytest.mark.parametrize(
    "query",
    [
        [],
        [("origin", "droid")],
        [("origin", "a+b"), ("origin", "c")],
        [("origin", ""), ("x", "a&b=c#d?e/f"), ("é", "漢 🙂")],
        [("a%2Fb", "%2e%2e%2f"), ("a%2Fb", "\r\nX: y")],
        [("app_id", "other"), ("_method", "GET")],
    ],
)
def test_the_query_keeps_its_meaning(
    event: Any, vendor: Any, handler: Any, query: list[tuple[str, str]]
) -> None:
    handler(event(f"pushexpress/{handler.name}", query=query))

    url = vendor.sent[0].url
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == query
    assert url.isascii()
    assert not set(url) & set("\r\n +#")
    assert urlsplit(url).path.startswith("/api/r/v2/apps/20523-1212/instances")


def test_a_plus_stays_a_plus(event: Any, vendor: Any) -> None:
    create(event("pushexpress/create_instance", query=[("origin", "a+b"), ("origin", "c")]))

    assert urlsplit(vendor.sent[0].url).query == "origin=a%2Bb&origin=c"


@ENDPOINTS
def test_nothing_else_of_the_client_goes_on(event: Any, vendor: Any, handler: Any) -> None:
    theirs = {"X-Forwarded-For": "198.51.100.1", "Authorization": "Bearer x", "X-Api-Key": "y", "Cookie": "z"}

    handler(event(f"pushexpress/{handler.name}", headers=theirs))

    assert vendor.sent[0].headers == {"Content-Type": "application/json"}


@ENDPOINTS
def test_the_caller_goes_on_when_it_is_told_to(
    event: Any, vendor: Any, handler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "settings", system.settings.model_copy(update={"fill_client_ip": True}))
    theirs = {"X-Forwarded-For": "198.51.100.1", "User-Agent": "Mozilla/5.0 (X11)"}

    handler(event(f"pushexpress/{handler.name}", headers=theirs))

    assert vendor.sent[0].headers == {
        "Content-Type": "application/json",
        "X-Forwarded-For": "203.0.113.7",
        "User-Agent": "Mozilla/5.0 (X11)",
    }


@pytest.mark.parametrize("agent", [None, "", "é", "漢", "a\nX: y", "x" * 1025, ["a", "b"]])
def test_a_header_that_cannot_go_on_stays_behind(
    event: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch, agent: Any
) -> None:
    monkeypatch.setattr(system, "settings", system.settings.model_copy(update={"fill_client_ip": True}))

    lifecycle(event("pushexpress/lifecycle_event", headers={"User-Agent": agent}))

    assert "User-Agent" not in vendor.sent[0].headers


@ENDPOINTS
@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "DELETE"])
def test_wrong_method(event: Any, vendor: Any, handler: Any, method: str) -> None:
    answer = handler(event(f"pushexpress/{handler.name}", method=method))

    assert (answer["statusCode"], json.loads(answer["body"])) == (405, {"message": "Method not allowed"})
    assert answer["headers"]["Allow"] == f"{handler.method}, OPTIONS"
    assert ("Gateway-Delivery" in answer["headers"], vendor.sent) == (False, [])


@ENDPOINTS
def test_a_browser_may_ask_first(event: Any, vendor: Any, handler: Any) -> None:
    asked = {"Access-Control-Request-Headers": "content-type", "Origin": "https://shop.example"}

    answer = handler(event(f"pushexpress/{handler.name}", method="OPTIONS", headers=asked, body=None))

    assert (answer["statusCode"], answer["body"], vendor.sent) == (204, "", [])
    assert answer["headers"]["Access-Control-Allow-Methods"] == f"{handler.method}, OPTIONS"
    assert answer["headers"]["Access-Control-Allow-Headers"] == "content-type"


@ENDPOINTS
def test_too_large(event: Any, vendor: Any, handler: Any) -> None:
    bomb = base64.b64encode(gzip.compress(b" " * (8 * 1024 * 1024))).decode()
    made = event(f"pushexpress/{handler.name}", headers={"Content-Encoding": "gzip"})

    for request in (
        event(f"pushexpress/{handler.name}", body="x" * (512 * 1024 + 1)),
        {**made, "body": bomb, "isBase64Encoded": True},
    ):
        answer = handler(request)
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (413, "application/json")
    assert vendor.sent == []


def test_gzip_is_unfolded(event: Any, vendor: Any) -> None:
    made = event("pushexpress/lifecycle_event", headers={"Content-Encoding": "gzip", "Content-Type": None})
    made |= {
        "body": base64.b64encode(gzip.compress(b'{"event":"closed"}')).decode(),
        "isBase64Encoded": True,
    }

    assert lifecycle(made)["statusCode"] == 202
    assert vendor.sent[0].body == b'{"event":"closed"}'
    assert "Content-Encoding" not in vendor.sent[0].headers


@pytest.mark.parametrize("status", [401, 403])
def test_there_is_no_credential_to_be_refused(status: int) -> None:
    with pytest.raises(Refused):
        pushexpress.upstream.judge(Reply(status=status))  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 429, 500, 502, 503, 504])
def test_what_another_try_may_change(status: int) -> None:
    with pytest.raises(Transient):
        pushexpress.upstream.judge(Reply(status=status))  # type: ignore[attr-defined]


def test_words() -> None:
    dialect = PushExpressDialect()
    said = {
        404: dialect.answer(UnknownPath()),
        409: dialect.answer(IdempotencyKeyInFlight(1)),
        422: dialect.answer(IdempotencyKeyReused()),
        500: dialect.answer(Fault()),
        503: dialect.answer(Undeliverable(TimedOut())),
    }

    for status, answer in said.items():
        assert (answer.status, answer.content_type) == (status, "application/json")
        assert list(json.loads(answer.body)) == ["message"]


def test_settings() -> None:
    environ = {
        "URL": "https://core.push.express/",
        "APP_IDS": "20523-1212",
        "STRICT": "true",
        "FILL_CLIENT_IP": "on",
    }

    settings = PushExpressSettings.of(environ)

    assert (settings.url, settings.app_ids) == ("https://core.push.express", "20523-1212")
    assert (settings.strict, settings.fill_client_ip, settings.client_keys) == (True, True, "off")
    assert PushExpressSettings.of({}).app_ids == ""
