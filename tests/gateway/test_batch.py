"""Every batch door: it takes its endpoint's bodies, and makes the single call's tasks of them."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from tests.fixtures.doors import DOORS, Door, items, queued
from tests.gateway.delivery.cloud import Aws
from tests.sample_events import load_event
from tools.openapi.sample_event import sample_body
from tools.places import EVENTS
from tools.template.reader import Template


@pytest.mark.parametrize("path", DOORS)
def test_every_door_takes_its_endpoints_bodies(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    opened = door(path)
    monkeypatch.setattr(
        opened.handler.system.upstream, "send_many", lambda tasks, seconds: [None] * len(tasks)
    )
    monkeypatch.setattr(opened.handler.system.upstream, "send", lambda task, seconds: Reply(status=200))
    body = sample_body(load_event(DOORS[path].endpoint.replace(".", "/")))

    answer = opened([body, [], body])

    first, wrong, last = items(answer)
    assert answer["statusCode"] == 207
    assert [item["index"] for item in (first, wrong, last)] == [0, 1, 2]
    assert first["delivery"] in ("delivered", "queued")
    assert (first["status"], first["error"]) == (last["status"], last["error"])
    assert (first["status"] < 300, first["error"]) == (True, None)
    assert (wrong["status"], wrong["delivery"]) == (400, "rejected")
    assert wrong["error"]
    assert len({item["event_id"] for item in (first, wrong, last)}) == 3
    assert "Gateway-Delivery" not in answer["headers"]
    assert opened([body])["statusCode"] == 200


@pytest.mark.parametrize("path", DOORS)
def test_an_items_task_is_the_single_calls(door: Callable[[str], Door], door_cloud: Aws, path: str) -> None:
    opened = door(path).having(delivery="queued")
    opened()
    (batched,) = queued(door_cloud)
    single = load_event(DOORS[path].endpoint.replace(".", "/"))
    body = json.dumps(sample_body(single))
    single |= {"body": body, "isBase64Encoded": False}
    single["multiValueHeaders"] = {**single["multiValueHeaders"], "Content-Type": ["application/json"]}
    wanted, _ = opened.handler.task(Request.of(single, max_body=opened.handler.contract.max_body))

    left, right = batched.payload.data(), wanted.payload.data()
    assert left.keys() == right.keys()
    differing = {name for name in left if left[name] != right[name]}
    assert differing <= {"body"}  # a body may be dated by its receipt
    assert (batched.scope, batched.endpoint, batched.version) == (
        wanted.scope,
        wanted.endpoint,
        wanted.version,
    )


@pytest.mark.parametrize("path", DOORS)
def test_a_doors_method_is_post_whatever_the_single_calls_is(
    door: Callable[[str], Door], door_cloud: Aws, path: str
) -> None:
    for method in ("OPTIONS", "PUT"):
        answer = door(path)(httpMethod=method)
        headers = answer["headers"]
        allowed = headers.get("Allow") or headers["Access-Control-Allow-Methods"]
        assert (answer["statusCode"], allowed) == (204 if method == "OPTIONS" else 405, "POST, OPTIONS")


def test_what_is_queued_alone_has_a_door_unless_its_body_is_a_list() -> None:
    doors = {route.endpoint for route in DOORS.values()}
    for route in Template.read().routes:
        handler = importlib.import_module(route.endpoint).handler
        if isinstance(handler, Endpoint):
            is_list = isinstance(sample_body(load_event(route.endpoint.replace(".", "/"))), list)
            may_wait = handler.success.queued is not None
            assert (route.endpoint in doors) == (may_wait and not is_list), route.endpoint


@pytest.mark.parametrize("sample", sorted(EVENTS.glob("*/batch.json")), ids=lambda path: path.parent.name)
def test_a_sample_batch_is_taken(door: Callable[[str], Door], door_cloud: Aws, sample: Path) -> None:
    event = json.loads(sample.read_text())
    opened = door(event["resource"]).having(delivery="queued")

    answer = opened.handler(event)

    assert (answer["statusCode"], len(queued(door_cloud))) == (200, len(json.loads(event["body"])))
