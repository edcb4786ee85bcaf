"""Unknown paths answer in the dialect of the system whose client most likely asked."""

import json
from typing import Any

import pytest

from edge.unknown_path import handler

ONESIGNAL: Any = {"message": "Not found", "response": {}}
TRAX = {"description": "Not found"}
PLAIN = {"message": "Not found"}
PUSH_EXPRESS = PLAIN
MYTRACKER = {"error": "Method not found"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("onesignal", ONESIGNAL),
        ("onesignal/new-session/x", ONESIGNAL),
        ("v2/instances/a", ONESIGNAL),
        ("v3/instances/a/endpoints/sockets/onesignal/nothing", ONESIGNAL),
        ("api/r/v2/apps/20523-1212", PUSH_EXPRESS),
        ("api/r/v2//apps/20523-1212/instances", PUSH_EXPRESS),
        ("api/r", PUSH_EXPRESS),
        ("api/r/", PUSH_EXPRESS),
        ("api", TRAX),
        ("api/", TRAX),
        ("api/rx", TRAX),
        ("api/v4/my-project", TRAX),
        ("apix", PLAIN),
        ("v1", MYTRACKER),
        ("v1/", MYTRACKER),
        ("v1x", PLAIN),
        ("v/login", PLAIN),
        ("favicon.ico", PLAIN),
        ("", PLAIN),
    ],
)
def test_dialects(event: Any, path: str, body: Any) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], json.loads(answer["body"])) == (404, body)
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize(
    "path", ["api/1.0/track", "api/1.0/track/nothing/", "v1/track/session/x", "v1/tracks"]
)
def test_tracks_is_plain_text(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], answer["body"]) == (404, "404 page not found")
    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize("path", ["v2", "v2/", "v0/login", "v10/version/"])
def test_other_versions_are_mytrackers_400(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], json.loads(answer["body"])) == (400, {"error": "Bad api version"})


def test_the_root_has_no_path_values(event: Any) -> None:
    answer = handler({**event("edge/unknown_path"), "resource": "/", "pathParameters": None})

    assert json.loads(answer["body"]) == PLAIN


def test_a_page_may_ask_first_and_then_hear_the_404(event: Any) -> None:
    asked = event("edge/unknown_path", method="OPTIONS", headers={"Access-Control-Request-Method": "PUT"})

    answer = handler(asked)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Methods"] == "PUT, OPTIONS"
    assert handler(event("edge/unknown_path", method="OPTIONS"))["statusCode"] == 404
