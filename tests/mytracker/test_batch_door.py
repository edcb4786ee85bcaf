"""A batch of single events: the contract's limits hold for each."""

import json
from collections.abc import Callable

from gateway.inbound.request import Request
from tests.fixtures.doors import Door, items, queued, statuses
from tests.gateway.delivery.cloud import Aws
from tests.sample_events import load_event

REVENUE = "/batch/mytracker/custom-revenue"


def test_the_largest_body_of_the_contract_holds_for_each_item(
    door: Callable[[str], Door], door_cloud: Aws
) -> None:
    login = {"customUserId": "7"}
    padded = {**login, "more": "x" * 10_240}

    answer = door("/batch/mytracker/login")([login, padded, login])

    assert statuses(answer) == [200, 400, 200]
    assert items(answer)[1]["error"] == "too large"
    assert all(len(task.payload.data()["body"]) < 10_240 * 4 / 3 + 4 for task in queued(door_cloud))


def test_one_transaction_is_one_event_by_either_door(door: Callable[[str], Door], door_cloud: Aws) -> None:
    opened = door(REVENUE)
    single = load_event("mytracker/custom_revenue")
    body = {**json.loads(single["body"]), "idTransaction": "t-1"}
    opened([body, body, {**body, "idTransaction": "t-2"}])
    single["body"] = json.dumps(body)
    wanted, _ = opened.handler.task(Request.of(single, max_body=10_240))

    keys = [task.key for task in queued(door_cloud)]
    assert keys[:2] == [wanted.key] * 2
    assert keys[2] != wanted.key
