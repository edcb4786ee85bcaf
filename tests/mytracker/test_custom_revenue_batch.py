"""`customRevenueBatch`: the documented example, 1 to 20 elements, all or none."""

import json
from typing import Any

import pytest

from gateway.endpoint import EndpointInput
from gateway.inbound.request import Request
from gateway.inbound.validate import NoValues
from mytracker.custom_revenue import CustomRevenue
from mytracker.custom_revenue_batch import CustomRevenueBatch, handler
from mytracker.system import IDENTIFIERS

GOOD: dict[str, Any] = {"lvid": "0" * 32, "idTransaction": "o1", "currency": "USD", "total": 1.99}


def test_documented_example(ask: Any) -> None:
    answer, told = ask(handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (told.method, told.path, told.query) == ("POST", "/v1/customRevenueBatch/", "idApp=666")
    said = json.loads(told.body)
    assert [one["customUserId"] for one in said] == ["1111", "2222"]
    assert all(one["eventTimestamp"] > 1_700_000_000 for one in said)


def test_the_model_is_the_singles() -> None:
    assert handler.body.model_fields["root"].annotation == list[CustomRevenue]


@pytest.mark.parametrize("number", [1, 20])
def test_one_to_twenty(ask: Any, number: int) -> None:
    answer, told = ask(handler, body=[GOOD] * number)

    assert (answer["statusCode"], len(json.loads(told.body))) == (200, number)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "body must have at least 1 elements"),
        ([GOOD] * 21, "body must have at most 20 elements"),
        ({}, "body must be a list"),
        (GOOD, "body must be a list"),
        (
            [GOOD, {"idTransaction": "o1", "currency": "USD", "total": 1}],
            f"[1] needs one of {', '.join(IDENTIFIERS)}",
        ),
        ([GOOD] * 19 + [GOOD | {"age": 129}], "[19].age must be from 0 to 128"),
        ([GOOD, []], "[1] must be an object"),
        ([[GOOD]], "[0] must be an object"),
    ],
)
def test_all_or_none(ask: Any, body: Any, reason: str) -> None:
    answer, told = ask(handler, body=body)

    assert (answer["statusCode"], answer["body"], told) == (400, '{"error":"Bad Request"}', None)
    assert answer["headers"]["Gateway-Error"] == reason


def key(*transactions: str, app: str = "666") -> str | None:
    paid = [GOOD | {"idTransaction": transaction} for transaction in transactions]
    request = Request(
        method="POST",
        resource="/v1/customRevenueBatch",
        query=(("idApp", app),),
        received=json.dumps(paid).encode(),
        received_at=1,
        event_id="01",
    )
    given: Any = EndpointInput(
        body=CustomRevenueBatch.model_validate(request.json), path=NoValues(), request=request
    )
    return handler.message(given).key


def test_keyed_as_a_whole() -> None:
    assert key("o1", "o2") == key("o1", "o2")
    assert len({key("o1", "o2"), key("o2", "o1"), key("o1"), key("o1,o2"), key("o1", "o2", app="667")}) == 5
