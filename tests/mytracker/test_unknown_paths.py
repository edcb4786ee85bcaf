"""Paths that no route has, and that are answered in MyTracker's words."""

from typing import Any

import pytest

from edge.unknown_path import handler


@pytest.mark.parametrize("path", ["v1/instances", "v1/trac", "v1", "v1/", "v1/nothing/here", "v1//track"])
def test_under_version_1(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, '{"error":"Method not found"}')
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize(
    "path",
    [
        "v4/instances/a",
        "v2/instance",
        "v2/track",
        "v01/track",
        "v2/track/session",
        "v11",
        "v01",
        "v2",
        "v2/",
        "v0/login",
        "v10/version/",
        "v9/registration",
    ],
)
def test_under_other_versions(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (400, '{"error":"Bad api version"}')
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]
