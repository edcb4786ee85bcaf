"""The proof's events pass the gateway's own checks, are found again, and their records' names are right."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.inbound.client_keys import Client
from gateway.inbound.request import Request
from tests.proofs.faults.bench import marked
from tests.proofs.faults.events import KINDS, Event, Marks, events_of
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
