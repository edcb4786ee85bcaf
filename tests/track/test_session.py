"""`session`: which fields there are, what each becomes, in which order they are looked at."""

from typing import Any

import pytest

from tests.track.telling import Told, unconverted
from track import system
from track.session import handler
from track.system import TrackSettings


@pytest.fixture
def told(event: Any, upstream: Any) -> Told:
    return Told(handler, event, upstream)


def test_documented_parameters(told: Told) -> None:
    answer = told.send(told.form())

    assert (answer["statusCode"], answer["body"]) == (201, "")
    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["headers"]["Gateway-Delivery"] == "delivered"
    assert told.tasks[0].payload.data() == {
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
    assert told.tasks[0].scope == ("7f3c9a", "7")


def test_what_is_optional(told: Told) -> None:
    stored = told.stored(Message=None, ProfileID=None)

    assert told.tasks[0].scope == ("7f3c9a",), "0 is nobody"

    assert (stored["Message"], stored["ProfileID"], stored["Language"]) == ("", 0, "")


def test_required_fields_in_the_documents_order(told: Told) -> None:
    given = ""
    for name in ("SessionID", "RemoteIP", "SessionType"):
        expected = f"Required Field Session.{name} was empty"
        assert told.refused_body(f"Region=BR&{given}") == expected
        assert told.refused_body(f"Region=BR&{given}&{name}=") == expected
        given += f"&{name}=x"
    assert told.row(f"Region=BR&{given}")["SessionType"] == "x"


@pytest.mark.parametrize(
    ("name", "length"),
    [("SessionID", 32), ("RemoteIP", 45), ("SessionType", 32), ("Message", 45), ("Language", 16)],
)
def test_lengths_count_characters(told: Told, name: str, length: int) -> None:
    assert told.refused(**{name: "💎" * (length + 1)}) == unconverted(name)
    assert told.stored(**{name: "💎" * length})[name] == "💎" * length


@pytest.mark.parametrize("region", ["BR", "br", "Europe", "A" * 16])
def test_regions(told: Told, region: str) -> None:
    assert told.stored(Region=region)["Region"] == region


@pytest.mark.parametrize("region", [None, "", "B", "A" * 17, "BR\n", "\nBR", " BR", "B R", "B1", "ÄÖ", "B-R"])
def test_no_regions(told: Told, region: str | None) -> None:
    assert told.refused(Region=region) == "Invalid Region"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("7", 7), ("+7", 7), ("-7", -7), ("007", 7), ("0", 0), ("-0", 0), ("", 0)),
        *(("2147483647", 2**31 - 1), ("-2147483648", -(2**31))),
    ],
)
def test_integers(told: Told, text: str, number: int) -> None:
    assert told.stored(ProfileID=text)["ProfileID"] == number


@pytest.mark.parametrize(
    "text",
    [
        *("x", " 5", "5 ", "5\n", "1_000", "٣", "1.0", "1e2", "0x7", "+", "--7", "true"),
        *("2147483648", "-2147483649", "9" * 5_000, "0" * 5_000),
    ],
)
def test_no_integers(told: Told, text: str) -> None:
    assert told.refused(ProfileID=text) == unconverted("ProfileID")


def test_the_order_of_checks(told: Told) -> None:
    long, bad = f"SessionID={'x' * 33}", "ProfileID=x"

    assert (
        told.refused_body(f"{long}&{bad}&Region=1&Nope=1")
        == unconverted("ProfileID") + " (and 1 other error)"
    )
    assert told.refused_body(f"{long}&Region=1") == "Invalid Region"
    assert told.refused_body(f"{long}&Region=BR") == "Required Field Session.RemoteIP was empty"
    assert told.refused_body(f"{long}&Region=BR&RemoteIP=a&SessionType=b") == unconverted("SessionID")


def test_several_errors_are_counted(told: Told) -> None:
    assert told.refused(Nope="1") == 'schema: invalid path "Nope"'
    assert told.refused(Nope="", Never="1") == 'schema: invalid path "Nope" (and 1 other error)'
    assert told.refused(ProfileID="x", Nope="1", Never="1").endswith('"ProfileID" (and 2 other errors)')
    long = {"SessionID": "x" * 33, "Message": "x" * 46}
    assert told.refused(**long) == unconverted("SessionID") + " (and 1 other error)"


@pytest.mark.parametrize(
    "name", ["EventID", "Created", "GatewayEventID", "Referrer", "Region.x", "", "Région"]
)
def test_names_that_a_session_does_not_have(told: Told, name: str) -> None:
    assert told.refused(**{name: "1"}) == f'schema: invalid path "{name}"'


def test_a_name_in_an_error_is_short_and_in_quotes(told: Told) -> None:
    assert told.refused(**{'a"b\n': "1"}) == 'schema: invalid path "a\\"b\\n"'
    assert told.refused(**{"x" * 500_00: "1"}) == f'schema: invalid path "{"x" * 64}"'


def test_names_in_any_case_and_the_last_of_several(told: Told) -> None:
    body = "REGION=XX&region=YY&REGION=BR&sessionid=a&remoteip=b&sessiontype=c&SESSIONID=d"

    stored = told.row(body)

    assert (stored["Region"], stored["SessionID"]) == ("BR", "d")


def test_an_empty_last_value_is_no_value(told: Told) -> None:
    assert told.refused_body(f"{told.form()}&sessionID=") == "Required Field Session.SessionID was empty"


@pytest.fixture
def fills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "settings", TrackSettings(fill_client_ip=True))


@pytest.mark.usefixtures("fills")
def test_the_callers_address_fills_an_absent_one(told: Told) -> None:
    assert told.stored(RemoteIP=None)["RemoteIP"] == "203.0.113.7"
    assert told.stored(RemoteIP="")["RemoteIP"] == "203.0.113.7"
    assert told.stored(RemoteIP="192.0.2.7")["RemoteIP"] == "192.0.2.7"
    assert told.row("region=BR&sessionid=a&REMOTEIP=x&sessiontype=c")["RemoteIP"] == "x"


def test_it_does_not_when_it_was_not_told_to(told: Told) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1", "Content-Type": "application/x-www-form-urlencoded"}

    answer = told.send(told.form(RemoteIP=None), forwarded)

    assert answer["body"] == "Required Field Session.RemoteIP was empty"
