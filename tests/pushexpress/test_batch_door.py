"""A batch of one instance's events: what the single call has in its path is in the query."""

from collections.abc import Callable, Mapping

import pytest

from tests.fixtures.doors import Door, queued, statuses
from tests.gateway.delivery.cloud import Aws
from tests.sample_events import load_event


def test_path_values_are_in_the_query_and_hold_for_all(door: Callable[[str], Door], door_cloud: Aws) -> None:
    app_id = load_event("pushexpress/notification_event")["pathParameters"]["app_id"]
    query = {"app_id": [app_id], "ic_id": ["i1"], "origin": ["droid"]}
    opened = door("/batch/pushexpress/notification-event")
    event = {"msg_id": "m", "event": "clicked"}

    answer = opened([event, {**event, "msg_id": "n"}], multiValueQueryStringParameters=query)

    assert statuses(answer) == [202, 202]
    assert {task.payload.data()["path"] for task in queued(door_cloud)} == {
        "/instances/i1/events/notification"
    }
    assert {task.payload.data()["query"] for task in queued(door_cloud)} == {"origin=droid"}


@pytest.mark.parametrize("query", [{}, {"app_id": ["a", "b"]}, {"app_id": [""]}])
def test_without_the_values_of_the_path_there_is_no_such_place(
    door: Callable[[str], Door], door_cloud: Aws, query: Mapping[str, list[str]]
) -> None:
    opened = door("/batch/pushexpress/notification-event")

    answer = opened(multiValueQueryStringParameters=query or None, queryStringParameters=None)

    assert answer["statusCode"] == 404
    assert door_cloud.queues["queue"] == []


def test_a_wrong_value_of_the_path_is_told_once(door: Callable[[str], Door], door_cloud: Aws) -> None:
    opened = door("/batch/pushexpress/notification-event")
    app_id = load_event("pushexpress/notification_event")["pathParameters"]["app_id"]

    answer = opened(multiValueQueryStringParameters={"app_id": [app_id], "ic_id": ["../x"]})

    assert answer["statusCode"] == 400
    assert "ic_id" in answer["headers"]["Gateway-Error"]
