"""The proof's events pass the gateway's own checks, are found again, and their records' names are right."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.inbound.client_keys import Client
from gateway.inbound.request import Request
from tests.fixtures.doors import Door, queued
from tests.gateway.delivery.cloud import Aws
from tests.proofs.faults.bench import marked
from tests.proofs.faults.events import DOORS, KINDS, Event, Marks, events_of
from tests.proofs.faults.kinds import Kind

RUN = 0xABC


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.row} {kind.endpoint}")
def test_an_event_is_found_in_its_call_and_its_record_has_the_gateways_name(
    kind: Kind, event: Callable[..., dict[str, Any]]
) -> None:
    sent = Event(RUN, 12, kind, 3, "key-12")
    asked = sent.asked
    made = event(
        f"{kind.system}/{kind.endpoint}",
        body=asked.body.decode(),
        headers={**asked.headers, "Idempotency-Key": "key-12"},
        path=asked.path_values,
    )
    request = Request.of(made | {"path": urlsplit(asked.target).path}, max_body=10_240)
    handler = import_module(kind.name).handler

    call, _ = handler.task(request, client=Client(asked.client, asked.account))

    assert call.key == sent.record
    named = sent.mark.encode() in asked.target.encode() + asked.body
    assert marked(Marks(RUN), call.dumps()) == {12}
    assert marked(Marks(RUN + 1), call.dumps()) == (set() if named else {12})


def test_events_go_to_every_endpoint_and_some_have_keys() -> None:
    events = events_of(RUN, range(400), range(21))

    assert {event.kind for event in events} == set(KINDS)
    assert len({event.mark for event in events}) == 400
    for kind in KINDS:
        keyed = [event.key is not None for event in events if event.kind == kind]
        assert 0.2 < sum(keyed) / len(keyed) < 0.6, kind


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.name in DOORS], ids=lambda kind: kind.endpoint
)
def test_an_event_in_a_batch_is_the_same_and_its_record_has_the_gateways_name(
    kind: Kind, door: Callable[[str], Door], door_cloud: Aws
) -> None:
    sent = Event(RUN, 12, kind, 3, "key-12", by_door=True)
    asked = sent.batch
    target, _, query = asked.target.partition("?")
    many: dict[str, list[str]] = {}
    for name, value in parse_qsl(query):
        many.setdefault(name, []).append(value)
    parts = {"multiValueQueryStringParameters": many, "headers": {"Idempotency-Key": "key-12"}}

    answer = door(target)(asked.body.decode(), **parts)

    assert answer["statusCode"] == 200, answer
    (task,) = queued(door_cloud)
    if not asked.client:
        assert task.key == sent.record
    assert marked(Marks(RUN), task.dumps()) == {12}


def test_a_fourth_goes_through_batch_doors() -> None:
    events = events_of(RUN, range(4000), range(21))

    through = {kind: [event.by_door for event in events if event.kind == kind] for kind in KINDS}
    for kind, doors in through.items():
        assert (0.1 < sum(doors) / len(doors) < 0.4) == (kind.name in DOORS), kind
    assert {bool(event.key) for event in events if event.by_door} == {True, False}
