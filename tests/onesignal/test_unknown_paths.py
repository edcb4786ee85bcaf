"""Paths that no route has, and that are answered in the socket's words."""

from typing import Any

import pytest

from edge.unknown_path import handler


@pytest.mark.parametrize(
    "path",
    [
        "onesignal",
        "onesignal/",
        "onesignal/new-session/x",
        "onesignalx",
        "v2/instances",
        "v2/instances/a",
        "v2/instancesx",
        "v3/instances/a/endpoints/sockets/onesignal/nothing",
    ],
)
def test_under_onesignal_and_its_instances(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, '{"message":"Not found","response":{}}')
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]
