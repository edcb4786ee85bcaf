"""`item`: which fields there are and what each becomes."""

from typing import Any

import pytest

from tests.track.telling import Told, unconverted
from track.item import handler


@pytest.fixture
def told(event: Any, upstream: Any) -> Told:
    return Told(handler, event, upstream)


def test_documented_parameters(told: Told) -> None:
    assert told.stored() == {
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
    assert told.tasks[0].payload.data()["table"] == "ItemEvent"
    assert told.tasks[0].scope == ("7",)


def test_what_may_be_absent(told: Told) -> None:
    stored = told.stored(IsUGC=None, PriceGold=None, PriceSilver=None)

    assert (stored["IsUGC"], stored["IsRented"], stored["PriceGold"], stored["PriceSilver"]) == (
        False,
        False,
        0,
        0,
    )


def test_required_fields_in_the_documents_order(told: Told) -> None:
    given = "Region=BR"
    for name in ("ProfileID", "ItemName", "ItemType"):
        assert told.refused_body(given) == f"Required Field Item.{name} was empty"
        given += f"&{name}=1"
    assert told.row(given)["ItemType"] == "1"


@pytest.mark.parametrize("name", ["IsUGC", "IsRented"])
@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["1", "t", "T", "true", "True", "TRUE", "on"], True),
        (["0", "f", "F", "false", "False", "FALSE", ""], False),
    ],
)
def test_booleans(told: Told, name: str, texts: list[str], value: bool) -> None:
    assert [told.stored(**{name: text})[name] for text in texts] == [value] * len(texts)


@pytest.mark.parametrize(
    "text", ["yes", "no", "off", "On", "ON", "tRUE", "2", "-1", "1.0", " true", "true\n"]
)
def test_no_booleans(told: Told, text: str) -> None:
    assert told.refused(IsUGC=text) == unconverted("IsUGC")


@pytest.mark.parametrize("name", ["PriceGold", "PriceSilver"])
def test_prices(told: Told, name: str) -> None:
    assert told.stored(**{name: "-3"})[name] == -3
    assert told.stored(**{name: ""})[name] == 0
    told.tasks.clear()
    for text in ("1.5", "2147483648", "x"):
        assert told.refused(**{name: text}) == unconverted(name)


@pytest.mark.parametrize(("name", "length"), [("ItemName", 64), ("ItemType", 45)])
def test_lengths(told: Told, name: str, length: int) -> None:
    assert told.refused(**{name: "x" * (length + 1)}) == unconverted(name)
    assert told.stored(**{name: "x" * length})[name] == "x" * length
