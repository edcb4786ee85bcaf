"""`loginBatch`: the documented example, 1 to 20 elements, all or none."""

import json
from typing import Any

import pytest

from mytracker.login import Login
from mytracker.login_batch import handler

GOOD: dict[str, Any] = {"customUserId": "1"}


def test_documented_example(ask: Any) -> None:
    answer, told = ask(handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (told.method, told.path, told.query) == ("POST", "/v1/loginBatch/", "idApp=666")
    said = json.loads(told.body)
    assert [one["customUserId"] for one in said] == ["1111", "2222"]
    assert all(one["eventTimestamp"] > 1_700_000_000 for one in said)


def test_the_model_is_the_singles() -> None:
    assert handler.body.model_fields["root"].annotation == list[Login]


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
        ([GOOD, {}], "[1].customUserId is required"),
        ([GOOD] * 19 + [GOOD | {"age": 129}], "[19].age must be from 0 to 128"),
        ([GOOD, []], "[1] must be an object"),
        ([[GOOD]], "[0] must be an object"),
    ],
)
def test_all_or_none(ask: Any, body: Any, reason: str) -> None:
    answer, told = ask(handler, body=body)

    assert (answer["statusCode"], answer["body"], told) == (400, '{"error":"Bad Request"}', None)
    assert answer["headers"]["Gateway-Error"] == reason
