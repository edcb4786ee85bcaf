"""Trax's session through the deployed API: the document's example, its keys, its words, its verdicts."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import Api
from tests.sample_events import load_event

BODY = load_event("trax/session")["body"]
KEY = {"Authorization": "Auth-Token local-client-key", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v4/my-project/session/my-session-UID",
        "/api/v4/my-project/sessions/my-session-UID",
        "/api/v4/my-project/sessions/my-session-UID/",
        "/api/V4/my-project/sessions/my-session%2DUID?x=y",
    ],
)
def test_documented_example(api: Api, path: str) -> None:
    # A key of its own: the same session, queued by another test, would be answered from its record.
    key = {"Authorization": "auth-token   local-client-key", "Idempotency-Key": uuid4().hex}
    response = api.ask("PUT", path, BODY, {**KEY, **key})

    assert (response.status, response.body) == (200, b"")
    assert response.headers["gateway-delivery"] == "delivered"
    (request,) = api.upstream_requests("trax")
    assert (request.method, request.path, request.query) == (
        "PUT",
        "/api/v4/my-project/sessions/my-session-UID",
        "",
    )
    assert request.content.decode() == BODY
    assert dict(request.headers)["Authorization"] == "Auth-Token local-trax-credential"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Auth-Token wrong"},
        {"Authorization": "local-client-key"},
        {"Authorization": "Bearer local-client-key"},
    ],
)
def test_without_a_good_key(api: Api, headers: dict[str, str]) -> None:
    response = api.ask("PUT", "/api/v4/my-project/session/u", BODY, headers)

    assert (response.status, response.json) == (401, {"description": "Incorrect or expired token"})
    assert response.headers["gateway-delivery"] == "rejected"
    assert api.upstream_requests("trax") == []


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("u", {}, "missing attributes - store_number,visit_date,session_start_time,scenes"),
        ("u", "{", "Incorrect format field: body, the correct format: JSON"),
        (
            "%252e%252e%252f",
            BODY,
            "Incorrect format field: session_uid, the correct format: UUID v.4",
        ),
        (
            "u",
            {**json.loads(BODY), "visit_date": "2017-02-29"},
            "Incorrect format field: visit_date, the correct format: YYYY-MM-DD",
        ),
        (
            "u",
            {**json.loads(BODY), "session_start_time": True},
            "Incorrect format field: session_start_time, the correct format: Epoch Unix Time timestamp",
        ),
    ],
)
def test_the_documents_errors(api: Api, path: str, body: Any, text: str) -> None:
    response = api.ask("PUT", f"/api/v4/my-project/session/{path}", body, KEY)

    assert (response.status, response.json) == (400, {"description": text})
    assert api.upstream_requests("trax") == []


def test_traxs_own_verdicts_are_relayed(api: Api) -> None:
    unknown = json.dumps({**json.loads(BODY), "store_number": "unknown-7"})
    path = "/api/v4/my-project/session/"

    first = api.ask("PUT", path + "a", unknown, KEY)
    api.ask("PUT", path + "b", BODY, KEY)
    again = api.ask("PUT", path + "b", BODY, KEY)

    assert (first.status, first.json) == (400, {"description": "Unknown Store unknown-7"})
    assert (again.status, again.json) == (409, {"description": "Session has already been received"})
    assert again.headers["gateway-delivery"] == "rejected"


def test_a_409_after_an_unanswered_try_is_a_success_however_the_path_is_spelled(api: Api) -> None:
    session = str(uuid4())
    api.sandbox.fault(system="trax", next=1, fault="accept-then-reset")

    lost = api.ask("PUT", f"/api/v4/my-project/sessions/{session}", BODY, KEY)
    again = api.ask("PUT", f"/api/V4/my-project/session/{session.upper()}/", BODY, KEY)

    assert (lost.status, lost.headers["gateway-delivery"]) == (502, "unknown")
    assert (again.status, again.body, again.headers["gateway-delivery"]) == (200, b"", "delivered")
    assert api.upstream_requests("trax")[-1].path.endswith(session.upper())


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"fault": "status", "status": 500}, 500),
        ({"fault": "status", "status": 503}, 502),
        ({"fault": "status", "status": 401}, 502),
        ({"fault": "html"}, 502),
        ({"fault": "reset"}, 502),
    ],
    ids=lambda value: value["fault"] + str(value.get("status", "")) if isinstance(value, dict) else None,
)
def test_a_failing_trax(api: Api, fault: dict[str, Any], status: int) -> None:
    api.sandbox.fault(system="trax", next=1, **fault)

    response = api.ask("PUT", "/api/v4/my-project/session/u", BODY, KEY)

    assert (response.status, response.json) == (status, {"description": "Trax Internal Error"})
    assert response.headers["gateway-delivery"] == "unknown"
    assert response.headers["retry-after"]


def test_methods_and_unknown_paths(api: Api) -> None:
    assert api.ask("POST", "/api/v4/my-project/session/u", BODY, KEY).headers["allow"] == "PUT, OPTIONS"
    unknown = api.ask("PUT", "/api/v4/my-project", BODY, KEY)
    assert (unknown.status, unknown.json) == (404, {"description": "Not found"})
