"""`test-app-access`: whether the key may use the app; only the status counts."""

from typing import Any

import pytest

from gateway.core.errors import Refused, Setup
from gateway.core.reply import Reply
from mytracker.test_app_access import handler


@pytest.mark.parametrize("body", [b"true", b"", b"OK"])
def test_relayed(ask: Any, body: bytes) -> None:
    answer, request = ask(handler, outcome=Reply(status=200, body=body))

    assert (answer["statusCode"], answer["body"]) == (200, body.decode())
    assert (request.method, request.path, request.query) == ("POST", "/v1/test-app-access", "idApp=666")
    assert (request.body, request.account) == (b"true", "666")
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize(("key", "app"), [("wrong", "666"), ("local-client-key", "668"), (None, "666")])
def test_no_access(ask: Any, keyed: Any, key: Any, app: str) -> None:
    keyed(handler)

    answer, request = ask(handler, headers={"Authorization": key}, query=[("idApp", app)])

    assert (answer["statusCode"], answer["body"], request) == (403, '{"error":"Forbidden"}', None)
    assert "Gateway-Delivery" not in answer["headers"]


def test_the_vendors_answers(ask: Any) -> None:
    answer, _ = ask(handler, outcome=Refused(Reply(status=404, body=b'{"error": "x"}')))
    assert (answer["statusCode"], answer["body"]) == (404, '{"error": "x"}')

    answer, _ = ask(handler, outcome=Setup("status 403"))
    assert (answer["statusCode"], answer["body"]) == (500, '{"error":"Internal Server Error"}')


def test_never_queued() -> None:
    assert handler.success.queued is None
