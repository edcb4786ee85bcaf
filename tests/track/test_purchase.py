"""`purchase`: which fields there are, and every way in which clients write money."""

import time
from typing import Any

import pytest

from tests.track.endpoint_client import EndpointClient, unconverted
from track.purchase import handler


@pytest.fixture
def client(event: Any, upstream: Any) -> EndpointClient:
    return EndpointClient(handler, event, upstream)


def test_documented_parameters(client: EndpointClient) -> None:
    assert client.stored() == {
        "ProfileID": 7,
        "Region": "BR",
        "Currency": "BRL",
        "GrossAmount": "1.9900",
        "NetAmount": "1.5000",
        "PaymentProvider": "card",
        "Product": "gems",
        "Language": "",
    }
    assert client.tasks[0].payload.data()["table"] == "PurchaseEvent"
    assert client.tasks[0].scope == ("7",)


def test_required_fields_in_the_documents_order(client: EndpointClient) -> None:
    given = "Region=BR"
    for name in ("ProfileID", "Currency", "GrossAmount", "NetAmount", "PaymentProvider", "Product"):
        absent = f"Required Field Purchase.{name} was empty"
        assert client.refused_body(given) == absent
        empty = unconverted(name) if name.endswith("Amount") else absent
        assert client.refused_body(f"{given}&{name}=") == empty
        given += f"&{name}=1"
    assert client.row(given)["Product"] == "1"


AMOUNTS = {
    "1.99": "1.9900",
    "199/100": "1.9900",
    "1e2": "100.0000",
    "1E+2": "100.0000",
    "12e-1": "1.2000",
    ".5": "0.5000",
    "5.": "5.0000",
    "5": "5.0000",
    "+5": "5.0000",
    "-5.25": "-5.2500",
    "-1/3": "-0.3333",
    "2/3": "0.6667",
    "007": "7.0000",
    "0": "0.0000",
    "-0": "0.0000",
    "0/7": "0.0000",
    "0e999999999": "0.0000",
    # Half away from zero, in either form.
    "0.00005": "0.0001",
    "-0.00005": "-0.0001",
    "0.00015": "0.0002",
    "0.00025": "0.0003",
    "0.000049999999999999999999": "0.0000",
    "1/20000": "0.0001",
    "-1/20000": "-0.0001",
    "1/20001": "0.0000",
    "-0.00001": "0.0000",
    "1e-999999999": "0.0000",
    # The column's limits.
    "999999999999999.9999": "999999999999999.9999",
    "-999999999999999.9999": "-999999999999999.9999",
    "999999999999999.99994": "999999999999999.9999",
    "1e14": "100000000000000.0000",
    "9999999999999999999/10000": "999999999999999.9999",
    # More digits than a float has, or than Python reads by default.
    "0.1000000000000000055511151231257827": "0.1000",
    "1" + "0" * 900 + "e-899": "10.0000",
    "0." + "0" * 900 + "1e905": "10000.0000",
    "1" * 499 + "/" + "3" * 499: "0.3333",
}

NO_AMOUNTS = [
    *(
        "NaN",
        "nan",
        "Inf",
        "-inf",
        "Infinity",
        "1,99",
        "1/0",
        "0/0",
        "x",
        "$1",
        "1_000",
        "٣",
        "1.2.3",
        "0x10",
    ),
    *(".", "+", "e5", "1e", "1e+", "1e1.5", "--1", "+-1", "1/", "/2", "1/-2", "1.5/2", "1/2/3", "1 / 2"),
    *(" 1", "1 ", "1\n", "true", "1e15", "1e999999999", "-1e999999999", "1e9999999999", "9" * 16),
    *("999999999999999.99995", "-999999999999999.99995", "9" * 1_000, "1" * 500_000),
    *("9" * 250_000 + "/" + "7" * 250_000, "0." + "0" * 300_000 + "1", "1e" + "9" * 100_000),
]


@pytest.mark.parametrize("name", ["GrossAmount", "NetAmount"])
@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items(), ids=lambda text: text[:30])
def test_amounts(client: EndpointClient, name: str, text: str, amount: str) -> None:
    assert client.stored(**{name: text})[name] == amount


@pytest.mark.parametrize("text", NO_AMOUNTS, ids=lambda text: text[:30])
def test_no_amounts_cost_nothing(client: EndpointClient, text: str) -> None:
    begun = time.process_time()

    assert client.refused(GrossAmount=text) == unconverted("GrossAmount")
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("1.99", "1.9900"), ("0.10", "0.1000"), ("1e2", "100.0000"), ("-0.00", "0.0000"), ("5", "5.0000")),
        *(("0.1000000000000000055511151231257827", "0.1000"), ('"199/100"', "1.9900")),
    ],
)
def test_json_numbers_never_pass_through_a_float(client: EndpointClient, written: str, amount: str) -> None:
    body = (
        f'{{"ProfileID": 7, "Region": "BR", "Currency": "BRL", "GrossAmount": {written}, "NetAmount": 1,'
        ' "PaymentProvider": "card", "Product": "gems"}'
    )

    assert client.row(body)["GrossAmount"] == amount


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1e400", unconverted("GrossAmount")),
        ("true", unconverted("GrossAmount")),
        ("[1]", unconverted("GrossAmount")),
        ("null", "Required Field Purchase.GrossAmount was empty"),
        ('""', unconverted("GrossAmount")),
    ],
)
def test_no_amounts_in_json(client: EndpointClient, written: str, text: str) -> None:
    body = (
        f'{{"ProfileID": 7, "Region": "BR", "Currency": "BRL", "GrossAmount": {written}, "NetAmount": 1,'
        ' "PaymentProvider": "card", "Product": "gems"}'
    )

    assert client.refused_body(body) == text


@pytest.mark.parametrize(("name", "length"), [("Currency", 3), ("PaymentProvider", 45), ("Product", 45)])
def test_lengths(client: EndpointClient, name: str, length: int) -> None:
    assert client.refused(**{name: "x" * (length + 1)}) == unconverted(name)
    assert client.stored(**{name: "x" * length})[name] == "x" * length
