"""The four batches: the documented examples, 1 to 20 elements, all or none."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.endpoint import Endpoint, EndpointInput
from gateway.inbound.request import Request
from gateway.inbound.validate import NoValues
from mytracker import custom_event_batch, custom_revenue_batch, login_batch, registration_batch
from mytracker.custom_event import CustomEvent
from mytracker.custom_revenue import CustomRevenue
from mytracker.login import Login
from mytracker.registration import Registration
from mytracker.system import IDENTIFIERS


@dataclass(frozen=True)
class Batch:
    """A batch endpoint: its method at MyTracker, its element's model, a good element, and one that is not."""

    handler: Endpoint[Any, Any]
    method: str
    element: type[BaseModel]
    good: dict[str, Any]
    incomplete: dict[str, Any]
    reason: str
    """Why the incomplete one is refused."""


PAID: dict[str, Any] = {"lvid": "0" * 32, "idTransaction": "o1", "currency": "USD", "total": 1.99}
USER: dict[str, Any] = {"customUserId": "1"}

BATCHES = [
    Batch(login_batch.handler, "loginBatch", Login, USER, {}, ".customUserId is required"),
    Batch(
        registration_batch.handler, "registrationBatch", Registration, USER, {}, ".customUserId is required"
    ),
    Batch(
        custom_event_batch.handler,
        "customEventBatch",
        CustomEvent,
        USER | {"customEventName": "x"},
        USER,
        ".customEventName is required",
    ),
    Batch(
        custom_revenue_batch.handler,
        "customRevenueBatch",
        CustomRevenue,
        PAID,
        {name: value for name, value in PAID.items() if name != "lvid"},
        f" needs one of {', '.join(IDENTIFIERS)}",
    ),
]

each = pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.method)


@each
def test_documented_example(ask: Any, batch: Batch) -> None:
    answer, request = ask(batch.handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (request.method, request.path, request.query) == ("POST", f"/v1/{batch.method}/", "idApp=666")
    elements = json.loads(request.body)
    assert [one["customUserId"] for one in elements] == ["1111", "2222"]
    assert all(one["eventTimestamp"] > 1_700_000_000 for one in elements)


@each
def test_the_model_is_the_singles(batch: Batch) -> None:
    annotation: Any = batch.handler.body.model_fields["root"].annotation

    assert annotation == list[batch.element]  # type: ignore[name-defined]


@each
@pytest.mark.parametrize("number", [1, 20])
def test_one_to_twenty(ask: Any, batch: Batch, number: int) -> None:
    answer, request = ask(batch.handler, body=[batch.good] * number)

    assert (answer["statusCode"], len(json.loads(request.body))) == (200, number)


def refused(batch: Batch) -> list[tuple[Any, str]]:
    """Bodies that are refused as a whole, and why."""
    good = batch.good
    return [
        ([], "body must have at least 1 elements"),
        ([good] * 21, "body must have at most 20 elements"),
        ({}, "body must be a list"),
        (good, "body must be a list"),
        ([good, batch.incomplete], f"[1]{batch.reason}"),
        ([good] * 19 + [good | {"age": 129}], "[19].age must be from 0 to 128"),
        ([good, []], "[1] must be an object"),
        ([[good]], "[0] must be an object"),
    ]


@pytest.mark.parametrize(
    ("batch", "body", "reason"),
    [(batch, body, reason) for batch in BATCHES for body, reason in refused(batch)],
    ids=[f"{batch.method}-{reason}" for batch in BATCHES for _, reason in refused(batch)],
)
def test_all_or_none(ask: Any, batch: Batch, body: Any, reason: str) -> None:
    answer, request = ask(batch.handler, body=body)

    assert (answer["statusCode"], answer["body"], request) == (400, '{"error":"Bad Request"}', None)
    assert answer["headers"]["Gateway-Error"] == reason


def test_conversions_in_every_element(ask: Any) -> None:
    events = [USER | {"customEventName": "x", "customEventParams": {"n": n}} for n in (1, True, "x")]

    _, request = ask(custom_event_batch.handler, body=events)

    assert [one["customEventParams"]["n"] for one in json.loads(request.body)] == ["1", "true", "x"]


def key(*transactions: str, app: str = "666") -> str | None:
    paid = [PAID | {"idTransaction": transaction} for transaction in transactions]
    request = Request(
        method="POST",
        resource="/v1/customRevenueBatch",
        query=(("idApp", app),),
        received=json.dumps(paid).encode(),
        received_at=1,
        event_id="01",
    )
    received: Any = EndpointInput(
        body=custom_revenue_batch.CustomRevenueBatch.model_validate(request.json),
        path=NoValues(),
        request=request,
    )
    return custom_revenue_batch.handler.message(received).key


def test_revenue_is_keyed_as_a_whole() -> None:
    assert key("o1", "o2") == key("o1", "o2")
    assert len({key("o1", "o2"), key("o2", "o1"), key("o1"), key("o1,o2"), key("o1", "o2", app="667")}) == 5
