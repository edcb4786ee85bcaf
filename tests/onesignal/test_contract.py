"""OneSignal's socket through the deployed API: the documents' examples byte for byte, in every layout."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.fixtures.api import Api
from tests.onesignal.models import MODELS, Model, Sent, events, opened
from tools.local.stack import LocalStack
from tools.sandbox.client import Entry

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
NOTIFICATION = "f84e3ac6-399e-43b7-90fa-ea0fff0668bf"
PURCHASES = {"purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]}
PING = {"player_id": PLAYER, "state": "ping", "active_time": 60}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

INFINITE = '{"sku":"a","iso":"USD","amount":1e400}'

EXAMPLES: dict[str, tuple[Any, str, Callable[[Model], Sent]]] = {
    "new-session": ({"player_id": PLAYER}, "session updated", lambda model: model.session(PLAYER)),
    "new-purchase": (
        {"player_id": PLAYER, "purchaseData": PURCHASES},
        "new purchase added",
        lambda model: model.purchase(PLAYER, PURCHASES["purchases"]),
    ),
    "increment-session-length": (
        PING,
        "increment session success",
        lambda model: model.length(PLAYER, 60),
    ),
    "track-open": (
        {"id": NOTIFICATION, "opened": True},
        "track open success",
        lambda model: opened(NOTIFICATION),
    ),
}
LAYOUTS = [
    "/onesignal/{}/",
    "/onesignal/{}",
    "/onesignal/{}/?",
    "/v3/instances/my-instance/endpoints/sockets/onesignal/{}/",
    "/v2/instances/my-instance/endpoints/sockets/onesignal/{}/",
    "/v2/instances/other/endpoints/sockets/onesignal/{}",
]


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, local: LocalStack) -> Iterator[Model]:
    """Both models in turn, each with a player whose user is known."""
    model = MODELS[request.param]
    with changed_settings(local, for_systems({"onesignal": model.settings})):
        assert Api(local).ask("POST", "/onesignal/increment-session-length", PING).status == 200
        yield model


@pytest.fixture
def api(model: Model, api: Api) -> Api:
    """The API under both models."""
    return api


def received(api: Api) -> list[Entry]:
    """What OneSignal was told of events."""
    return events(api.upstream_requests("onesignal"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("endpoint", EXAMPLES)
def test_documented_examples(api: Api, model: Model, endpoint: str, layout: str) -> None:
    body, message, sent = EXAMPLES[endpoint]

    response = api.ask("POST", layout.format(endpoint), body)

    assert (response.status, response.json) == (200, {"message": message, "response": {"success": True}})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["gateway-delivery"] == "delivered"
    assert response.headers["access-control-allow-origin"] == "*"
    (request,) = received(api)
    assert Sent.of(request) == sent(model)
    assert (request.query, request.header("Content-Type")) == ("", "application/json")
    assert request.verdict == "taken"


def test_curl_d_and_multipart(api: Api, model: Model) -> None:
    form = f"player_id={PLAYER}&state=ping&active_time=60&user_key=secret"
    parts = "".join(
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in PING.items()
    )

    response = [
        api.ask("POST", "/onesignal/increment-session-length/?api_key=secret", form, FORM),
        api.ask("POST", "/onesignal/increment-session-length/", json.dumps(PING), FORM),
        api.ask(
            "POST",
            "/onesignal/increment-session-length/",
            parts + "--XX--\r\n",
            {"Content-Type": "multipart/form-data; boundary=XX"},
        ),
        api.ask(
            "POST",
            "/onesignal/increment-session-length/",
            gzip.compress(json.dumps(PING).encode()),
            {"Content-Encoding": "gzip", "Content-Type": "application/json"},
        ),
    ]

    assert [answer.status for answer in response] == [200] * 4
    requests = received(api)
    assert [Sent.of(entry) for entry in requests] == [model.length(PLAYER, 60)] * 4
    assert len({entry.content for entry in requests}) == 1
    assert "secret" not in str(api.upstream_requests("onesignal"))


def test_digits_reach_onesignal(api: Api) -> None:
    amounts = ["0.10", "-0.00", "1e2", "12345678901234567890.10"]
    bought = ",".join(f'{{"sku":"a","iso":"usd","amount":{amount}}}' for amount in amounts)
    body = f'{{"player_id":"{PLAYER}","purchaseData":{{"purchases":[{bought}]}}}}'

    response = api.ask("POST", "/onesignal/new-purchase/", body)

    assert response.status == 200
    (request,) = received(api)
    assert re.findall(rb'"amount":"?([^",}]+)', request.content) == [amount.encode() for amount in amounts]


@pytest.mark.parametrize(
    ("endpoint", "body", "message"),
    [
        ("new-session", "{", "Parsing payload failure: invalid JSON."),
        ("new-session", "null", "Parsing payload failure: invalid JSON."),
        ("new-session", "", "validation failed: player_id is required"),
        ("new-session", {"player_id": "x"}, "validation failed: player_id must be a UUID"),
        (
            "new-session",
            {"player_id": PLAYER, "sessionData": {"tags": {"a": {}}}},
            "validation failed: sessionData.tags must be a flat object of strings",
        ),
        (
            "new-purchase",
            f'{{"player_id":"{PLAYER}","purchaseData":{{"purchases":[{INFINITE}]}}}}',
            "validation failed: purchaseData.purchases[0].amount must be a finite number",
        ),
        (
            "increment-session-length",
            {"player_id": None, "active_time": "x"},
            "validation failed: player_id must be a string; state is required; "
            "active_time must be an integer",
        ),
        ("track-open", {"id": NOTIFICATION, "opened": "yes"}, "validation failed: opened must be true"),
    ],
)
def test_bad_input_reaches_nobody(api: Api, endpoint: str, body: Any, message: str) -> None:
    response = api.ask("POST", f"/onesignal/{endpoint}/", body)

    assert (response.status, response.json["message"]) == (400, message)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["gateway-delivery"] == "rejected"
    assert api.upstream_requests("onesignal") == []


def test_a_key_is_the_players_whatever_the_case_of_its_uuid(api: Api) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"player_id": PLAYER, "purchaseData": PURCHASES}
    others = [
        body,
        {**body, "player_id": PLAYER.upper()},
        {**body, "player_id": NOTIFICATION},
        {**body, "purchaseData": {"purchases": PURCHASES["purchases"] * 2}},
    ]

    response = [api.ask("POST", "/onesignal/new-purchase", one, key) for one in others]

    assert [answer.status for answer in response] == [200, 200, 200, 422]
    assert ["idempotency-replayed" in answer.headers for answer in response] == [False, True, False, False]
    assert len(received(api)) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_wrong_methods(api: Api, method: str) -> None:
    response = api.ask(method, "/onesignal/new-session/")

    assert (response.status, response.headers["allow"]) == (405, "POST, OPTIONS")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "gateway-delivery" not in response.headers


def test_preflight(api: Api) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Headers": "content-type"}
    response = api.ask("OPTIONS", "/onesignal/new-session/", headers=asked)

    assert (response.status, response.body) == (204, b"")
    assert response.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert response.headers["access-control-allow-headers"] == "content-type"


def test_unknown_paths(api: Api) -> None:
    for path in ("/onesignal/nothing", "/v3/instances/x", "/onesignal"):
        response = api.ask("POST", path, {})
        assert (response.status, response.json) == (404, {"message": "Not found", "response": {}})
    for path in ("/v1", "/v1/"):
        assert api.ask("POST", path).json == {"error": "Method not found"}
    for path in ("/api/r", "/api/r/"):
        assert api.ask("POST", path).json == {"message": "Not found"}
    assert api.ask("POST", "/api/").json == {"description": "Not found"}
    assert api.ask("GET", "/").json == {"message": "Not found"}
    assert api.ask("GET", "/favicon.ico").status == 404


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "status", "status": 401},
        {"fault": "status", "status": 500},
        {"fault": "status", "status": 429, "headers": {"Retry-After": "7"}},
        {"fault": "status", "status": 400, "body": '{"errors":["app_id not found"]}'},
        {"fault": "html"},
        {"fault": "malformed-json"},
        {"fault": "truncated-body"},
        {"fault": "redirect"},
        {"fault": "reset"},
        {"fault": "accept-then-reset"},
        {"fault": "hang", "seconds": 4},
        {"fault": "drip", "seconds": 0.2},
        {"fault": "huge"},
    ],
    ids=lambda fault: fault["fault"] + str(fault.get("status", "")),
)
def test_what_a_failing_onesignal_does_not_take_is_queued_and_delivered(
    api: Api, fault: dict[str, Any]
) -> None:
    api.sandbox.fault(system="onesignal", next=1, **fault)

    response = api.ask("POST", "/onesignal/increment-session-length/", PING)

    message = "increment session success"
    assert (response.status, response.headers["gateway-delivery"]) == (202, "queued")
    assert response.json == {"message": message, "response": {"success": True, "queued": True}}
    failed, delivered = api.sandbox.wait_for(2, "onesignal")
    assert (delivered.path, delivered.content, delivered.verdict) == (failed.path, failed.content, "taken")
    assert dict(delivered.headers).keys() == dict(failed.headers).keys()


def test_a_success_without_a_body(api: Api, model: Model) -> None:
    api.sandbox.fault(system="onesignal", next=1, fault="empty")

    response = api.ask("POST", "/onesignal/increment-session-length/", PING)

    wanted = (200, "delivered") if model.takes_nothing_as_success else (202, "queued")
    assert (response.status, response.headers["gateway-delivery"]) == wanted
    assert response.json["response"]["success"] is True
    if not model.takes_nothing_as_success:
        api.sandbox.wait_for(2, "onesignal")


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "success-false"},
        {"fault": "status", "status": 200},
        {"fault": "status", "status": 400, "body": '{"errors":["not a valid device_type"]}'},
    ],
    ids=lambda fault: fault["fault"] + str(fault.get("status", "")),
)
def test_onesignals_own_refusals(api: Api, fault: dict[str, Any]) -> None:
    api.sandbox.fault(system="onesignal", next=1, **fault)

    response = api.ask("POST", "/onesignal/increment-session-length/", PING)

    assert (response.status, response.headers["gateway-delivery"]) == (400, "rejected")
    assert list(response.json) == ["message", "response"]
