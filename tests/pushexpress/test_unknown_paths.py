"""Paths that no route has, and that are answered in push.express's words."""

from typing import Any

import pytest

from edge.unknown_path import handler


@pytest.mark.parametrize(
    "path",
    ["api/r", "api/r/", "api/r/v2/apps/20523-1212", "api/r/v2//apps/20523-1212/instances", "api/r/track"],
)
def test_under_api_r(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, '{"message":"Not found"}')
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]
