"""`session`: which fields there are, what each becomes, in which order they are looked at."""

from typing import Any

import pytest

from tests.track.endpoint_client import EndpointClient, unconverted
from track import system
from track.session import handler
from track.system import TrackSettings


@pytest.fixture
def client(event: Any, upstream: Any) -> EndpointClient:
    return EndpointClient(handler, event, upstream)


def test_documented_parameters(client: EndpointClient) -> None:
    answer = client.send(client.form())

    assert (answer["statusCode"], answer["body"]) == (201, "")
    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["headers"]["Gateway-Delivery"] == "delivered"
    assert client.tasks[0].payload.data() == {
        "table": "SessionEvent",
        "values": {
            "Region": "BR",
            "SessionID": "7f3c9a",
            "RemoteIP": "192.0.2.7",
            "SessionType": "start",
            "Message": "hello",
            "ProfileID": 7,
            "Language": "",
        },
    }
    assert client.tasks[0].scope == ("7f3c9a", "7")


def test_what_is_optional(client: EndpointClient) -> None:
    stored = client.stored(Message=None, ProfileID=None)

    assert client.tasks[0].scope == ("7f3c9a",), "0 is nobody"

    assert (stored["Message"], stored["ProfileID"], stored["Language"]) == ("", 0, "")


def test_required_fields_in_the_documents_order(client: EndpointClient) -> None:
    given = ""
    for name in ("SessionID", "RemoteIP", "SessionType"):
        expected = f"Required Field Session.{name} was empty"
        assert client.refused_body(f"Region=BR&{given}") == expected
        assert client.refused_body(f"Region=BR&{given}&{name}=") == expected
        given += f"&{name}=x"
    assert client.row(f"Region=BR&{given}")["SessionType"] == "x"


@pytest.mark.parametrize(
    ("name", "length"),
    [("SessionID", 32), ("RemoteIP", 45), ("SessionType", 32), ("Message", 45), ("Language", 16)],
)
def test_lengths_count_characters(client: EndpointClient, name: str, length: int) -> None:
    assert client.refused(**{name: "💎" * (length + 1)}) == unconverted(name)
    assert client.stored(**{name: "💎" * length})[name] == "💎" * length


@pytest.mark.parametrize("region", ["BR", "br", "Europe", "A" * 16])
def test_regions(client: EndpointClient, region: str) -> None:
    assert client.stored(Region=region)["Region"] == region


@pytest.mark.parametrize("region", [None, "", "B", "A" * 17, "BR\n", "\nBR", " BR", "B R", "B1", "ÄÖ", "B-R"])
def test_no_regions(client: EndpointClient, region: str | None) -> None:
    assert client.refused(Region=region) == "Invalid Region"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("7", 7), ("+7", 7), ("-7", -7), ("007", 7), ("0", 0), ("-0", 0), ("", 0)),
        *(("2147483647", 2**31 - 1), ("-2147483648", -(2**31))),
    ],
)
def test_integers(client: EndpointClient, text: str, number: int) -> None:
    assert client.stored(ProfileID=text)["ProfileID"] == number


@pytest.mark.parametrize(
    "text",
    [
        *("x", " 5", "5 ", "5\n", "1_000", "٣", "1.0", "1e2", "0x7", "+", "--7", "true"),
        *("2147483648", "-2147483649", "9" * 5_000, "0" * 5_000),
    ],
)
def test_no_integers(client: EndpointClient, text: str) -> None:
    assert client.refused(ProfileID=text) == unconverted("ProfileID")


def test_the_order_of_checks(client: EndpointClient) -> None:
    long, bad = f"SessionID={'x' * 33}", "ProfileID=x"

    assert (
        client.refused_body(f"{long}&{bad}&Region=1&Nope=1")
        == unconverted("ProfileID") + " (and 1 other error)"
    )
    assert client.refused_body(f"{long}&Region=1") == "Invalid Region"
    assert client.refused_body(f"{long}&Region=BR") == "Required Field Session.RemoteIP was empty"
    assert client.refused_body(f"{long}&Region=BR&RemoteIP=a&SessionType=b") == unconverted("SessionID")


def test_several_errors_are_counted(client: EndpointClient) -> None:
    assert client.refused(Nope="1") == 'schema: invalid path "Nope"'
    assert client.refused(Nope="", Never="1") == 'schema: invalid path "Nope" (and 1 other error)'
    assert client.refused(ProfileID="x", Nope="1", Never="1").endswith('"ProfileID" (and 2 other errors)')
    long = {"SessionID": "x" * 33, "Message": "x" * 46}
    assert client.refused(**long) == unconverted("SessionID") + " (and 1 other error)"


@pytest.mark.parametrize(
    "name", ["EventID", "Created", "GatewayEventID", "Referrer", "Region.x", "", "Région"]
)
def test_names_that_a_session_does_not_have(client: EndpointClient, name: str) -> None:
    assert client.refused(**{name: "1"}) == f'schema: invalid path "{name}"'


def test_a_name_in_an_error_is_short_and_in_quotes(client: EndpointClient) -> None:
    assert client.refused(**{'a"b\n': "1"}) == 'schema: invalid path "a\\"b\\n"'
    assert client.refused(**{"x" * 500_00: "1"}) == f'schema: invalid path "{"x" * 64}"'


def test_names_in_any_case_and_the_last_of_several(client: EndpointClient) -> None:
    body = "REGION=XX&region=YY&REGION=BR&sessionid=a&remoteip=b&sessiontype=c&SESSIONID=d"

    stored = client.row(body)

    assert (stored["Region"], stored["SessionID"]) == ("BR", "d")


def test_an_empty_last_value_is_no_value(client: EndpointClient) -> None:
    assert client.refused_body(f"{client.form()}&sessionID=") == "Required Field Session.SessionID was empty"


@pytest.fixture
def fills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "settings", TrackSettings(fill_client_ip=True))


@pytest.mark.usefixtures("fills")
def test_the_callers_address_fills_an_absent_one(client: EndpointClient) -> None:
    assert client.stored(RemoteIP=None)["RemoteIP"] == "203.0.113.7"
    assert client.stored(RemoteIP="")["RemoteIP"] == "203.0.113.7"
    assert client.stored(RemoteIP="192.0.2.7")["RemoteIP"] == "192.0.2.7"
    assert client.row("region=BR&sessionid=a&REMOTEIP=x&sessiontype=c")["RemoteIP"] == "x"


def test_it_does_not_when_it_was_not_told_to(client: EndpointClient) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1", "Content-Type": "application/x-www-form-urlencoded"}

    answer = client.send(client.form(RemoteIP=None), forwarded)

    assert answer["body"] == "Required Field Session.RemoteIP was empty"
