"""`customEvent`: the documented example, its name and parameters, and whose event it must be."""

import json
from typing import Any

import pytest

from mytracker.custom_event import handler

UUID = "00000000-0000-0000-0000-000000000000"
NAMED = {"customUserId": "1", "customEventName": "levelUp"}


def test_documented_example_goes_on_as_received(event: Any, ask: Any) -> None:
    answer, request = ask(handler)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (request.method, request.path, request.query) == ("POST", "/v1/customEvent/", "idApp=666")
    assert request.body.decode() == event("mytracker/custom_event")["body"]


@pytest.mark.parametrize("name", ["x", "x" * 255, "😀" * 255, "имя"])
def test_names(ask: Any, name: str) -> None:
    answer, request = ask(handler, body=NAMED | {"customEventName": name})

    assert (answer["statusCode"], json.loads(request.body)["customEventName"]) == (200, name)


@pytest.mark.parametrize("name", ["", "x" * 256, "😀" * 256, 1, None, ["x"]])
def test_names_refused(ask: Any, name: Any) -> None:
    answer, request = ask(handler, body=NAMED | {"customEventName": name})

    assert (answer["statusCode"], request) == (400, None)
    assert answer["headers"]["Gateway-Error"].startswith("customEventName ")


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ({}, {}),
        ([], []),
        ({"name1": "value1", "name2": "value2"}, None),
        ({"x" * 255: "y" * 255, "😀" * 255: "😀" * 255, " ": " "}, None),
        ({"level": 2, "paid": True, "free": False}, {"level": "2", "paid": "true", "free": "false"}),
        ({"n": 0, "m": -1.50, "big": 10**30}, {"n": "0", "m": "-1.5", "big": "1" + "0" * 30}),
    ],
)
def test_parameters(ask: Any, params: Any, sent: Any) -> None:
    answer, request = ask(handler, body=NAMED | {"customEventParams": params})

    assert answer["statusCode"] == 200
    assert json.loads(request.body)["customEventParams"] == (params if sent is None else sent)


def test_numbers_by_their_digits(ask: Any) -> None:
    numbers = '{"a": 1.10, "b": 1E+2, "c": 0.1000000000000000055511151231257827}'
    body = json.dumps(NAMED)[:-1] + f', "customEventParams": {numbers}}}'

    _, request = ask(handler, body=body)

    assert json.loads(request.body)["customEventParams"] == {
        "a": "1.10",
        "b": "1E+2",
        "c": "0.1000000000000000055511151231257827",
    }


@pytest.mark.parametrize(
    "params",
    [
        None,
        "",
        "x",
        1,
        True,
        ["x"],
        [[]],
        {"a": None},
        {"a": ""},
        {"": "a"},
        {"a": {}},
        {"a": {"b": "c"}},
        {"a": []},
        {"a": ["b"]},
        {"a": "x" * 256},
        {"x" * 256: "a"},
        {"a": "😀" * 256},
        {"😀" * 256: "a"},
        {"a": 10**255},
        {"a": "b", "c": None},
    ],
)
def test_parameters_refused(ask: Any, params: Any) -> None:
    answer, request = ask(handler, body=NAMED | {"customEventParams": params})

    assert (answer["statusCode"], answer["body"], request) == (400, '{"error":"Bad Request"}', None)
    assert answer["headers"]["Gateway-Error"].startswith("customEventParams must ")


@pytest.mark.parametrize(
    "whose",
    [
        {"customUserId": "1"},
        {"customUserId": 0},
        {"customPlatformUserId": "1"},
        {"instanceId": UUID},
        {"lvid": "0" * 32},
        {"gaid": UUID},
        {"androidId": "0" * 15},
        {"idfa": UUID},
        {"iosVendorId": UUID},
    ],
)
def test_a_user_or_a_device(ask: Any, whose: Any) -> None:
    assert ask(handler, body={"customEventName": "x"} | whose)[0]["statusCode"] == 200


@pytest.mark.parametrize("user", ["", [], {}, True, 1.5, "x" * 1025])
def test_a_platforms_user_is_a_user(ask: Any, user: Any) -> None:
    answer, request = ask(handler, body={"customEventName": "x", "customPlatformUserId": user})

    assert (answer["statusCode"], request) == (400, None)
    assert answer["headers"]["Gateway-Error"].startswith("customPlatformUserId must be")


@pytest.mark.parametrize(
    "whose",
    [{}, {"userAgent": "x", "ipv4": "1.1.1.1"}],
)
def test_nobodys_event(ask: Any, whose: Any) -> None:
    answer, request = ask(handler, body={"customEventName": "x"} | whose)

    assert (answer["statusCode"], request) == (400, None)
    assert answer["headers"]["Gateway-Error"].startswith("body needs one of customUserId, ")
