"""`item`: which fields there are and what each becomes."""

from typing import Any

import pytest

from tests.track.endpoint_client import EndpointClient, unconverted
from track.item import handler


@pytest.fixture
def client(event: Any, upstream: Any) -> EndpointClient:
    return EndpointClient(handler, event, upstream)


def test_documented_parameters(client: EndpointClient) -> None:
    assert client.stored() == {
        "ProfileID": 7,
        "Region": "BR",
        "ItemName": "hat",
        "ItemType": "wear",
        "IsUGC": False,
        "IsRented": False,
        "PriceGold": 3,
        "PriceSilver": 0,
        "Language": "",
    }
    assert client.tasks[0].payload.data()["table"] == "ItemEvent"
    assert client.tasks[0].scope == ("7",)


def test_what_may_be_absent(client: EndpointClient) -> None:
    stored = client.stored(IsUGC=None, PriceGold=None, PriceSilver=None)

    assert (stored["IsUGC"], stored["IsRented"], stored["PriceGold"], stored["PriceSilver"]) == (
        False,
        False,
        0,
        0,
    )


def test_required_fields_in_the_documents_order(client: EndpointClient) -> None:
    given = "Region=BR"
    for name in ("ProfileID", "ItemName", "ItemType"):
        assert client.refused_body(given) == f"Required Field Item.{name} was empty"
        given += f"&{name}=1"
    assert client.row(given)["ItemType"] == "1"


@pytest.mark.parametrize("name", ["IsUGC", "IsRented"])
@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["1", "t", "T", "true", "True", "TRUE", "on"], True),
        (["0", "f", "F", "false", "False", "FALSE", ""], False),
    ],
)
def test_booleans(client: EndpointClient, name: str, texts: list[str], value: bool) -> None:
    assert [client.stored(**{name: text})[name] for text in texts] == [value] * len(texts)


@pytest.mark.parametrize(
    "text", ["yes", "no", "off", "On", "ON", "tRUE", "2", "-1", "1.0", " true", "true\n"]
)
def test_no_booleans(client: EndpointClient, text: str) -> None:
    assert client.refused(IsUGC=text) == unconverted("IsUGC")


@pytest.mark.parametrize("name", ["PriceGold", "PriceSilver"])
def test_prices(client: EndpointClient, name: str) -> None:
    assert client.stored(**{name: "-3"})[name] == -3
    assert client.stored(**{name: ""})[name] == 0
    client.tasks.clear()
    for text in ("1.5", "2147483648", "x"):
        assert client.refused(**{name: text}) == unconverted(name)


@pytest.mark.parametrize(("name", "length"), [("ItemName", 64), ("ItemType", 45)])
def test_lengths(client: EndpointClient, name: str, length: int) -> None:
    assert client.refused(**{name: "x" * (length + 1)}) == unconverted(name)
    assert client.stored(**{name: "x" * length})[name] == "x" * length
