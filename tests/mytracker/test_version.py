"""`version`: no key, no body, nothing of the caller."""

from typing import Any

from gateway.core.reply import Reply
from mytracker.system import mytracker
from mytracker.version import handler

SAID = Reply(status=200, headers={"content-type": "application/json"}, body=b'{"version": "1.0.0"}')


def test_relayed_without_a_key(ask: Any, keyed: Any) -> None:
    keyed(handler)

    answer, request = ask(handler, outcome=SAID)

    assert (answer["statusCode"], answer["body"]) == (200, '{"version": "1.0.0"}')
    assert (request.method, request.path, request.query, request.body) == ("POST", "/v1/version", "", b"")
    assert "Gateway-Delivery" not in answer["headers"]


def test_nothing_of_a_stranger_goes_on(ask: Any) -> None:
    _, request = ask(handler, outcome=SAID, body="x" * 20_000, query=[("idApp", "666"), ("x", "../")])

    assert (request.path, request.query, request.body, dict(request.headers)) == ("/v1/version", "", b"", {})
    assert mytracker.upstream.sign(request, mytracker.secret) == request  # type: ignore[attr-defined]


def test_never_queued() -> None:
    assert handler.success.queued is None


def test_method(ask: Any) -> None:
    assert ask(handler, method="GET")[0]["statusCode"] == 405
