"""Paths that no route has, and that are answered in track's words."""

from typing import Any

import pytest

from edge.unknown_path import handler


@pytest.mark.parametrize(
    "path",
    [
        "api/1.0/track",
        "api/1.0/track/",
        "api/1.0/track/nothing/",
        "api/1.0/tracks",
        "v1/track",
        "v1/track/session/x",
        "v1/tracks",
    ],
)
def test_under_both_prefixes(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, "404 page not found")
    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]
