""" "Try it" of the API reference: what the front receives of a page's call, and the page of the answer."""

import pytest

from tests.console.asgi import HOST, OWN, Answer, Headers, call, cookie
from tools.console.access import Access
from tools.console.guard import App
from tools.console.relay import relay
from tools.send.http1 import Request, Response

TOLD = Response(status=200, reason="OK", headers=(("Content-Type", "text/plain"),), body=b"fine")


class Front:
    """Keeps what it receives, and answers as the test says."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.told: Response | Exception = TOLD

    def __call__(self, request: Request) -> Response:
        self.received.append(request)
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@pytest.fixture
def front() -> Front:
    return Front()


def ask(front: Front, target: str, headers: Headers = (), body: bytes = b"", method: str = "POST") -> Answer:
    return call(relay(front, "$CLIENT_KEY", "kéy 1"), method, target, headers, body)


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ("/try/v1/login?idApp=666&a=%20b", "/v1/login?idApp=666&a=%20b"),
        ("/try/a%2Fb/%C3%BC//c/", "/a%2Fb/%C3%BC//c/"),
        ("/try/", "/"),
        ("/try//evil.example/x", "//evil.example/x"),
        ("/try/../api/send", "/../api/send"),
    ],
)
def test_the_front_receives_the_path_as_it_was_asked_for(front: Front, asked: str, received: str) -> None:
    ask(front, asked)

    assert [request.target for request in front.received] == [received]


@pytest.mark.parametrize("target", ["/tryx/v1/login", "/%74ry/v1/login", "http://evil.example/try/", "/try"])
def test_nothing_else_is_relayed(front: Front, target: str) -> None:
    assert ask(front, target).status == 404
    assert front.received == []


def test_the_front_receives_what_the_person_set_and_nothing_of_the_browser(front: Front) -> None:
    own = (("authorization", "Auth-Token x"), ("idempotency-key", "1"), ("content-type", "application/json"))
    browsers = (
        ("Cookie", "trackgate-console-4020=secret; other=1"),
        ("Host", "127.0.0.1:4020"),
        ("Origin", "http://127.0.0.1:4020"),
        ("Referer", "http://127.0.0.1:4020/docs"),
        ("User-Agent", "Mozilla/5.0"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-CH-UA", "Chromium"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "keep-alive"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "3"),
        ("Proxy-Authorization", "x"),
    )

    ask(front, "/try/x", [*browsers, *own], b"{ }")

    (request,) = front.received
    assert (request.headers, request.body, request.method) == (own, b"{ }", "POST")


def test_the_placeholder_becomes_the_local_key_wherever_a_client_may_put_it(front: Front) -> None:
    ask(
        front,
        "/try/x?key=$CLIENT_KEY&other=%24CLIENT_KEY",
        [("authorization", "Auth-Token $CLIENT_KEY")],
        b'{"user_key": "$CLIENT_KEY"}',
    )

    (request,) = front.received
    assert request.target == "/x?key=k%C3%A9y%201&other=k%C3%A9y%201"
    assert request.headers == (("authorization", "Auth-Token kéy 1"),)
    assert request.body == '{"user_key": "kéy 1"}'.encode()


def test_the_page_gets_the_answer_and_nothing_that_would_change_the_console(front: Front) -> None:
    front.told = Response(
        status=302,
        reason="Found",
        headers=(
            ("Content-Type", "text/html"),
            ("Gateway-Delivery", "delivered"),
            ("Retry-After", "3"),
            ("Access-Control-Allow-Origin", "*"),
            ("Set-Cookie", "trackgate-console-4020=stolen"),
            ("Location", "https://evil.example/"),
            ("Refresh", "0; url=https://evil.example/"),
            ("Content-Security-Policy", "default-src *"),
            ("Clear-Site-Data", '"*"'),
            ("Service-Worker-Allowed", "/"),
            ("Link", "<https://evil.example/>; rel=preload"),
            ("WWW-Authenticate", "Basic"),
        ),
        body=b"<script>1</script>",
    )

    answer = ask(front, "/try/x")

    assert (answer.status, answer.body) == (302, b"<script>1</script>")
    assert answer.headers == {
        "content-length": "18",
        "content-type": "text/html",
        "gateway-delivery": "delivered",
        "retry-after": "3",
        "access-control-allow-origin": "*",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    }


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError(111, "Connection refused"), TimeoutError("timed out"), ValueError("a header")],
)
def test_a_front_that_does_not_answer_is_said_so(front: Front, error: Exception) -> None:
    front.told = error

    answer = ask(front, "/try/x")

    assert answer.status == 502
    assert answer.json()["error"].startswith("the local run did not answer: ")


@pytest.mark.parametrize("target", ["/x", "//evil.example/x", "/http://evil.example/x", "/@evil.example/x"])
def test_the_console_relays_to_its_own_run_alone(
    app: App, access: Access, at_front: list[tuple[str, str]], target: str
) -> None:
    answer = call(app, "PUT", f"/try{target}", [HOST, OWN, cookie(access)], b"x")

    assert answer.status == 200
    assert at_front == [("http://127.0.0.1:3000", target)]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_form_may_be_tried_by_the_consoles_own_page_alone(
    app: App, access: Access, at_front: list[tuple[str, str]], method: str
) -> None:
    form = ("Content-Type", "application/x-www-form-urlencoded")

    assert call(app, method, "/try/x", [HOST, form, cookie(access)]).status == 403
    assert call(app, method, "/try/x", [HOST, form, OWN]).status == 401
    assert at_front == []
