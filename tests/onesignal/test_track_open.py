"""`track-open`: the notification's id, and a true that may be a word."""

import json
from typing import Any

import pytest

from gateway.core.reply import Reply
from onesignal.track_open import handler
from tests.conftest import http_request

pytestmark = pytest.mark.usefixtures("each_model")

NOTIFICATION = "f84e3ac6-399e-43b7-90fa-ea0fff0668bf"
DONE = Reply(status=200, body=b'{"success": true}')


@pytest.mark.parametrize("opened", [True, "true"])
def test_said(event: Any, upstream: Any, opened: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/track_open", body={"id": NOTIFICATION, "opened": opened}))

    request = http_request(tasks[0])
    assert (request.method, request.path, request.body) == (
        "PUT",
        f"/notifications/{NOTIFICATION}",
        b'{"opened":true}',
    )
    assert answer["body"] == '{"message":"track open success","response":{"success":true}}'


@pytest.mark.parametrize("opened", [False, "false", "True", 1, None, "", [], "true\n"])
def test_anything_else_is_refused(event: Any, upstream: Any, opened: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/track_open", body={"id": NOTIFICATION, "opened": opened}))

    assert json.loads(answer["body"])["message"] == "validation failed: opened must be true"
    assert (answer["statusCode"], tasks) == (400, [])


@pytest.mark.parametrize(
    "id_", ["x", NOTIFICATION + "\n", "../" + NOTIFICATION, NOTIFICATION[:-1], "{" + NOTIFICATION + "}"]
)
def test_ids_are_uuids(event: Any, upstream: Any, id_: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    assert handler(event("onesignal/track_open", body={"id": id_, "opened": True}))["statusCode"] == 400
    assert tasks == []
