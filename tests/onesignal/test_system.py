"""What the socket's clients may send and where, what OneSignal's answers mean, how both are worded."""

import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from gateway.core.errors import Refused, Setup, Transient
from gateway.core.reply import Reply
from onesignal.increment_session_length import handler
from onesignal.system import onesignal
from tests.conftest import http_request

pytestmark = pytest.mark.usefixtures("each_model")

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
DONE = Reply(status=200, body=b'{"success": true}')
NAME = "onesignal/increment_session_length"
FIELDS = f"player_id={PLAYER}&state=ping&active_time=60"
SAID = {"state": "ping", "active_time": 60}
FORM = "application/x-www-form-urlencoded"

MULTIPART = "".join(
    f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in (("player_id", PLAYER), ("state", "ping"), ("active_time", "60"))
)


def said(tasks: Any) -> Any:
    return json.loads(http_request(tasks[-1]).content)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FIELDS, FORM),
        (FIELDS, f"{FORM}; charset=utf-8"),
        (FIELDS + "&active_time=60&user_key=k&_user_key=k&api_key=k&_api_key=k&_method=POST", FORM),
        (f"{MULTIPART}--XX--\r\n", "multipart/form-data; boundary=XX"),
        (f"{MULTIPART}--XX--\r\n", 'Multipart/Form-Data; boundary="XX"'),
        (json.dumps({"player_id": PLAYER, **SAID, "user_key": "k"}), FORM),
        (json.dumps({"player_id": PLAYER, **SAID}), "text/plain"),
        (json.dumps({"player_id": PLAYER, **SAID}), None),
        ("  " + json.dumps({"player_id": PLAYER, **SAID}), "application/json"),
        ("\ufeff" + json.dumps({"player_id": PLAYER, **SAID}), "application/json"),
        ("\ufeff" + json.dumps({"player_id": PLAYER, **SAID}), FORM),
        ("\ufeff \n" + json.dumps({"player_id": PLAYER, **SAID}), None),
    ],
)
def test_every_form_that_the_platform_took(
    event: Any, upstream: Any, body: str, content_type: str | None
) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event(NAME, body=body, headers={"Content-Type": content_type}))

    assert answer["statusCode"] == 200
    assert said(tasks) == SAID


def test_query_fields_under_body_fields(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DONE).tasks
    query = [("state", "other"), ("active_time", "7"), ("player_id", PLAYER), ("user_key", "k")]

    assert handler(event(NAME, body='{"state":"ping"}', query=query))["statusCode"] == 200
    assert said(tasks) == {"state": "ping", "active_time": 7}


def test_json_inside_a_form_field(event: Any, upstream: Any) -> None:
    from onesignal import new_purchase

    tasks = upstream.answers(new_purchase.handler, DONE).tasks
    data = quote('{"purchases":[{"sku":"a","iso":"USD","amount":0.10}]}')
    body = f"player_id={PLAYER}&purchaseData={data}"

    answer = new_purchase.handler(event("onesignal/new_purchase", body=body, headers={"Content-Type": FORM}))

    assert answer["statusCode"] == 200
    assert b'"amount":0.10' in http_request(tasks[0]).content


@pytest.mark.parametrize("body", [None, "", "{}", "\ufeff", "\ufeff{}"])
def test_no_body_means_no_parameters(event: Any, upstream: Any, body: str | None) -> None:
    upstream.answers(handler, DONE)

    answer = handler(event(NAME, body=body))

    assert json.loads(answer["body"]) == {
        "message": "validation failed: player_id is required; state is required; active_time is required",
        "response": {
            "errors": [
                {"field": "player_id", "problem": "is required"},
                {"field": "state", "problem": "is required"},
                {"field": "active_time", "problem": "is required"},
            ]
        },
    }


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{", "application/json"),
        ("null", "application/json"),
        ("[]", "application/json"),
        ('"text"', FORM),
        (" ", "application/json"),
        ("\ufeff\ufeff{}", "application/json"),
        ('{"a":NaN}', "application/json"),
        ('{"a":1,"a":1}', "application/json"),
        ("player_id=%ff", FORM),
        ("&".join(["a=1"] * 1001), FORM),
        ("nothing", "multipart/form-data"),
        ("nothing", "multipart/form-data; boundary=XX"),
        (MULTIPART, "multipart/form-data; boundary=XX"),
        ("--XX\r\n\r\nx\r\n--XX--", "multipart/form-data; boundary=XX"),
    ],
)
def test_bodies_that_cannot_be_read(event: Any, upstream: Any, body: str, content_type: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks

    answer = handler(event(NAME, body=body, headers={"Content-Type": content_type}))

    assert (answer["statusCode"], tasks) == (400, [])
    assert answer["body"] == '{"message":"Parsing payload failure: invalid JSON.","response":{}}'


def reply(status: int, body: str) -> Reply:
    return Reply(status=status, body=body.encode())


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply(200, '{"success": false}'), Refused),
        (reply(200, '{"success": false, "errors": []}'), Refused),
        (reply(200, '{"errors": ["No user with this id found"]}'), Refused),
        (reply(200, '{"errors": "gone"}'), Refused),
        (reply(200, '{"errors": {"invalid_player_ids": ["a"]}}'), Refused),
        (reply(200, '{"success": "true", "errors": ["x"]}'), Refused),
        (reply(200, '{"errors": ["app_id not found"]}'), Setup),
        (reply(200, ""), Transient),
        (reply(200, "<html>"), Transient),
        (reply(200, "[]"), Transient),
        (reply(200, '{"success": tr'), Transient),
        (reply(200, "{" * 40), Transient),
        (reply(302, ""), Transient),
        (reply(408, "{}"), Transient),
        (reply(429, '{"errors":["API rate limit exceeded"],"limit":"App ID"}'), Transient),
        (reply(500, "{}"), Transient),
        (reply(401, "{}"), Setup),
        (reply(403, "{}"), Setup),
        (reply(400, '{"errors":["app_id not found"]}'), Setup),
        (reply(404, '{"errors":[{"code":"x","title":"app_id not found"}]}'), Setup),
        (reply(400, '{"errors":["No user with this id found"]}'), Refused),
        (reply(404, "<html>"), Refused),
    ],
)
def test_what_an_answer_means(answer: Reply, meaning: type[Exception]) -> None:
    with pytest.raises(meaning):
        onesignal.upstream.judge(answer)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"success": true}',
        '{"success": true, "errors": ["a warning"]}',
        '{"success": null}',
        '{"errors": []}',
        '{"errors": {}}',
        '{"errors": null}',
    ],
)
def test_what_counts_as_delivered(body: str) -> None:
    onesignal.upstream.judge(reply(200, body))  # type: ignore[attr-defined]


def test_a_refusal_in_a_200_is_a_400_for_the_app() -> None:
    with pytest.raises(Refused) as caught:
        onesignal.upstream.judge(reply(200, '{"errors": ["No user with this id found"]}'))  # type: ignore[attr-defined]

    answer = onesignal.dialect.answer(caught.value)
    assert (answer.status, json.loads(answer.body)["message"]) == (
        400,
        "OneSignal: No user with this id found",
    )


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (
            reply(400, '{"errors": ["No user with this id found"]}'),
            400,
            {
                "message": "OneSignal: No user with this id found",
                "response": {"errors": ["No user with this id found"]},
            },
        ),
        (
            reply(404, '{"errors": "gone"}'),
            404,
            {"message": "OneSignal: gone", "response": {"errors": "gone"}},
        ),
        (
            reply(409, '{"errors": [{"code": "c", "title": "t"}, {"code": "d", "title": "u"}]}'),
            409,
            {
                "message": "OneSignal: t; u",
                "response": {"errors": [{"code": "c", "title": "t"}, {"code": "d", "title": "u"}]},
            },
        ),
        (
            reply(400, '{"errors": {"invalid_player_ids": ["a"]}}'),
            400,
            {"message": "OneSignal: a", "response": {"errors": {"invalid_player_ids": ["a"]}}},
        ),
        (reply(400, "<html>"), 400, {"message": "OneSignal: request refused", "response": {}}),
        (reply(400, "[]"), 400, {"message": "OneSignal: request refused", "response": []}),
    ],
)
def test_onesignals_own_refusals(event: Any, upstream: Any, answer: Reply, status: int, body: Any) -> None:
    upstream.answers(handler, Refused(answer))

    response = handler(event(NAME))

    assert (response["statusCode"], json.loads(response["body"])) == (status, body)
    assert response["headers"]["Content-Type"] == "application/json"
    assert response["headers"]["Gateway-Delivery"] == "rejected"
    assert response["body"].startswith('{"message":')


def test_the_answer_passes_through(event: Any, upstream: Any) -> None:
    upstream.answers(handler, reply(200, '{"success": true, "id": "x", "in_app": [1.50]}'))

    assert handler(event(NAME))["body"] == (
        '{"message":"increment session success","response":{"success":true,"id":"x","in_app":[1.50]}}'
    )


@pytest.mark.parametrize(
    "presented",
    [
        {"headers": {"x-api-key": "k"}},
        {"headers": {"X-User-Key": "k"}},
        {"query": [("user_key", "k")]},
        {"query": [("user_key", "other"), ("user_key", "k")]},
        {"body": '{"_api_key":"k"}'},
        {"body": "api_key=k", "headers": {"Content-Type": FORM}},
    ],
)
def test_any_key_field_may_carry_the_client_key(event: Any, presented: Any) -> None:
    from gateway.inbound.request import Request

    request = Request.of(event(NAME, **presented), max_body=1000)

    assert "k" in onesignal.presented(request)


def part(head: str, content: str = "x") -> str:
    return f"--XX\r\n{head}\r\n\r\n{content}\r\n"


@pytest.mark.parametrize(
    "body",
    [
        part("Content-Disposition: form-data" + ";" * 400_000),
        part('Content-Disposition: form-data; name="' + "=?utf-8?q?a?= " * 36_000 + '"'),
        part("Content-Disposition: " + "(" * 100_000),
        part("Content-Transfer-Encoding: " + "(" * 3_000),
        part('Content-Disposition: form-data; name="a"') * 1_001,
        "".join(f"--XX\r\nContent-Type: multipart/mixed; boundary=b{n}\r\n\r\n" for n in range(5_000)),
    ],
)
def test_a_form_that_is_a_bomb_is_refused_at_once(event: Any, upstream: Any, body: str) -> None:
    tasks = upstream.answers(handler, DONE).tasks
    started = time.process_time()

    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    answer = handler(event(NAME, body=body + "--XX--\r\n", headers=headers))

    assert (answer["statusCode"], tasks) == (400, [])
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "parameters", ["; (((" + "(" * 8_000, "; boundary=b\ud800", '; boundary=""', "; boundary"]
)
def test_odd_types_of_a_form(event: Any, upstream: Any, parameters: str) -> None:
    upstream.answers(handler, DONE)

    headers = {"Content-Type": f"multipart/form-data{parameters}"}
    assert handler(event(NAME, body=part("a: b"), headers=headers))["statusCode"] == 400


def test_a_form_of_a_thousand_mistakes_is_answered_in_short(event: Any, upstream: Any) -> None:
    from onesignal import new_purchase

    upstream.answers(new_purchase.handler, DONE)
    for purchases, least in (([{}] * 4_000, 100), ([1] * 4_000, 100), ([{}] * 100_000, 1)):
        body = {"player_id": PLAYER, "purchaseData": {"purchases": purchases}}
        answer = new_purchase.handler(event("onesignal/new_purchase", body=body))
        assert len(json.loads(answer["body"])["response"]["errors"]) == least
        assert len(answer["body"]) < 20_000


def test_an_unknown_app_in_a_success_is_ours_to_mend() -> None:
    with pytest.raises(Setup):
        onesignal.upstream.judge(reply(200, '{"success":false,"errors":["app_id not found"]}'))  # type: ignore[attr-defined]
