"""Trax's session: the document's texts in the document's order, and the body as it was received."""

import json
import time
from typing import Any

import pytest

from gateway.core.errors import (
    ClientKeyNotAllowed,
    ClientKeyRefused,
    Refused,
    Setup,
    TimedOut,
    Transient,
)
from gateway.core.reply import Reply
from gateway.inbound.request import Request
from tests.conftest import http_request
from trax.session import handler
from trax.system import trax

NAME = "trax/session"
DONE = Reply(status=200)
GOOD = {
    "store_number": "1",
    "visit_date": "2017-06-02",
    "session_start_time": 1496587649,
    "scenes": [{"scene_uid": "a"}],
}


def test_documented_example(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks
    made = event(NAME)

    answer = handler(made)

    request = http_request(tasks[0])
    assert (request.method, request.path, request.account) == (
        "PUT",
        "/api/v4/my-project/sessions/my-session-UID",
        "my-project",
    )
    assert request.body == made["body"].encode()
    assert tasks[0].scope == ("my-project", "my-session-UID")
    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def response_to(event: Any, upstream: Any, body: Any, **parts: Any) -> tuple[int, str]:
    tasks = upstream.answers(handler, DONE).tasks
    answer = handler(event(NAME, body=body, **parts))
    assert bool(tasks) == (answer["statusCode"] == 200)
    return answer["statusCode"], json.loads(answer["body"])["description"] if answer["body"] else ""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"store_number": ...}, "missing attribute - store_number"),
        ({"store_number": ..., "visit_date": ...}, "missing attributes - store_number,visit_date"),
        (dict.fromkeys(GOOD, ...), "missing attributes - store_number,visit_date,session_start_time,scenes"),
        ({"store_number": None, "visit_date": ...}, "missing attribute - visit_date"),
        ({"store_number": None}, "missing mandatory field - store_number"),
        (
            {"store_number": "", "visit_date": None, "scenes": "x"},
            "missing mandatory fields - store_number,visit_date",
        ),
        ({"scenes": None}, "missing mandatory field - scenes"),
        ({"scenes": [{"scene_uid": "a"}, {}]}, "missing attribute - scenes[1].scene_uid"),
        (
            {"scenes": [{"scene_uid": "a"}, {"scene_uid": ""}]},
            "missing mandatory field - scenes[1].scene_uid",
        ),
        ({"visit_date": "2017-02-29"}, ("visit_date", "YYYY-MM-DD")),
        ({"visit_date": "2017-06-02\n"}, ("visit_date", "YYYY-MM-DD")),
        ({"visit_date": "20170602"}, ("visit_date", "YYYY-MM-DD")),
        ({"visit_date": "٢٠١٧-06-02"}, ("visit_date", "YYYY-MM-DD")),
        ({"visit_date": 20170602}, ("visit_date", "YYYY-MM-DD")),
        ({"store_number": 1}, ("store_number", "string (100)")),
        ({"store_number": "x" * 101}, ("store_number", "string (100)")),
        ({"client_session_uid": "x" * 101}, ("client_session_uid", "string (100)")),
        ({"session_start_time": True}, ("session_start_time", "Epoch Unix Time timestamp")),
        ({"session_start_time": "1496587649"}, ("session_start_time", "Epoch Unix Time timestamp")),
        ({"session_end_time": "x"}, ("session_end_time", "Epoch Unix Time timestamp")),
        ({"visit_type_id": 801.5}, ("visit_type_id", "number (255)")),
        ({"visit_type_id": "801"}, ("visit_type_id", "number (255)")),
        ({"visit_type_id": True}, ("visit_type_id", "number (255)")),
        ({"visit_type_id": 2**63}, ("visit_type_id", "number (255)")),
        ({"visit_type_id": 1e300}, ("visit_type_id", "number (255)")),
        ({"visit_type_id": 1e-300}, ("visit_type_id", "number (255)")),
        ({"email_address": "nobody"}, ("email_address", "string (255)")),
        ({"email_address": "a@b\n"}, ("email_address", "string (255)")),
        ({"email_address": "a@" + "b" * 254}, ("email_address", "string (255)")),
        ({"scenes": {}}, ("scenes", "Object[]")),
        ({"scenes": [1]}, ("scenes[0]", "Object")),
        ({"scenes": [{"scene_uid": "a"}, None]}, ("scenes[1]", "Object")),
        ({"scenes": [""]}, ("scenes[0]", "Object")),
        ({"scenes": [{"scene_uid": 1}]}, ("scenes[0].scene_uid", "string (100)")),
        ({"scenes": [{"scene_uid": "a", "task_code": 1}]}, ("scenes[0].task_code", "string")),
        ({"visit_date": "x", "store_number": 7}, ("store_number", "string (100)")),
    ],
)
def test_refused(event: Any, upstream: Any, change: Any, text: str | tuple[str, str]) -> None:
    body = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    if isinstance(text, tuple):
        text = f"Incorrect format field: {text[0]}, the correct format: {text[1]}"

    assert response_to(event, upstream, body) == (400, text)


@pytest.mark.parametrize(
    "change",
    [
        {"scenes": []},
        {"client_session_uid": None, "visit_type_id": None, "session_end_time": "", "email_address": ""},
        {"session_start_time": 1496587649.5, "session_end_time": 0},
        {"visit_type_id": 801, "unknown": {"a": [1]}},
        *({"visit_type_id": number} for number in (801.0, 0, -7, -0.0, 2**63 - 1, -(2**63), 1e2)),
        {"visit_date": "2016-02-29"},
        {"scenes": [{"scene_uid": "31d746d6-ba97-41db-b201-2dd448323e123", "task_code": None}]},
        {"scenes": [{"scene_uid": "a", "task_code": ""}, {"scene_uid": "a", "task_code": "x" * 101}]},
    ],
)
def test_accepted(event: Any, upstream: Any, change: Any) -> None:
    assert response_to(event, upstream, {**GOOD, **change}) == (200, "")


def test_a_byte_order_mark_is_not_sent_on(event: Any, upstream: Any) -> None:
    body = json.dumps(GOOD)

    assert response_to(event, upstream, "\ufeff" + body) == (200, "")
    assert http_request(upstream.tasks[-1]).content == body.encode()


@pytest.mark.parametrize("number", ["801.0", "80100e-2", "8.01E+2", "801." + "0" * 900])
def test_an_integer_is_one_however_it_is_written(event: Any, upstream: Any, number: str) -> None:
    body = json.dumps(GOOD)[:-1] + f', "visit_type_id": {number}}}'

    assert response_to(event, upstream, body) == (200, "")
    assert http_request(upstream.tasks[-1]).content == body.encode()


@pytest.mark.parametrize("number", ["801.5", "1e-1000", "1e1000", "1" * 999, "1" * 500 + ".5"])
def test_a_huge_number_costs_nothing(event: Any, upstream: Any, number: str) -> None:
    begun = time.process_time()

    status, text = response_to(event, upstream, json.dumps(GOOD)[:-1] + f', "visit_type_id": {number}}}')

    assert (status, text) == (400, "Incorrect format field: visit_type_id, the correct format: number (255)")
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "body", [None, "", "{", "null", "[]", '"x"', "\ufeff", "\ufeff\ufeff{}", '{"a":1,"a":2}', "{" + "[" * 50]
)
def test_bodies_that_are_no_json_object(event: Any, upstream: Any, body: Any) -> None:
    assert response_to(event, upstream, body) == (
        400,
        "Incorrect format field: body, the correct format: JSON",
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ({"version_number": "4"}, "version_number, the correct format: v4"),
        ({"version_number": "v4\n"}, "version_number, the correct format: v4"),
        ({"version_number": "v"}, "version_number, the correct format: v4"),
        ({"version_number": "v4.1"}, "version_number, the correct format: v4"),
        ({"version_number": "v٤"}, "version_number, the correct format: v4"),
        ({"project_name": "a.b"}, "project_name, the correct format: string (100)"),
        ({"project_name": "x" * 101}, "project_name, the correct format: string (100)"),
        ({"session_uid": "%252e%252e%252f"}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": "%2e%2e%2f"}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": ".."}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": "a?b#c"}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": "a%0d%0aHost:x"}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": "x" * 101}, "session_uid, the correct format: UUID v.4"),
        ({"session_uid": "ü"}, "session_uid, the correct format: UUID v.4"),
    ],
)
def test_path_values(event: Any, upstream: Any, path: dict[str, str], text: str) -> None:
    assert response_to(event, upstream, GOOD, path=path) == (400, f"Incorrect format field: {text}")


def test_a_path_value_and_a_body_field_of_one_name_stay_apart(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    handler(event(NAME, body={**GOOD, "session_uid": "../evil", "project_name": "other", "account": "x"}))

    assert tasks[0].payload.data()["path"] == "/api/v4/my-project/sessions/my-session-UID"
    assert tasks[0].payload.data()["account"] == "my-project"


def test_versions_in_any_case(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks
    handler(event(NAME, path={"version_number": "V5"}))
    assert tasks[0].payload.data()["path"].startswith("/api/v5/")
    handler(event(NAME, path={"version_number": "v20261"}))
    assert tasks[1].payload.data()["path"].startswith("/api/v20261/")


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ("Auth-Token KEY", ["KEY"]),
        ("auth-token  KEY", ["KEY"]),
        ("AUTH-TOKEN     KEY ", ["KEY"]),
        ("Bearer KEY", []),
        ("Auth-Token", []),
        ("Auth-Token KEY more", []),
        ("Auth-TokenKEY", []),
        ("KEY", []),
        (["Auth-Token KEY", "Auth-Token KEY"], []),
        (None, []),
    ],
)
def test_how_a_key_is_presented(event: Any, headers: Any, keys: list[str]) -> None:
    request = Request.of(event(NAME, headers={"Authorization": headers}), max_body=1000)

    assert trax.presented(request) == keys
    assert trax.resource(request) == "my-project"


def test_refused_keys_in_traxs_words() -> None:
    refused = trax.dialect.answer(ClientKeyRefused())
    not_allowed = trax.dialect.answer(ClientKeyNotAllowed("p"))

    assert (refused.status, json.loads(refused.body)) == (401, {"description": "Incorrect or expired token"})
    assert not_allowed.status == 403
    assert json.loads(not_allowed.body) == {"description": "A forbidden resource has been requested p"}


@pytest.mark.parametrize("status", [400, 409, 404])
def test_traxs_own_verdicts_are_relayed(event: Any, upstream: Any, status: int) -> None:
    verdict = Reply(
        status=status, body=b'{"x":  1}', headers={"content-type": "application/json", "set-cookie": "a"}
    )
    upstream.answers(handler, Refused(verdict))

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"]) == (status, '{"x":  1}')
    assert answer["headers"]["Gateway-Delivery"] == "rejected"
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
    assert "set-cookie" not in answer["headers"]


OWN = Reply(status=500, body=b"own words", headers={"content-type": "text/html"})


@pytest.mark.parametrize(
    ("failure", "status", "body"),
    [
        (Transient("status 500", may_have_arrived=True, reply=OWN), 500, "own words"),
        (Transient("status 503", reply=Reply(status=503)), 502, '{"description":"Trax Internal Error"}'),
        (Transient("garbage"), 502, '{"description":"Trax Internal Error"}'),
        (TimedOut(), 504, '{"description":"Trax Internal Error"}'),
        (Setup("status 401"), 502, '{"description":"Trax Internal Error"}'),
    ],
)
def test_failures(event: Any, upstream: Any, failure: Any, status: int, body: str) -> None:
    upstream.answers(handler, failure)

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"]) == (status, body)
    assert answer["headers"]["Gateway-Delivery"] == "unknown"
    assert answer["headers"]["Retry-After"] == "5"


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_success_is_nothing_or_json(body: bytes) -> None:
    trax.contract_of("session").check(Reply(status=200, body=body))


def test_a_page_of_html_is_no_success() -> None:
    with pytest.raises(Transient, match="garbage"):
        trax.contract_of("session").check(Reply(status=200, body=b"<html>"))


STRICT = """
import sys; sys.path[:0] = ["functions", "layers/shared"]
from gateway.core.errors import Invalid
from gateway.inbound.validate import validate
from trax.session import Session, SessionPath
path = {"version_number": "v4", "project_name": "p", "session_uid": sys.argv[1]}
body = {"store_number": "1", "visit_date": "2017-06-02", "session_start_time": 1}
body["scenes"] = [{"scene_uid": "a"}]
try:
    validate((SessionPath, path), (Session, body))
except Invalid as error:
    print([(problem.field, str(problem.kind)) for problem in error.problems])
"""


@pytest.mark.parametrize(
    ("uid", "problems"),
    [
        ("my-session-UID", "[('session_uid', 'wrong'), ('scenes[0].task_code', 'absent')]"),
        ("3d7a0fb6-0f2c-4c5f-9f70-7a2e24c1a0d4", "[('scenes[0].task_code', 'absent')]"),
        (
            "3d7a0fb6-0f2c-1c5f-9f70-7a2e24c1a0d4",
            "[('session_uid', 'wrong'), ('scenes[0].task_code', 'absent')]",
        ),
    ],
)
def test_strict_and_pureai_are_settings(uid: str, problems: str) -> None:
    import os
    import subprocess
    import sys

    settings = {**os.environ, "STRICT": "true", "REQUIRE_TASK_CODE": "true"}
    ran = subprocess.run(
        [sys.executable, "-c", STRICT, uid], env=settings, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == problems
