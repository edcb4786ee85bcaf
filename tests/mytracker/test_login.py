"""`login`: the documented example, and whose event it must be."""

import json
from typing import Any

import pytest

from mytracker.login import handler


def test_documented_example(ask: Any) -> None:
    answer, request = ask(handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (request.method, request.path, request.query) == ("POST", "/v1/login/", "idApp=666")
    said = json.loads(request.body)
    assert said.pop("eventTimestamp") > 1_700_000_000
    assert said == {"customUserId": "1111", "lvid": "0" * 32}


@pytest.mark.parametrize("body", [{"lvid": "0" * 32}, {"customPlatformUserId": "1"}, {}])
def test_the_user_is_required(ask: Any, body: Any) -> None:
    answer, request = ask(handler, body=body)

    assert (answer["statusCode"], answer["body"], request) == (400, '{"error":"Bad Request"}', None)
    assert answer["headers"]["Gateway-Error"] == "customUserId is required"
