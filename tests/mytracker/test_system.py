"""The order of MyTracker's checks, what admits, what its answers mean, and how errors are worded."""

import base64
import gzip
import json
from typing import Any

import pytest

from edge.unknown_path import handler as edge
from gateway.core.errors import Refused, Setup, Transient
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from mytracker.other_method import handler as other_method
from mytracker.registration import handler
from mytracker.registration_batch import handler as batch
from mytracker.system import mytracker
from mytracker.upstream import judge_of
from tests.conftest import http_request

GOOD = {"customUserId": "1", "eventTimestamp": 1580213208}


def error(answer: Any) -> Any:
    return answer["statusCode"], json.loads(answer["body"])


def test_checks_in_their_order(ask: Any, keyed: Any) -> None:
    keyed(handler)
    keyed(other_method)
    wrong: dict[str, Any] = {
        "method": "GET",
        "headers": {"Authorization": "wrong"},
        "query": [],
        "body": "",
    }

    answer, _ = ask(other_method, path={"method": "nothing"}, **wrong)
    assert error(answer) == (404, {"error": "Method not found"})

    answer, _ = ask(handler, **wrong)
    assert error(answer) == (405, {"error": "Method not allowed"})
    assert answer["headers"]["Allow"] == "POST, OPTIONS"

    answer, _ = ask(handler, **wrong | {"method": "POST"})
    assert error(answer) == (403, {"error": "Forbidden"})

    admitted = {"headers": {}, "query": [("idApp", "666")]}
    answer, _ = ask(handler, **admitted, body="")
    assert error(answer) == (400, {"error": "Empty post data"})

    answer, _ = ask(handler, **admitted, body="{" * 10_241)
    assert error(answer) == (400, {"error": "Bad Request"})

    answer, _ = ask(handler, **admitted, body="{" * 10_240)
    assert error(answer) == (400, {"error": "Bad json"})

    answer, request = ask(handler, **admitted, body={})
    assert error(answer) == (400, {"error": "Bad Request"})
    assert answer["headers"]["Gateway-Error"] == "customUserId is required"
    assert answer["headers"]["Gateway-Delivery"] == "rejected"
    assert request is None


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("idapp", "666")],
        [("idApp", "")],
        [("idApp", "6x6")],
        [("idApp", "-666")],
        [("idApp", " 666")],
        [("idApp", "666\n")],
        [("idApp", "٦٦٦")],
        [("idApp", "6" * 20)],
        [("idApp", "666"), ("idApp", "666")],
        [("idApp", "666"), ("idApp", "667")],
    ],
)
def test_one_id_app_of_digits(ask: Any, query: Any) -> None:
    answer, request = ask(handler, query=query)

    assert (error(answer), request) == ((403, {"error": "Forbidden"}), None)


@pytest.mark.parametrize("app", ["0", "9" * 19])
def test_id_app_of_up_to_nineteen_digits(ask: Any, app: str) -> None:
    _, request = ask(handler, query=[("idApp", app)])

    assert (request.query, request.account) == (f"idApp={app}", app)


@pytest.mark.parametrize(
    ("authorization", "app", "status"),
    [
        ("local-client-key", "666", 200),
        ("local-client-key", "667", 200),
        ("local-client-key", "668", 403),
        ("Bearer local-client-key", "666", 403),
        ("other-key", "666", 403),
        (["local-client-key", "local-client-key"], "666", 403),
        (None, "666", 403),
    ],
)
def test_a_key_is_raw_and_names_its_apps(
    ask: Any, keyed: Any, authorization: Any, app: str, status: int
) -> None:
    keyed(handler)

    answer, request = ask(handler, headers={"Authorization": authorization}, query=[("idApp", app)])

    assert answer["statusCode"] == status
    assert (request is not None) == (status == 200)


@pytest.mark.parametrize(
    "body",
    [
        " ",
        "\r\n\t",
        "{",
        "[1,]",
        "customUserId=1",
        "\N{BYTE ORDER MARK}" * 2 + json.dumps(GOOD),
        '{"customUserId": "1", "customUserId": "2"}',
        '{"customUserId": NaN}',
        '{"customUserId": "1", "x": 1e999999999}',
        '{"customUserId": ' + "1" * 5_000 + "}",
        '{"customUserId": "\\ud800"}',
        '{"x":' * 1_700 + "1" + "}" * 1_700,
    ],
)
def test_not_json(ask: Any, body: str) -> None:
    answer, request = ask(handler, body=body)

    assert (error(answer), request) == ((400, {"error": "Bad json"}), None)


def test_a_byte_order_mark_is_skipped_and_not_sent_on(ask: Any) -> None:
    body = json.dumps(GOOD)

    answer, request = ask(handler, body="\N{BYTE ORDER MARK}" + body)
    assert (answer["statusCode"], request.body) == (200, body.encode())

    answer, request = ask(handler, body="\N{BYTE ORDER MARK}")
    assert (error(answer), request) == ((400, {"error": "Empty post data"}), None)


@pytest.mark.parametrize("endpoint", [handler, batch])
@pytest.mark.parametrize("body", ["null", '"text"', "1", "true", "1.5", "[]", "{}", "[null]", "[[]]", "[1]"])
def test_json_of_another_form(ask: Any, endpoint: Any, body: str) -> None:
    answer, request = ask(endpoint, body=body)

    assert (error(answer), request) == ((400, {"error": "Bad Request"}), None)


def in_base64(event: Any, body: bytes) -> Any:
    return event | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def of_size(size: int) -> bytes:
    body = json.dumps(GOOD | {"pad": ""}).encode()
    return body.replace(b'"pad": "', b'"pad": "' + b"x" * (size - len(body)))


@pytest.mark.parametrize("encoding", ["identity", "gzip", "GZIP"])
@pytest.mark.parametrize(("size", "status"), [(10_240, 200), (10_241, 400)])
def test_limit_by_the_byte(event: Any, upstream: Any, encoding: str, size: int, status: int) -> None:
    body = of_size(size)
    tasks = upstream.answers(handler, Reply(status=200, body=b'{"message": "OK"}')).tasks
    sent = gzip.compress(body) if encoding.lower() == "gzip" else body

    answer = handler(in_base64(event("mytracker/registration", headers={"Content-Encoding": encoding}), sent))

    assert (len(body), answer["statusCode"]) == (size, status)
    if status == 200:
        assert http_request(tasks[0]).content == body
    else:
        assert (error(answer), tasks) == ((400, {"error": "Bad Request"}), [])


def test_the_limit_counts_bytes_not_characters(ask: Any) -> None:
    letters = json.dumps(GOOD | {"pad": "ж" * 5_100}, ensure_ascii=False)
    assert len(letters) < 10_240 < len(letters.encode()) + 100

    answer, _ = ask(handler, body=letters + " " * (10_241 - len(letters.encode())))

    assert error(answer) == (400, {"error": "Bad Request"})


@pytest.mark.parametrize(
    ("sent", "encoding", "text"),
    [
        (gzip.compress(b"", mtime=0), "gzip", "Empty post data"),
        (gzip.compress(b"\0" * 50_000_000, 9, mtime=0), "gzip", "Bad Request"),
        (b"{}", "gzip", "Bad json"),
        (gzip.compress(b'{"customUserId": "1"}', mtime=0)[:-9], "gzip", "Bad json"),
        (b"{}", "br", "Bad json"),
        (b"\xff\xfe{}", "identity", "Bad json"),
    ],
)
def test_encodings(event: Any, sent: bytes, encoding: str, text: str) -> None:
    answer = handler(in_base64(event("mytracker/registration", headers={"Content-Encoding": encoding}), sent))

    assert error(answer) == (400, {"error": text})


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", None])
def test_json_whatever_the_type_says(ask: Any, content_type: Any) -> None:
    answer, request = ask(handler, headers={"Content-Type": content_type})

    assert answer["statusCode"] == 200
    assert request.headers == {"Content-Type": "application/json"}


def test_success_is_relayed_byte_for_byte(ask: Any) -> None:
    answer, _ = ask(handler)

    assert answer["body"] == '{"message": "ОK"}'  # noqa: RUF001 - as the document has it
    assert answer["headers"]["Gateway-Delivery"] == "delivered"
    assert answer["headers"]["Content-Type"] == "application/json"


def test_queued_success_is_ascii() -> None:
    for success in (handler.success, batch.success):
        queued = success.queued
        assert queued is not None
        assert (queued.status, json.loads(queued.body)) == (200, {"message": "OK"})


@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 413, 422])
def test_other_refusals_are_relayed(ask: Any, status: int) -> None:
    said = Reply(status=status, headers={"content-type": "application/json"}, body=b'{"error": "No"}')

    answer, _ = ask(handler, outcome=Refused(said))

    assert (answer["statusCode"], answer["body"]) == (status, '{"error": "No"}')
    assert answer["headers"]["Gateway-Delivery"] == "rejected"


@pytest.mark.parametrize("cause", [Transient("timeout", may_have_arrived=True), Setup("status 403")])
def test_neither_sent_nor_queued(ask: Any, cause: Any) -> None:
    answer, _ = ask(other_method, outcome=cause)

    assert error(answer) == (500, {"error": "Internal Server Error"})
    assert int(answer["headers"]["Retry-After"]) > 0
    assert answer["headers"]["Gateway-Delivery"] == "unknown"


def test_a_fault_of_ours(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(handler, "message", broken)

    answer, _ = ask(handler)

    assert error(answer) == (500, {"error": "Internal Server Error"})
    assert int(answer["headers"]["Retry-After"]) > 0


def judge(endpoint: str, reply: Reply) -> None:
    """As an answer to the endpoint's message is judged: for its status, then for what it holds."""
    paths = {"login": "/v1/login/", "version": "/v1/version"}
    judge_of(HttpRequest(method="POST", path=paths[endpoint]))(reply)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (Reply(status=200, body=b'{"message": "OK"}'), None),
        (Reply(status=200, body=b""), Transient),
        (Reply(status=200, body=b"<html>"), Transient),
        (Reply(status=200, body=b'{"message": "O'), Transient),
        (Reply(status=200, body=b"true"), Transient),
        (Reply(status=200, body=b'{"error": "Bad Request"}'), Refused),
        (Reply(status=200, body=b'{"error": {"code": 7}, "x": 1}'), Refused),
        (Reply(status=200, body=b'{"error": "late", "message": "OK"}'), None),
        (Reply(status=200, body=b'{"error": null}'), None),
        (Reply(status=200, body=b"{}"), None),
        (Reply(status=302), Transient),
        (Reply(status=400, body=b'{"error": "Bad Request"}'), Refused),
        (Reply(status=401), Setup),
        (Reply(status=403, body=b'{"error": "Forbidden"}'), Setup),
        (Reply(status=404, body=b'{"error": "Method not found"}'), Refused),
        (Reply(status=408), Transient),
        (Reply(status=429), Transient),
        (Reply(status=500), Transient),
        (Reply(status=503), Transient),
    ],
)
def test_what_an_answer_means(reply: Reply, meaning: Any) -> None:
    if meaning is None:
        judge("login", reply)
    else:
        with pytest.raises(meaning):
            judge("login", reply)


@pytest.mark.parametrize(
    "body",
    [b"", b"true", b"OK", b"[]", b'{"version": "1.0.0"}', b'{"error": "x", "message": "OK"}', b'{"err'],
)
def test_where_only_the_status_counts(body: bytes) -> None:
    judge("version", Reply(status=200, body=body))


@pytest.mark.parametrize("reply", [Reply(status=200, body=b" <!doctype html>"), Reply(status=500)])
def test_where_only_the_status_counts_a_proxy_is_still_no_answer(reply: Reply) -> None:
    with pytest.raises(Transient):
        judge("version", reply)


def test_an_error_in_a_200_is_a_refusal_where_only_the_status_counts_too() -> None:
    with pytest.raises(Refused) as caught:
        judge("version", Reply(status=200, body=b'{"error": "No such order"}'))

    assert caught.value.reply == Reply(status=400, body=b'{"error": "No such order"}')


def test_the_apps_own_token_goes_out_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mytracker.secret, "credential", lambda account: f"token of {account}")
    request = HttpRequest(method="POST", path="/v1/login/", account="666")

    signed = mytracker.upstream.sign(request, mytracker.secret)  # type: ignore[attr-defined]

    assert signed.headers["Authorization"] == "token of 666"


def test_no_credential_is_in_a_call(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, Reply(status=200, body=b"{}")).tasks

    handler(event("mytracker/registration"))

    assert "local-client-key" not in tasks[0].dumps()


def test_preflight_needs_no_key(ask: Any, keyed: Any) -> None:
    keyed(handler)

    answer, request = ask(handler, method="OPTIONS", headers={"Authorization": None}, query=[])

    assert (answer["statusCode"], request) == (204, None)
    assert answer["headers"]["Access-Control-Allow-Methods"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("v2/registration/", 400, "Bad api version"),
        ("v0/registration", 400, "Bad api version"),
        ("v10/version", 400, "Bad api version"),
        ("v01/login", 400, "Bad api version"),
        ("v1/registration/more", 404, "Method not found"),
    ],
)
def test_unknown_paths(event: Any, path: str, status: int, text: str) -> None:
    answer = edge(event("edge/unknown_path", path={"proxy": path}))

    assert error(answer) == (status, {"error": text})
    assert "Gateway-Delivery" not in answer["headers"]
