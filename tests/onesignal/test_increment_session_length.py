"""`increment-session-length`: seconds are an integer, in JSON or in a form."""

import json
from typing import Any

import pytest

from gateway.core.reply import Reply
from onesignal.increment_session_length import handler
from tests.conftest import http_request

pytestmark = pytest.mark.usefixtures("each_model")

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
DONE = Reply(status=200, body=b'{"success": true}')
NAME = "onesignal/increment_session_length"


@pytest.mark.parametrize(
    ("sent", "said"),
    [("60", 60), ('"60"', 60), ("0", 0), ("9223372036854775807", 2**63 - 1)],
)
def test_said(event: Any, upstream: Any, sent: str, said: int) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event(NAME, body=f'{{"player_id":"{PLAYER}","state":"ping","active_time":{sent}}}'))

    assert tasks[0].payload.data()["path"] == f"/players/{PLAYER}/on_focus"
    assert json.loads(http_request(tasks[0]).content) == {"state": "ping", "active_time": said}
    assert answer["body"] == '{"message":"increment session success","response":{"success":true}}'


@pytest.mark.parametrize(
    "sent",
    [
        *("true", "60.0", "6e1", "-1", "null", "[]", "9223372036854775808"),
        *('""', '" 5"', '"1_000"', '"٣"', '"+5"', '"5\\n"', '"99999999999999999999999"'),
    ],
)
def test_what_is_not_an_integer(event: Any, upstream: Any, sent: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event(NAME, body=f'{{"player_id":"{PLAYER}","state":"ping","active_time":{sent}}}'))

    assert json.loads(answer["body"])["response"]["errors"][0]["field"] == "active_time"
    assert (answer["statusCode"], tasks) == (400, [])


def test_absent_null_and_malformed_in_one_body(event: Any, upstream: Any) -> None:
    upstream.answers(handler, DONE)

    answer = handler(event(NAME, body='{"player_id":null,"active_time":"x"}'))

    assert json.loads(answer["body"])["message"] == (
        "validation failed: player_id must be a string; state is required; active_time must be an integer"
    )


def test_only_ping(event: Any, upstream: Any) -> None:
    upstream.answers(handler, DONE)

    answer = handler(event(NAME, body={"player_id": PLAYER, "state": "pong", "active_time": 1}))

    assert json.loads(answer["body"])["message"] == "validation failed: state must be 'ping'"
