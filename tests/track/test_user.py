"""`user`: which fields there are and what each becomes."""

from typing import Any

import pytest

from tests.track.telling import Told, unconverted
from track.user import handler


@pytest.fixture
def told(event: Any, upstream: Any) -> Told:
    return Told(handler, event, upstream)


def test_documented_parameters(told: Told) -> None:
    stored = told.stored(Language="pt-BR")

    assert stored == {
        "ProfileID": 7,
        "Region": "BR",
        "Referrer": "newsletter",
        "Message": "hello",
        "Language": "pt-BR",
    }
    assert told.tasks[0].payload.data()["table"] == "UserEvent"
    assert told.tasks[0].scope == ("7",)


def test_what_is_optional(told: Told) -> None:
    assert told.row("Region=BR&ProfileID=7") == {
        "ProfileID": 7,
        "Region": "BR",
        "Referrer": "",
        "Message": "",
        "Language": "",
    }


@pytest.mark.parametrize("profile", [None, "", "0", "+0", "-0", "000"])
def test_nobody_is_no_user(told: Told, profile: str | None) -> None:
    assert told.refused(ProfileID=profile) == "Required Field User.ProfileID was empty"


def test_the_region_is_looked_at_before_who_it_is(told: Told) -> None:
    assert told.refused_body("ProfileID=0") == "Invalid Region"


@pytest.mark.parametrize("profile", ["-1", "2147483647"])
def test_anybody_else(told: Told, profile: str) -> None:
    assert told.stored(ProfileID=profile)["ProfileID"] == int(profile)


@pytest.mark.parametrize(("name", "length"), [("Referrer", 64), ("Message", 45), ("Language", 16)])
def test_lengths(told: Told, name: str, length: int) -> None:
    assert told.refused(**{name: "x" * (length + 1)}) == unconverted(name)
    assert told.stored(**{name: "x" * length})[name] == "x" * length


@pytest.mark.parametrize("name", ["RemoteIP", "SessionID", "Product"])
def test_names_of_the_other_kinds(told: Told, name: str) -> None:
    assert told.refused(**{name: ""}) == f'schema: invalid path "{name}"'
