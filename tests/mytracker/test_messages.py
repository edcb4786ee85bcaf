"""What the gateway adds to MyTracker's events, and when it adds nothing."""

import json
from typing import Any

import pytest

from gateway.core import strict_json
from gateway.core.reply import Reply
from gateway.inbound.request import Request
from mytracker.custom_event import CustomEvent
from mytracker.messages import with_additions
from mytracker.registration import Registration, handler
from mytracker.registration_batch import handler as batch
from mytracker.system import settings
from tests.conftest import http_request

FILLING = settings.model_copy(update={"fill_client_ip": True})
NOW = 1_794_700_800
STAMP = len(f'"eventTimestamp":{NOW},')


def request(body: bytes, *, ip: str = "203.0.113.7", agent: str = "curl/8.5.0") -> Request:
    return Request(
        method="POST",
        resource="/v1/registration",
        headers={"user-agent": (agent,), "x-forwarded-for": ("198.51.100.9",)},
        received=body,
        source_ip=ip,
        received_at=NOW + 0.999,
        event_id="01",
        max_body=10_240,
    )


def with_added(body: bytes, *, events: Any = None, fill: bool = False, **origin: str) -> bytes:
    received = strict_json.read(body)
    elements = received if isinstance(received, list) else [received]
    models = [(events or Registration).model_validate(element) for element in elements]
    return with_additions(request(body, **origin), models, FILLING if fill else settings)


def of_size(size: int) -> bytes:
    return strict_json.write(
        {"customUserId": "1", "pad": "x" * (size - len('{"customUserId":"1","pad":""}'))}
    )


def test_an_event_without_a_time_gets_its_receipts(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, Reply(status=200, body=b"{}")).tasks

    handler(event("mytracker/registration"))

    sent = json.loads(http_request(tasks[0]).content)
    assert sent["eventTimestamp"] == int(tasks[0].received_at)


@pytest.mark.parametrize(
    "body",
    [
        b'{"customUserId" : "1", "eventTimestamp": "1577191920", "x": 1.50}',
        b' { "customUserId":"\\u0436", "eventTimestamp":0 }\n',
        b'[{"customUserId":"1","eventTimestamp":1}, {"customUserId":"2","eventTimestamp":"2"}]',
    ],
)
def test_where_nothing_is_added_not_a_byte_changes(body: bytes) -> None:
    assert with_added(body) == body


def test_only_elements_without_a_time_are_stamped() -> None:
    body = b'[{"customUserId": 1, "eventTimestamp": "5"}, {"customUserId": 2}]'

    assert json.loads(with_added(body)) == [
        {"customUserId": 1, "eventTimestamp": "5"},
        {"customUserId": 2, "eventTimestamp": NOW},
    ]


def test_numbers_keep_their_digits() -> None:
    body = b'{"customUserId": 9007199254740993, "a": 1.10, "b": 1E+2, "c": 0.1000000000000000055511}'

    assert with_added(body) == (
        b'{"customUserId":9007199254740993,"a":1.10,"b":1E+2,"c":0.1000000000000000055511,'
        b'"eventTimestamp":%d}' % NOW
    )


def test_a_stamp_that_just_fits() -> None:
    stamped = with_added(of_size(10_240 - STAMP))

    assert len(stamped) == 10_240
    assert json.loads(stamped)["eventTimestamp"] == NOW


@pytest.mark.parametrize("size", [10_240 - STAMP + 1, 10_240])
def test_a_stamp_that_does_not_fit_is_left_out(size: int) -> None:
    assert with_added(of_size(size)) == of_size(size)


def test_in_a_batch_as_many_stamps_as_fit() -> None:
    pad = "x" * (
        10_240 - 2 * STAMP - len('[{"customUserId":1},{"customUserId":2},{"customUserId":3,"pad":""}]')
    )
    body = strict_json.write([{"customUserId": 1}, {"customUserId": 2}, {"customUserId": 3, "pad": pad}])

    stamped = with_added(body)

    assert len(stamped) == 10_240
    assert ["eventTimestamp" in element for element in json.loads(stamped)] == [True, True, False]


def test_the_callers_address_only_by_setting() -> None:
    assert json.loads(with_added(b'{"customUserId":1}')) == {"customUserId": 1, "eventTimestamp": NOW}


@pytest.mark.parametrize(("ip", "name"), [("203.0.113.7", "ipv4"), ("2001:db8::7", "ipv6")])
def test_the_callers_address_is_the_gateways_own_knowledge(ip: str, name: str) -> None:
    assert json.loads(with_added(b'{"customUserId":1}', fill=True, ip=ip)) == {
        "customUserId": 1,
        "eventTimestamp": NOW,
        name: ip,
        "userAgent": "curl/8.5.0",
    }


def test_what_the_client_says_of_itself_stands() -> None:
    body = b'{"customUserId":1,"eventTimestamp":1,"ipv6":"::1","userAgent":""}'

    assert with_added(body, fill=True) == body


@pytest.mark.parametrize("agent", ["", "x" * 2049, "a\nb"])
def test_an_agent_that_mytracker_would_refuse_is_left_out(agent: str) -> None:
    assert "userAgent" not in json.loads(with_added(b'{"customUserId":1}', fill=True, agent=agent))


@pytest.mark.parametrize("ip", ["", "test-invoke-source-ip"])
def test_no_address(ip: str) -> None:
    assert not {"ipv4", "ipv6"} & json.loads(with_added(b'{"customUserId":1}', fill=True, ip=ip)).keys()


def test_the_agent_is_left_out_first_then_the_address() -> None:
    address = len('"ipv4":"203.0.113.7",')

    added = json.loads(with_added(of_size(10_240 - STAMP - address), fill=True))
    assert {"eventTimestamp", "ipv4"} <= added.keys()
    assert "userAgent" not in added

    added = json.loads(with_added(of_size(10_240 - STAMP), fill=True))
    assert "eventTimestamp" in added
    assert not {"ipv4", "userAgent"} & added.keys()


def test_a_conversion_that_would_not_fit_is_left_out() -> None:
    start = b'{"customUserId":"1","customEventName":"x","customEventParams":{"n":1},"pad":"'
    body = start + b"x" * (10_240 - len(start) - 2) + b'"}'
    assert len(body) == 10_240

    assert with_added(body, events=CustomEvent) == body
    assert b'"customEventParams":{"n":"1"}' in with_added(body[:-4] + b'"}', events=CustomEvent)


def test_batches_and_singles_go_to_their_own_paths(ask: Any) -> None:
    _, single = ask(handler)
    _, several = ask(batch)

    assert (single.method, single.path, single.query) == ("POST", "/v1/registration/", "idApp=666")
    assert (several.method, several.path, several.query) == ("POST", "/v1/registrationBatch/", "idApp=666")
