"""Trax validates sessions in the document's order and words, and receives each one once."""

import json
from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox

PATH = "/trax/api/v4/my-project/sessions/my-session-UID"
TOKEN = {"Authorization": "Auth-Token local-trax-credential"}
SCENES = [
    {"scene_uid": "31d746d6-ba97-41db-b201-2dd448323e12", "task_code": "1"},
    {"scene_uid": "31d746d6-ba97-41db-b201-2dd448323e123", "task_code": "2"},
]
SESSION = {
    "client_session_uid": "My_session_uid",
    "store_number": "100050000000008",
    "visit_date": "2017-06-02",
    "email_address": "john@example.com",
    "session_start_time": 1496587649,
    "session_end_time": 1492041645,
    "visit_type_id": 801,
    "scenes": SCENES,
}


def test_receives_the_documents_example_once(send: Send, sandbox: Sandbox) -> None:
    first = send("PUT", PATH, SESSION, TOKEN)
    second = send("PUT", PATH, SESSION, TOKEN)
    other = send("PUT", PATH.replace("my-project", "other"), SESSION, TOKEN)

    assert first[:2] == other[:2] == (200, b"")
    assert "Content-Type" not in first[2]
    assert second[:2] == (409, {"description": "Session has already been received"})
    assert sandbox.counts()["systems"]["trax"]["verdicts"] == {"taken": 2, "refused": 1}


def test_forgets_its_sessions_on_reset(send: Send, sandbox: Sandbox) -> None:
    send("PUT", PATH, SESSION, TOKEN)

    sandbox.reset()

    assert send("PUT", PATH, SESSION, TOKEN)[0] == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "Incorrect format field: body, the correct format: JSON"),
        (b"", "Incorrect format field: body, the correct format: JSON"),
        ({}, "missing attributes - store_number,visit_date,session_start_time,scenes"),
        (
            {"store_number": "", "visit_date": "x", "scenes": [{}]},
            "missing attributes - session_start_time,scenes[0].scene_uid",
        ),
        (SESSION | {"store_number": None}, "missing mandatory field - store_number"),
        (
            SESSION | {"visit_date": "", "scenes": [{"scene_uid": ""}]},
            "missing mandatory fields - visit_date,scenes[0].scene_uid",
        ),
        (
            SESSION | {"visit_date": "2017-02-30"},
            "Incorrect format field: visit_date, the correct format: YYYY-MM-DD",
        ),
        (
            SESSION | {"session_start_time": True},
            "Incorrect format field: session_start_time, the correct format: Epoch Unix Time timestamp",
        ),
        (
            SESSION | {"store_number": 1, "scenes": {}},
            "Incorrect format field: store_number, the correct format: string (100)",
        ),
        (SESSION | {"scenes": {}}, "Incorrect format field: scenes, the correct format: Object[]"),
        (
            SESSION | {"scenes": [*SCENES, {"scene_uid": "x" * 101}]},
            "Incorrect format field: scenes[2].scene_uid, the correct format: string (100)",
        ),
        (
            SESSION | {"visit_type_id": 1.5},
            "Incorrect format field: visit_type_id, the correct format: number (255)",
        ),
        (
            SESSION | {"email_address": "john"},
            "Incorrect format field: email_address, the correct format: string (255)",
        ),
    ],
)
def test_words_what_is_wrong(send: Send, sandbox: Sandbox, body: Any, text: str) -> None:
    assert send("PUT", PATH, body, TOKEN)[:2] == (400, {"description": text})
    assert [entry.verdict for entry in sandbox.ledger("trax")] == ["malformed"]


@pytest.mark.parametrize("number", ["801", "801.0", "8.01e2", "-0"])
def test_takes_an_integer_however_it_is_written(send: Send, number: str) -> None:
    body = json.dumps(SESSION).replace('"visit_type_id": 801', f'"visit_type_id": {number}').encode()

    assert send("PUT", PATH, body, TOKEN)[0] == 200


def test_lets_optional_fields_be_empty(send: Send) -> None:
    empty: dict[str, object] = {
        "client_session_uid": "",
        "email_address": None,
        "session_end_time": None,
        "scenes": [],
    }

    assert send("PUT", PATH.replace("sessions", "session"), SESSION | empty, TOKEN)[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        (PATH, {"store_number": "unknown-7"}, 400, "Unknown Store unknown-7"),
        (
            PATH,
            {"email_address": "unknown-7@example.com"},
            400,
            "Lookup value does not exist: unknown-7@example.com",
        ),
        (
            PATH,
            {"scenes": [{"scene_uid": "1", "task_code": "unknown-7"}]},
            400,
            "Lookup value does not exist: unknown-7",
        ),
        (
            PATH.replace("my-project", "forbidden-7"),
            {},
            403,
            "A forbidden resource has been requested forbidden-7",
        ),
    ],
)
def test_refuses_what_it_alone_can_know(
    send: Send, sandbox: Sandbox, path: str, body: Any, status: int, text: str
) -> None:
    assert send("PUT", path, SESSION | body, TOKEN)[:2] == (status, {"description": text})
    assert [entry.verdict for entry in sandbox.ledger("trax")] == ["refused"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("PUT", PATH, {}, 401),
        ("PUT", PATH, {"Authorization": "Auth-Token other"}, 401),
        ("POST", PATH, TOKEN, 405),
        ("PUT", "/trax/api/4/p/sessions/u", TOKEN, 404),
        ("PUT", "/trax/api/v4/p/sessions/a%2fb", TOKEN, 400),
        ("PUT", "/trax/api/v4/p%0a/sessions/u", TOKEN, 400),
    ],
)
def test_sees_what_no_gateway_may_send(
    send: Send, sandbox: Sandbox, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert send(method, path, SESSION, headers)[0] == status
    assert [entry.verdict for entry in sandbox.ledger("trax")] == ["malformed"]
