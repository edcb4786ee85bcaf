"""track through the deployed API: the document's calls in either layout, and the rows that they become."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.fixtures.api import Api, Response
from tests.sample_events import load_event

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = "text/plain; charset=utf-8"
EXAMPLES = {
    kind: dict(parse_qsl(load_event(f"track/{kind}")["body"]))
    for kind in ("session", "user", "item", "purchase")
}
ROWS = {
    "session": {
        "Region": "BR",
        "SessionID": "7f3c9a",
        "RemoteIP": "192.0.2.7",
        "SessionType": "start",
        "Message": "hello",
        "ProfileID": 7,
    },
    "user": {"ProfileID": 7, "Region": "BR", "Referrer": "newsletter", "Message": "hello"},
    "item": {
        "ProfileID": 7,
        "Region": "BR",
        "ItemName": "hat",
        "ItemType": "wear",
        "IsUGC": 0,
        "IsRented": 0,
        "PriceGold": 3,
        "PriceSilver": 0,
    },
    "purchase": {
        "ProfileID": 7,
        "Region": "BR",
        "Currency": "BRL",
        "GrossAmount": "1.9900",
        "NetAmount": "1.5000",
        "PaymentProvider": "card",
        "Product": "gems",
    },
}

Rows = Callable[[str, Response], list[dict[str, Any]]]


@pytest.fixture
def rows(api: Api) -> Rows:
    """The rows of a kind's table that bear an answer's event id."""
    path = api.stack.event_store.removeprefix("sqlite:///")

    def read(kind: str, response: Response) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(path)) as database:
            database.row_factory = sqlite3.Row
            found = database.execute(
                f"SELECT * FROM {kind.capitalize()}Event WHERE GatewayEventID = ?",  # noqa: S608 - our own name
                [response.headers["gateway-event-id"]],
            )
            return [dict(row) for row in found]

    return read


def is_created(response: Response) -> bool:
    return (
        (response.status, response.body) == (201, b"")
        and response.headers["content-type"] == TEXT
        and response.headers["content-length"] == "0"
        and response.headers["gateway-delivery"] == "delivered"
        and response.headers["access-control-allow-origin"] == "*"
    )


@pytest.mark.parametrize("path", ["/api/1.0/track/{}/", "/api/1.0/track/{}", "/v1/track/{}/", "/v1/track/{}"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_form_becomes_a_row(api: Api, rows: Rows, kind: str, path: str) -> None:
    begun = time.time()

    response = api.ask("POST", path.format(kind), urlencode(EXAMPLES[kind]), FORM)

    assert is_created(response), response
    (row,) = rows(kind, response)
    created = row.pop("Created")
    assert row.pop("EventID") > 0
    assert row == ROWS[kind] | {"Language": "", "GatewayEventID": response.headers["gateway-event-id"]}
    assert time.strftime("%Y-%m-%d %H:", time.gmtime(begun)) <= created
    assert created[:19] <= time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, FORM, {}], ids=str)
def test_json_becomes_the_same_row(api: Api, rows: Rows, kind: str, headers: dict[str, str]) -> None:
    response = api.ask("POST", f"/v1/track/{kind}/?Region=XX", json.dumps(EXAMPLES[kind]), headers)

    assert is_created(response), response
    (row,) = rows(kind, response)
    assert ROWS[kind].items() <= row.items()


def test_what_is_absent_has_the_originals_defaults(api: Api, rows: Rows) -> None:
    body = "region=BR&SESSIONID=s&RemoteIp=::1&SessionType=%F0%9F%92%8E&ProfileID=0"

    response = api.ask("POST", "/api/1.0/track/session/", body)

    assert is_created(response), response
    (row,) = rows("session", response)
    assert (row["Message"], row["ProfileID"], row["Language"], row["SessionType"]) == ("", 0, "", "💎")


@pytest.mark.parametrize(
    ("kind", "change", "text"),
    [
        ("session", "Region=BR%0A", "Invalid Region"),
        ("session", "Region=", "Invalid Region"),
        ("session", "SessionID=", "Required Field Session.SessionID was empty"),
        ("session", "ProfileID=1_000", 'schema: error converting value for "ProfileID"'),
        ("session", "ProfileID=%D9%A3", 'schema: error converting value for "ProfileID"'),
        ("session", "Nope=1", 'schema: invalid path "Nope"'),
        (
            "session",
            "Nope=1&ProfileID=x",
            'schema: error converting value for "ProfileID" (and 1 other error)',
        ),
        ("user", "ProfileID=2147483648", 'schema: error converting value for "ProfileID"'),
        ("user", f"Referrer={'x' * 65}", 'schema: error converting value for "Referrer"'),
        ("item", "IsUGC=yes", 'schema: error converting value for "IsUGC"'),
        ("purchase", "GrossAmount=", 'schema: error converting value for "GrossAmount"'),
        ("purchase", "GrossAmount=1,99", 'schema: error converting value for "GrossAmount"'),
        ("purchase", "GrossAmount=1e999999999", 'schema: error converting value for "GrossAmount"'),
        (
            "purchase",
            f"GrossAmount={'9' * 200_000}%2F{'7' * 200_000}",
            'schema: error converting value for "GrossAmount"',
        ),
    ],
    ids=lambda value: value[:40],
)
def test_refused(api: Api, rows: Rows, kind: str, change: str, text: str) -> None:
    body = f"{urlencode(EXAMPLES[kind])}&{change}"

    response = api.ask("POST", f"/api/1.0/track/{kind}/", body, FORM)

    assert (response.status, response.body.decode()) == (400, text)
    assert response.headers["content-type"] == TEXT
    assert response.headers["gateway-delivery"] == "rejected"
    assert rows(kind, response) == []


@pytest.mark.parametrize("amount", ["199/100", "1.99", "+1.99000", "199e-2"])
def test_amounts_are_exact(api: Api, rows: Rows, amount: str) -> None:
    fields = EXAMPLES["purchase"] | {"GrossAmount": amount, "NetAmount": "-.5"}

    response = api.ask("POST", "/api/1.0/track/purchase/", urlencode(fields), FORM)

    (row,) = rows("purchase", response)
    assert (row["GrossAmount"], row["NetAmount"]) == ("1.9900", "-0.5000")


def test_bodies_that_cannot_be_read(api: Api) -> None:
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    part = b'--b\r\nContent-Disposition: form-data; name="Region"\r\n\r\nBR\r\n--b--\r\n'

    parts = api.ask("POST", "/v1/track/session", part, multipart)
    large = api.ask("POST", "/v1/track/session", "Message=" + "x" * 600_000, FORM)

    assert (parts.status, parts.body) == (400, b"Invalid Region")
    assert (large.status, large.headers["content-type"]) == (413, TEXT)


def test_methods_and_unknown_paths(api: Api) -> None:
    wrong = api.ask("GET", "/api/1.0/track/session/")
    preflight = api.ask("OPTIONS", "/v1/track/session/")
    unknown = api.ask("POST", "/api/1.0/track/nothing/", "Region=BR", FORM)

    assert (wrong.status, wrong.body, wrong.headers["allow"]) == (405, b"", "POST, OPTIONS")
    assert preflight.status == 204
    assert (unknown.status, unknown.body) == (404, b"404 page not found")
    assert unknown.headers["content-type"] == TEXT
