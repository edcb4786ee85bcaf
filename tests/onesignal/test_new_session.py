"""`new-session`: what passes, what is said to OneSignal, what the app hears."""

import json
from typing import Any

import pytest

from gateway.core import strict_json
from gateway.core.reply import Reply
from onesignal.new_session import handler
from tests.conftest import http_request

pytestmark = pytest.mark.usefixtures("each_model")

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
DONE = Reply(status=200, body=b'{"success": true}')


def test_documented_example(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/new_session"))

    assert tasks[0].payload.data()["path"] == f"/players/{PLAYER}/on_session"
    assert answer["statusCode"] == 200
    assert answer["body"] == '{"message":"session updated","response":{"success":true}}'
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def said(event: Any, upstream: Any, data: Any) -> Any:
    tasks = upstream.answers(handler, DONE).tasks
    body = json.dumps({"player_id": PLAYER, "sessionData": data})
    assert handler(event("onesignal/new_session", body=body))["statusCode"] == 200
    return strict_json.read(http_request(tasks[0]).content)


def test_tags_become_strings(event: Any, upstream: Any) -> None:
    tags = {"level": 3, "score": 1.5, "paid": True, "gone": "", "kept": None, "name": "Ann"}

    assert said(event, upstream, {"tags": tags}) == {
        "tags": {"level": "3", "score": "1.5", "paid": "true", "gone": "", "kept": None, "name": "Ann"}
    }


def test_app_and_player_are_never_the_clients(event: Any, upstream: Any) -> None:
    assert said(event, upstream, {"app_id": "theirs", "player_id": "other", "new": [1]}) == {"new": [1]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"tags": {"a": {"b": "c"}}}, "sessionData.tags must be a flat object of strings"),
        ({"tags": ["a"]}, "sessionData.tags must be an object"),
        ({"timezone": 3600.5}, "sessionData.timezone must be an integer"),
        ({"timezone": True}, "sessionData.timezone must be an integer"),
        ({"language": 3}, "sessionData.language must be a string"),
        ("text", "sessionData must be an object"),
    ],
)
def test_refused(event: Any, upstream: Any, data: Any, problem: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/new_session", body={"player_id": PLAYER, "sessionData": data}))

    assert json.loads(answer["body"])["message"] == f"validation failed: {problem}"
    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"], tasks) == (400, "rejected", [])
