"""The table of MyTracker's fields: what is taken, what is refused, and by which words."""

import json
from typing import Any

import pytest

from mytracker.custom_revenue import handler

UUID = "00000000-0000-0000-0000-000000000000"
PAID = {"customUserId": "1", "idTransaction": "o1", "currency": "USD", "total": 1}

INTEGER = "must be an integer"

NO_DIGITS = ["-0", "-1", "+1", " 1", "1 ", "1\n", "1.0", "1e2", "1_0", "0x1", "٢", "²", "", "0" * 21]
"""What no field of digits takes. Leading zeros are digits."""

TAKEN: dict[str, list[Any]] = {
    "eventTimestamp": [0, "0", 4294967295, "4294967295", "1577191920"],
    "customUserId": ["1", "ж" * 1024, 0, -5, 10**30],
    "ipv4": ["125.125.125.125", "0.0.0.0"],  # noqa: S104 - an address like any other
    "ipv6": ["2001:0db8:85a3:0000:0000:8a2e:0370:7334", "::1", "::ffff:125.125.125.125"],
    "idGender": [0, 1, 2, "0", "1", "2", "00", "01"],
    "connectionType": [0, 1, 2, "2"],
    "bluetoothEnabled": [0, 1, 2, "2"],
    "age": [0, 128, "0", "128", "00", "007"],
    "adTrackingEnabled": [0, 1, "0", "1"],
    "adBlocker": [0, 1, "0", "1"],
    "instanceId": [UUID, "x" * 36, "ж" * 36],
    "idfa": [UUID],
    "iosVendorId": [UUID],
    "gaid": [UUID],
    "androidId": ["0", "0" * 15, "0" * 16],
    "lvid": ["0" * 32],
    "userAgent": ["", "Mozilla/5.0", "x" * 2048],
    "idTransaction": ["1", "x" * 255, "😀" * 255],
    "currency": ["USD", "usd", "840", "A1b"],
    "total": [0, 1.99, "0", "1.99", "10", 0.0],
    "somethingNew": [None, {"a": [1]}, "x"],
    "customPlatformUserId": ["1"],
}

REFUSED: dict[str, list[Any]] = {
    "eventTimestamp": [
        -1,
        4294967296,
        "4294967296",
        1577191920000,
        "1577191920000",
        1.5,
        1.0,
        True,
        "",
        None,
        " 5",
        "5 ",
        "1_000",
        "٣",
        "+5",
        "5\n",
        "0x5",
        [],
        {},
        "9" * 400,
        *NO_DIGITS,
    ],
    "customUserId": ["", "x" * 1025, 1.5, True, None, [], {}],
    "ipv4": ["256.1.1.1", "1.2.3", "1.2.3.4\n", " 1.2.3.4", "٣.1.1.1", "::1", "localhost", "", 1, None],
    "ipv6": ["1.2.3.4", "fe80::1%eth0", "::1\n", ":::", "x" * 46, "", 1, None],
    "idGender": [-1, 3, "3", "x", True, 1.0, None, *NO_DIGITS],
    "connectionType": [-1, 3, "3", False, None, *NO_DIGITS],
    "bluetoothEnabled": [-1, 3, "3", False, None, *NO_DIGITS],
    "age": [-1, 129, "129", "38.0", None, *NO_DIGITS],
    "adTrackingEnabled": [-1, 2, "2", True, None, *NO_DIGITS],
    "adBlocker": [-1, 2, "2", True, None, *NO_DIGITS],
    "instanceId": ["", "x" * 35, "x" * 37, 1, None],
    "idfa": ["", "x" * 35, "x" * 37, 1, None],
    "iosVendorId": ["", "x" * 35, "x" * 37, 1, None],
    "gaid": ["", "x" * 35, "x" * 37, 1, None],
    "androidId": ["", "x" * 17, 1, None],
    "lvid": ["", "x" * 31, "x" * 33, 1, None],
    "userAgent": ["x" * 2049, 1, None],
    "idTransaction": ["", "x" * 256, "😀" * 256, 1, None],
    "currency": ["", "US", "USDT", "US ", "USD\n", "€UR", "٣٣٣", 840, None],
    "total": [-1, -0.01, "-1", "-0", "+1", "", "1,99", "1e2", ".5", "1.", " 1", "٣", True, None, [], "1_0"],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{n}") for name in table for n, value in enumerate(table[name])
    ]


@pytest.mark.parametrize(("name", "value"), cases(TAKEN))
def test_taken_and_sent_on_as_received(ask: Any, name: str, value: Any) -> None:
    answer, request = ask(handler, body=json.dumps(PAID | {name: value}))

    assert answer["statusCode"] == 200
    sent = json.loads(request.body)
    assert (sent[name], type(sent[name])) == (value, type(value))


@pytest.mark.parametrize(("name", "value"), cases(REFUSED))
def test_refused(ask: Any, name: str, value: Any) -> None:
    answer, request = ask(handler, body=json.dumps(PAID | {name: value}))

    assert (answer["statusCode"], json.loads(answer["body"]), request) == (
        400,
        {"error": "Bad Request"},
        None,
    )
    assert answer["headers"]["Gateway-Error"].startswith(f"{name} ")


@pytest.mark.parametrize(
    "total",
    ["1e400", "1e999999999", "-1e-5", "Infinity", "1." + "0" * 2_000, "1" * 400, '"' + "1" * 400 + '"'],
)
def test_totals_that_no_reader_keeps(ask: Any, total: str) -> None:
    answer, request = ask(
        handler, body=json.dumps(PAID)[:-1].replace('"total": 1', f'"total": {total}') + "}"
    )

    assert (answer["statusCode"], request) == (400, None)


@pytest.mark.parametrize(
    "total", ["1.99", "1.990", "1e2", "1E+2", "0.1000000000000000055511151231257827", "100000000000000000001"]
)
def test_totals_keep_their_digits(ask: Any, total: str) -> None:
    answer, request = ask(handler, body=json.dumps(PAID).replace('"total": 1', f'"total": {total}'))

    assert answer["statusCode"] == 200
    assert f'"total":{total},'.encode() in request.body
    assert b"eventTimestamp" in request.body


def test_reasons_are_ascii_and_quote_no_value(ask: Any) -> None:
    answer, _ = ask(handler, body=PAID | {"idGender": "тайна", "lvid": "secret", "age": 999})

    assert answer["headers"]["Gateway-Error"] == (
        "idGender must be an integer; age must be from 0 to 128; lvid must have at least 32 characters"
    )


@pytest.mark.parametrize(
    ("field", "taken", "refused"), [("currency", "USD", "usd"), ("androidId", "0" * 16, "0" * 15)]
)
def test_strict(ask: Any, strict: Any, field: str, taken: str, refused: str) -> None:
    strict_handler = strict("custom_revenue")

    assert ask(strict_handler, body=PAID | {field: taken})[0]["statusCode"] == 200
    assert ask(strict_handler, body=PAID | {field: refused})[0]["statusCode"] == 400


def test_strict_currency_is_letters(ask: Any, strict: Any) -> None:
    assert ask(strict("custom_revenue"), body=PAID | {"currency": "840"})[0]["statusCode"] == 400
