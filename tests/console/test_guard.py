"""Who gets into the console: the run's own user in this machine's browser, and no web page."""

import pytest

from tests.console.asgi import HOST, JSON, OWN, call, cookie
from tools.console.access import Access
from tools.console.guard import MAX_BODY, PROTECTION, App

EVIL = "evil.example"


def test_the_address_opens_the_page_and_sets_a_cookie_that_scripts_and_other_sites_cannot_use(
    app: App, access: Access
) -> None:
    answer = call(app, "GET", f"/?token={access.token}")

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["set-cookie"] == (
        f"trackgate-console-4020={access.session}; HttpOnly; SameSite=Strict; Path=/"
    )
    assert access.token not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "target", ["/", "/api/run", "/api/stream", "/static/index.html", "/docs", "/nowhere"]
)
def test_without_the_cookie_everything_is_closed(app: App, target: str) -> None:
    answer = call(app, "GET", target)

    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    assert b"make local" in answer.body


@pytest.mark.parametrize(
    "query", ["token=", "token=wrong", "token={token}x", "token={token}&token={token}", "Token={token}"]
)
def test_a_wrong_token_opens_nothing(app: App, access: Access, query: str) -> None:
    answer = call(app, "GET", f"/?{query.format(token=access.token)}")

    assert answer.status == 401
    assert "set-cookie" not in answer.headers


def test_the_token_opens_the_page_alone(app: App, access: Access) -> None:
    assert call(app, "GET", f"/api/run?token={access.token}").status == 401


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("{token}", id="the token"),
        pytest.param("{session}x", id="longer"),
        pytest.param("{other}", id="of another run"),
    ],
)
def test_another_cookie_opens_nothing(app: App, access: Access, value: str) -> None:
    given = value.format(token=access.token, session=access.session, other=Access(4020).session)

    answer = call(app, "GET", "/api/run", [HOST, ("Cookie", f"{access.cookie}={given}")])

    assert answer.status == 401


def test_the_cookie_of_another_port_opens_nothing(app: App, access: Access) -> None:
    other = ("Cookie", f"trackgate-console-4021={access.session}")

    assert call(app, "GET", "/api/run", [HOST, other]).status == 401


@pytest.mark.parametrize(
    "other",
    [
        *("a=1", 'theme={"dark": true}', "a=b c", "session", "=", "path=/", "a[b]=1", 'a="b', "name=Zoë"),
        pytest.param("{name}=evil", id="our name"),
    ],
)
def test_the_cookie_opens_the_api_beside_other_servers_cookies(app: App, access: Access, other: str) -> None:
    name, value = cookie(access)
    other = other.replace("{name}", access.cookie)

    assert call(app, "GET", "/api/run", [HOST, (name, f"{other}; {value}; b=2")]).status == 200
    assert call(app, "GET", "/api/run", [HOST, (name, f"b=2; {value}; {other}")]).status == 200


@pytest.mark.parametrize(
    "host",
    [
        *(EVIL, f"{EVIL}:4020", "127.0.0.1", "127.0.0.1:4021", "localhost.evil.example:4020"),
        *("a.localhost:4020", "127.0.0.1:4020.evil.example", "0.0.0.0:4020", "[::]:4020", ""),
    ],
)
def test_a_rebound_name_is_refused(app: App, access: Access, host: str) -> None:
    assert call(app, "GET", "/api/run", [("Host", host), cookie(access)]).status == 403
    assert call(app, "GET", f"/?token={access.token}", [("Host", host)]).status == 403


@pytest.mark.parametrize("hosts", [[], [HOST, ("Host", EVIL)], [HOST, HOST]])
def test_there_is_one_host(app: App, access: Access, hosts: list[tuple[str, str]]) -> None:
    assert call(app, "GET", "/api/run", [*hosts, cookie(access)]).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:4020", "localhost:4020", "LOCALHOST:4020", "[::1]:4020"])
def test_this_machines_names_are_ours(app: App, access: Access, host: str) -> None:
    assert call(app, "GET", "/api/run", [("Host", host), cookie(access)]).status == 200


FOREIGN = [
    pytest.param(("Origin", f"https://{EVIL}"), id="another origin"),
    pytest.param(("Origin", "null"), id="a sandboxed frame"),
    pytest.param(("Origin", "http://127.0.0.1:3000"), id="another port"),
    pytest.param(("Origin", "http://localhost:4020"), id="another name of this machine"),
    pytest.param(("Origin", "https://127.0.0.1:4020"), id="another scheme"),
    pytest.param(("Sec-Fetch-Site", "cross-site"), id="an image of another site"),
    pytest.param(("Sec-Fetch-Site", "same-site"), id="a script of another port"),
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/api/run", "/try/a/path"])
def test_a_page_of_another_origin_is_refused_even_with_the_cookie(
    app: App, access: Access, method: str, path: str, foreign: tuple[str, str]
) -> None:
    assert call(app, method, path, [HOST, cookie(access), JSON, foreign]).status == 403


def test_a_change_needs_the_origin_that_browsers_send(app: App, access: Access) -> None:
    assert call(app, "POST", "/api/send", [HOST, cookie(access), JSON]).status == 403
    assert call(app, "DELETE", "/try/v1/login", [HOST, cookie(access)]).status == 403


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        *("application/jsonp", "text/plain; a=application/json", ""),
    ],
)
def test_a_change_is_json(app: App, access: Access, kind: str) -> None:
    headers = [HOST, cookie(access), OWN, *([("Content-Type", kind)] if kind else [])]

    assert call(app, "POST", "/api/send", headers, b"{}").status == 415


def test_two_content_types_are_none(app: App, access: Access) -> None:
    headers = [HOST, cookie(access), OWN, JSON, ("Content-Type", "text/plain")]

    assert call(app, "POST", "/api/send", headers, b"{}").status == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_for_the_relay_alone(app: App, access: Access, method: str) -> None:
    headers = [HOST, cookie(access), OWN, JSON]

    assert call(app, method, "/api/run", headers).status == 405
    assert call(app, method, "/try/nowhere", headers).status != 405


def test_a_body_that_says_how_large_it_is_is_refused_before_it_is_read(app: App, access: Access) -> None:
    headers = [HOST, cookie(access), OWN, JSON]

    declared = call(app, "POST", "/api/send", [*headers, ("Content-Length", str(MAX_BODY + 1))])

    assert declared.status == 413


@pytest.mark.parametrize("target", ["/", "/api/run", "/static/index.html", "/static/nothing.js", "/nowhere"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_keeps_its_content_inside_the_page(
    app: App, access: Access, target: str, known: bool
) -> None:
    answer = call(app, "GET", target, [HOST, *([cookie(access)] if known else [])])

    assert {name: answer.headers[name.decode()] for name in PROTECTION} == {
        name: value.decode() for name, value in PROTECTION.items()
    }


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd"),
        *("/static/../../../etc/passwd", "/static/..\\app.py", "/static/\x00", "/static/"),
    ],
)
def test_no_path_leads_out_of_the_static_files(app: App, access: Access, path: str) -> None:
    assert call(app, "GET", path, [HOST, cookie(access)]).status == 404
