"""`new-purchase`: money keeps its digits."""

import json
from typing import Any

import pytest

from gateway.core.reply import Reply
from onesignal.new_purchase import handler
from tests.conftest import http_request

pytestmark = pytest.mark.usefixtures("each_model")

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
BOUGHT = {"sku": "a", "iso": "USD", "amount": 1}
DONE = Reply(status=200, body=b'{"success": true}')


def body(amount: str, **purchase: str) -> str:
    parts = {"sku": '"SKU123"', "iso": '"USD"', "amount": amount, **purchase}
    members = ",".join(f'"{name}":{value}' for name, value in parts.items())
    return f'{{"player_id":"{PLAYER}","purchaseData":{{"purchases":[{{{members}}}]}}}}'


def test_documented_example(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/new_purchase"))

    assert tasks[0].payload.data()["path"] == f"/players/{PLAYER}/on_purchase"
    assert json.loads(http_request(tasks[0]).content) == {
        "purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]
    }
    assert answer["body"] == '{"message":"new purchase added","response":{"success":true}}'


@pytest.mark.parametrize(
    "amount", ["0.10", "-0.00", "1e2", "0", "12345678901234567890.123456789", '"0.990"', '"5"']
)
def test_amounts_keep_their_digits(event: Any, upstream: Any, amount: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    handler(event("onesignal/new_purchase", body=body(amount)))

    assert f'"amount":{amount}'.encode() in http_request(tasks[0]).content


@pytest.mark.parametrize(
    ("amount", "problem"),
    [
        ("1e400", "must be a finite number"),
        ("-1e400", "must be a finite number"),
        ("true", "must be a number"),
        ("null", "must be a number"),
        ("[]", "must be a number"),
        ('""', "must be a number"),
        ('"NaN"', "must be a number"),
        ('"1,99"', "must be a number"),
        ('"1_000"', "must be a number"),
        ('"٣"', "must be a number"),
        ('"1.99\\n"', "must be a number"),
    ],
)
def test_amounts_that_are_refused(event: Any, upstream: Any, amount: str, problem: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event("onesignal/new_purchase", body=body(amount)))

    errors = json.loads(answer["body"])["response"]["errors"]
    assert errors == [{"field": "purchaseData.purchases[0].amount", "problem": problem}]
    assert (answer["statusCode"], tasks) == (400, [])


@pytest.mark.parametrize("iso", ['"usd"', '"Eur"'])
def test_currencies_in_any_case(event: Any, upstream: Any, iso: str) -> None:
    upstream.answers(handler, DONE)
    assert handler(event("onesignal/new_purchase", body=body("1", iso=iso)))["statusCode"] == 200


@pytest.mark.parametrize("iso", ['"US"', '"USDX"', '"US1"', '"USD\\n"', "840", "null", '"ÜSD"'])
def test_currencies_that_are_refused(event: Any, upstream: Any, iso: str) -> None:
    upstream.answers(handler, DONE)
    assert handler(event("onesignal/new_purchase", body=body("1", iso=iso)))["statusCode"] == 400


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "purchaseData.purchases is required"),
        ({"purchases": []}, "purchaseData.purchases must have at least 1 elements"),
        ({"purchases": {}}, "purchaseData.purchases must be a list"),
        ({"purchases": [1]}, "purchaseData.purchases[0] must be an object"),
        ({"purchases": [BOUGHT], "existing": 1}, "purchaseData.existing must be true or false"),
    ],
)  # fmt: skip
def test_refused(event: Any, upstream: Any, data: Any, problem: str) -> None:
    upstream.answers(handler, DONE)

    answer = handler(event("onesignal/new_purchase", body={"player_id": PLAYER, "purchaseData": data}))

    assert json.loads(answer["body"])["message"] == f"validation failed: {problem}"


def test_no_purchase_data(event: Any, upstream: Any) -> None:
    upstream.answers(handler, DONE)

    answer = handler(event("onesignal/new_purchase", body="{}"))

    assert json.loads(answer["body"])["message"] == (
        "validation failed: player_id is required; purchaseData is required"
    )


def test_the_clients_app_id_never_wins(event: Any, upstream: Any) -> None:
    data = {"app_id": "theirs", "purchases": [{"sku": "a", "iso": "USD", "amount": 1}]}
    tasks = upstream.answers(handler, DONE).tasks

    handler(event("onesignal/new_purchase", body={"player_id": PLAYER, "purchaseData": data}))

    upstream_of: Any = handler.system.upstream
    signed = upstream_of.sign(http_request(tasks[0]), handler.system.secret)
    assert json.loads(signed.content)["app_id"] == "local-onesignal-app"
