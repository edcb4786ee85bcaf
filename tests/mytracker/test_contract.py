"""MyTracker's imports through the deployed API: the document's examples, its order of checks, its words."""

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import Api
from tests.sample_events import load_event

KEY = {"Authorization": "local-client-key"}
IMPORTS = {
    "registration": "registration",
    "registrationBatch": "registration_batch",
    "login": "login",
    "loginBatch": "login_batch",
    "customEvent": "custom_event",
    "customEventBatch": "custom_event_batch",
    "customRevenue": "custom_revenue",
    "customRevenueBatch": "custom_revenue_batch",
}
GOOD = {"customUserId": "1", "eventTimestamp": 1580213208}
NAMED = {"customUserId": "1", "customEventName": "x"}


def example(method: str) -> str:
    return str(load_event(f"mytracker/{IMPORTS[method]}")["body"])


@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize("method", IMPORTS)
def test_documented_examples(api: Api, method: str, slash: str) -> None:
    # An app of its own: a transaction is told once.
    app = f"666{len(method)}{len(slash)}"

    response = api.ask("POST", f"/v1/{method}{slash}?idApp={app}", example(method), KEY)

    assert (response.status, response.json) == (200, {"message": "OK"})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["gateway-delivery"] == "delivered"
    assert response.headers["access-control-allow-origin"] == "*"
    (request,) = api.upstream_requests("mytracker")
    assert (request.method, request.path, request.query) == ("POST", f"/v1/{method}/", f"idApp={app}")
    assert dict(request.headers)["Authorization"] == "local-mytracker-credential"
    assert request.verdict == "taken"
    events, said = json.loads(example(method)), request.json()
    for sent, got in zip(*([x] if isinstance(x, dict) else x for x in (events, said)), strict=True):
        assert {"eventTimestamp": got["eventTimestamp"]} | sent == got


def test_the_documents_curl(api: Api) -> None:
    form = KEY | {"Content-Type": "application/x-www-form-urlencoded"}

    response = api.ask("POST", "/v1/customEvent/?idApp=666", example("customEvent"), form)

    assert response.status == 200
    assert api.upstream_requests("mytracker")[0].content.decode() == example("customEvent")


def test_what_the_sdk_asks_first(api: Api) -> None:
    version = api.ask("POST", "/v1/version")
    access = api.ask("POST", "/v1/test-app-access?idApp=666", "true", KEY)

    assert (version.status, version.json) == (200, {"version": "1.0.0"})
    assert access.status == 200
    assert [(entry.path, entry.content) for entry in api.upstream_requests("mytracker")] == [
        ("/v1/version", b""),
        ("/v1/test-app-access", b"true"),
    ]
    assert not {"gateway-delivery"} & (version.headers.keys() | access.headers.keys())


@pytest.mark.parametrize("method", ["userInfo", "orderBatch", "appStoreRevenue", "googlePlayRevenue"])
def test_further_methods_are_relayed(api: Api, method: str) -> None:
    response = api.ask("POST", f"/v1/{method}/?idApp=666&x=%D0%B6", ' {"a": 1.50}', KEY)

    assert (response.status, response.headers["gateway-delivery"]) == (200, "delivered")
    (request,) = api.upstream_requests("mytracker")
    assert (request.path, request.query, request.content) == (
        f"/v1/{method}",
        "idApp=666&x=%D0%B6",
        b' {"a": 1.50}',
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("POST", "/v2/registration/?idApp=666", 400, "Bad api version"),
        ("POST", "/v1/nothing/?idApp=666", 404, "Method not found"),
        ("GET", "/v1/nothing", 404, "Method not found"),
        ("POST", "/v1/registration/more", 404, "Method not found"),
        ("GET", "/v1/registration/", 405, "Method not allowed"),
        ("DELETE", "/v1/version", 405, "Method not allowed"),
    ],
)
def test_paths_and_methods(api: Api, method: str, path: str, status: int, error: str) -> None:
    response = api.ask(method, path)

    assert (response.status, response.json) == (status, {"error": error})
    assert "gateway-delivery" not in response.headers
    assert api.upstream_requests("mytracker") == []


@pytest.mark.parametrize("query", ["", "?idApp=", "?idApp=x", "?idApp=6&idApp=6", "?idApp=" + "6" * 20])
def test_one_id_app(api: Api, query: str) -> None:
    response = api.ask("POST", f"/v1/registration/{query}", GOOD, KEY)

    assert (response.status, response.json) == (403, {"error": "Forbidden"})
    assert api.upstream_requests("mytracker") == []


@pytest.mark.parametrize("key", [None, "wrong", "Bearer local-client-key"])
def test_keys(api: Api, key: str | None) -> None:
    response = api.ask("POST", "/v1/registration/?idApp=666", GOOD, {"Authorization": key} if key else {})

    assert (response.status, response.json) == (403, {"error": "Forbidden"})
    assert api.upstream_requests("mytracker") == []


@pytest.mark.parametrize(
    ("method", "body", "error"),
    [
        ("registration", "", "Empty post data"),
        ("registration", " ", "Bad json"),
        ("registration", "{", "Bad json"),
        ("registration", "\N{BYTE ORDER MARK}", "Empty post data"),
        ("registration", "\N{BYTE ORDER MARK}{}", "Bad Request"),
        ("registration", "null", "Bad Request"),
        ("registration", GOOD | {"age": "-0"}, "Bad Request"),
        ("registration", "[]", "Bad Request"),
        ("registrationBatch", "{}", "Bad Request"),
        ("registrationBatch", "[]", "Bad Request"),
        ("registrationBatch", [GOOD] * 21, "Bad Request"),
        ("registrationBatch", [GOOD, {}], "Bad Request"),
        ("customEvent", NAMED | {"customEventParams": {"a": None}}, "Bad Request"),
        ("customEvent", NAMED | {"customEventParams": {"a": {"b": "c"}}}, "Bad Request"),
        ("customEvent", NAMED | {"customEventParams": {"a": ""}}, "Bad Request"),
        ("customEvent", NAMED | {"customEventParams": {"a": "😀" * 256}}, "Bad Request"),
        ("customEvent", {"customEventName": "x"}, "Bad Request"),
    ],
)
def test_bad_input_reaches_nobody(api: Api, method: str, body: Any, error: str) -> None:
    response = api.ask("POST", f"/v1/{method}/?idApp=666", body, KEY)

    assert (response.status, response.json) == (400, {"error": error})
    assert response.headers["gateway-delivery"] == "rejected"
    assert api.upstream_requests("mytracker") == []


def test_parameters_as_texts(api: Api) -> None:
    params = {"a": "😀" * 255, "level": 2, "paid": True, "score": 1.5}

    response = api.ask("POST", "/v1/customEvent/?idApp=666", NAMED | {"customEventParams": params}, KEY)

    assert response.status == 200
    assert api.upstream_requests("mytracker")[0].json()["customEventParams"] == {
        "a": "😀" * 255,
        "level": "2",
        "paid": "true",
        "score": "1.5",
    }


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize(("size", "status"), [(10_240, 200), (10_241, 400)])
def test_limit_by_the_byte(api: Api, encoding: str, size: int, status: int) -> None:
    body = json.dumps(GOOD | {"pad": ""}).encode()
    body = body.replace(b'"pad": "', b'"pad": "' + b"x" * (size - len(body)))
    sent = gzip.compress(body) if encoding == "gzip" else body
    # Without a type the local AWS takes any body for text, and gzip would not survive.
    headers = KEY | {"Content-Type": "application/json", "Content-Encoding": encoding}

    response = api.ask("POST", "/v1/registration/?idApp=666", sent, headers)

    assert response.status == status
    assert [entry.content for entry in api.upstream_requests("mytracker")] == (
        [body] if status == 200 else []
    )
    if status != 200:
        assert response.json == {"error": "Bad Request"}


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "status", "status": 500},
        {"fault": "status", "status": 429},
        {"fault": "status", "status": 403},
        {"fault": "html"},
        {"fault": "empty"},
        {"fault": "malformed-json"},
        {"fault": "redirect"},
        {"fault": "reset"},
        {"fault": "hang", "seconds": 4},
    ],
    ids=lambda fault: f"{fault['fault']}-{fault.get('status', '')}",
)
def test_what_a_failing_mytracker_does_not_take_is_queued_and_delivered(
    api: Api, fault: dict[str, Any]
) -> None:
    api.sandbox.fault(system="mytracker", next=1, **fault)

    response = api.ask("POST", "/v1/registration/?idApp=666", GOOD, KEY)

    assert (response.status, response.json) == (200, {"message": "OK"})
    assert response.headers["gateway-delivery"] == "queued"
    failed, delivered = api.sandbox.wait_for(2, "mytracker")
    assert (delivered.content, delivered.verdict) == (failed.content, "taken")


def test_the_same_revenue_is_told_once(api: Api) -> None:
    paid = {"customUserId": "1", "idTransaction": f"once-{uuid4()}", "currency": "USD", "total": 1.99}

    first, again = (api.ask("POST", "/v1/customRevenue/?idApp=666", paid, KEY) for _ in range(2))
    corrected = api.ask("POST", "/v1/customRevenue/?idApp=666", {**paid, "total": 2}, KEY)

    assert [response.json for response in (first, again, corrected)] == [{"message": "OK"}] * 3
    assert "idempotency-replayed" not in first.headers
    assert (again.headers["idempotency-replayed"], again.headers["gateway-delivery"]) == ("true", "delivered")
    assert len(api.upstream_requests("mytracker")) == 2


@pytest.mark.parametrize("status", [400, 200])
def test_its_own_refusal_is_relayed(api: Api, status: int) -> None:
    body = '{"error": "Bad Request", "x": 1.50}'
    api.sandbox.fault(system="mytracker", next=1, fault="status", status=status, body=body)

    response = api.ask("POST", "/v1/registration/?idApp=666", GOOD, KEY)

    assert (response.status, response.body.decode()) == (400, body)
    assert response.headers["gateway-delivery"] == "rejected"
