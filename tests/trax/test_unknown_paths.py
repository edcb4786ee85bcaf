"""Paths that no route has, and that are answered in Trax's words."""

from typing import Any

import pytest

from edge.unknown_path import handler


@pytest.mark.parametrize(
    "path",
    ["api/rx", "api", "api/", "api/v4/my-project", "api/v4/track", "api/1.0", "api/1.0/", "api/1x0/track"],
)
def test_under_api_where_nobody_else_is_meant(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, '{"description":"Not found"}')
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]
