"""`user`: which fields there are and what each becomes."""

from typing import Any

import pytest

from tests.track.endpoint_client import EndpointClient, unconverted
from track.user import handler


@pytest.fixture
def client(event: Any, upstream: Any) -> EndpointClient:
    return EndpointClient(handler, event, upstream)


def test_documented_parameters(client: EndpointClient) -> None:
    stored = client.stored(Language="pt-BR")

    assert stored == {
        "ProfileID": 7,
        "Region": "BR",
        "Referrer": "newsletter",
        "Message": "hello",
        "Language": "pt-BR",
    }
    assert client.tasks[0].payload.data()["table"] == "UserEvent"
    assert client.tasks[0].scope == ("7",)


def test_what_is_optional(client: EndpointClient) -> None:
    assert client.row("Region=BR&ProfileID=7") == {
        "ProfileID": 7,
        "Region": "BR",
        "Referrer": "",
        "Message": "",
        "Language": "",
    }


@pytest.mark.parametrize("profile", [None, "", "0", "+0", "-0", "000"])
def test_nobody_is_no_user(client: EndpointClient, profile: str | None) -> None:
    assert client.refused(ProfileID=profile) == "Required Field User.ProfileID was empty"


def test_the_region_is_looked_at_before_who_it_is(client: EndpointClient) -> None:
    assert client.refused_body("ProfileID=0") == "Invalid Region"


@pytest.mark.parametrize("profile", ["-1", "2147483647"])
def test_anybody_else(client: EndpointClient, profile: str) -> None:
    assert client.stored(ProfileID=profile)["ProfileID"] == int(profile)


@pytest.mark.parametrize(("name", "length"), [("Referrer", 64), ("Message", 45), ("Language", 16)])
def test_lengths(client: EndpointClient, name: str, length: int) -> None:
    assert client.refused(**{name: "x" * (length + 1)}) == unconverted(name)
    assert client.stored(**{name: "x" * length})[name] == "x" * length


@pytest.mark.parametrize("name", ["RemoteIP", "SessionID", "Product"])
def test_names_of_the_other_kinds(client: EndpointClient, name: str) -> None:
    assert client.refused(**{name: ""}) == f'schema: invalid path "{name}"'
