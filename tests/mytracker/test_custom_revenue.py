"""`customRevenue`: the documented example, what it must carry, and its natural key."""

import json
from typing import Any

import pytest

from gateway.endpoint import EndpointInput
from gateway.inbound.client_keys import Client
from gateway.inbound.request import Request
from gateway.inbound.validate import NoValues
from mytracker.custom_revenue import CustomRevenue, handler

PAID = {"customUserId": "1", "idTransaction": "o1", "currency": "USD", "total": 1.99}


def test_documented_example(ask: Any) -> None:
    answer, request = ask(handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (request.method, request.path, request.query) == ("POST", "/v1/customRevenue/", "idApp=666")
    said = json.loads(request.body)
    assert (said["idTransaction"], said["currency"], said["total"]) == ("order1234", "USD", 1.99)
    assert said["eventTimestamp"] > 1_700_000_000


@pytest.mark.parametrize("name", ["idTransaction", "currency", "total"])
def test_required(ask: Any, name: str) -> None:
    answer, request = ask(handler, body={field: value for field, value in PAID.items() if field != name})

    assert (answer["statusCode"], request) == (400, None)
    assert answer["headers"]["Gateway-Error"] == f"{name} is required"


def test_a_user_or_a_device(ask: Any) -> None:
    answer, request = ask(
        handler, body={field: value for field, value in PAID.items() if field != "customUserId"}
    )

    assert (answer["statusCode"], request) == (400, None)


def key(transaction: str, *, app: str = "666", **more: Any) -> str | None:
    request = Request(
        method="POST",
        resource="/v1/customRevenue",
        query=(("idApp", app),),
        received=json.dumps(PAID | {"idTransaction": transaction} | more).encode(),
        received_at=1,
        event_id="01",
    )
    given: Any = EndpointInput(
        body=CustomRevenue.model_validate(request.json), path=NoValues(), request=request
    )
    return handler.message(given).key


def test_a_new_client_key_is_no_new_payment(event: Any) -> None:
    def record(client: str, **headers: str) -> str:
        sent = event("mytracker/custom_revenue", headers=headers)
        return handler.task(Request.of(sent, max_body=10_240), client=Client(client))[0].key

    assert record("old") == record("new")
    assert record("old", **{"Idempotency-Key": "k"}) != record("new", **{"Idempotency-Key": "k"})


def test_unique_by_app_and_transaction_and_another_body_may_be_a_correction() -> None:
    assert key("o1") == key("o1")
    assert key("o1") != key("o1", total=5, currency="EUR")
    assert len({key("o1"), key("o2"), key("O1"), key("o1", app="667"), key('o","1')}) == 5
