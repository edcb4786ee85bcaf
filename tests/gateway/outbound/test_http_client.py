"""One exchange within a deadline, against a peer that drips, hangs, resets, lies about lengths."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.core.clock import passed
from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.outbound.connection import CONNECT_SECONDS
from gateway.outbound.http_client import IDLE_SECONDS, MAX_ANSWER, HttpClient
from tests.gateway.outbound.peer import answers, answers_and_closes, hangs, ok, peer, resets

RESOLVE = socket.getaddrinfo
LATE = 3.0
"""What a busy machine may add to a deadline; every peer that drips or hangs does so for longer."""


def send(url: str, exchange: HttpClient | None = None, seconds: float = 0.5, **parts: Any) -> Reply:
    parts = {"headers": {}, "body": b"{}", **parts}
    return (exchange or HttpClient()).send("POST", url, seconds=seconds, **parts)


def failure(behave: Any, seconds: float = 0.5) -> Transient:
    started = time.monotonic()
    with peer(behave) as (url, _), pytest.raises(Transient) as caught:
        send(url, seconds=seconds)
    assert time.monotonic() - started < seconds + LATE
    return caught.value


def test_an_answer_is_read_and_the_connection_kept() -> None:
    exchange = HttpClient()
    with peer(answers(ok(b'{"a": 1}', "X-Y: z"))) as (url, seen):
        replies = [send(f"{url}/p?q=%2B", exchange, headers={"A": "b"}) for _ in range(3)]

    assert replies[0] == Reply(status=200, headers={"content-length": "8", "x-y": "z"}, body=b'{"a": 1}')
    assert seen[0].startswith(b"POST /p?q=%2B HTTP/1.1\r\n")
    assert b"\r\nA: b\r\n" in seen[0]
    assert seen[0].endswith(b"\r\n\r\n{}")


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with peer(answers(ok(b""))) as (url, seen):
        send(url)

    assert b"cookie" not in seen[0].lower()
    assert b"Accept-Encoding: identity" in seen[0]


def test_a_name_and_a_password_in_the_url_sign_the_request() -> None:
    with peer(answers(ok(b""))) as (url, seen):
        send(url.replace("//", "//user:p%40ss@") + "/p?at=@")

    assert b"\r\nAuthorization: Basic dXNlcjpwQHNz\r\n" in seen[0]
    assert seen[0].startswith(b"POST /p?at=@ HTTP/1.1\r\n")


def test_what_is_encoded_is_sent_as_it_is() -> None:
    with peer(answers(ok(b""))) as (url, seen):
        send(f"{url}/a%2Fb%C3%A9?q=%20+%26")

    assert seen[0].startswith(b"POST /a%2Fb%C3%A9?q=%20+%26 HTTP/1.1\r\n")


def test_a_host_may_have_letters_of_any_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(host: str, *_: Any) -> None:
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Transient, match="unreachable"):
        send("http://Bücher.example/p")

    assert asked == ["xn--bcher-kva.example"]


def test_without_a_scheme_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given: asked.append(given))
    with pytest.raises(Transient) as caught:
        send("/players")

    assert (caught.value.may_have_arrived, asked) == (False, [])


def test_a_header_that_comes_twice_is_one() -> None:
    twice = b"HTTP/1.1 200 OK\r\nLink: a\r\nLINK: b\r\nContent-Length: 0\r\n\r\n"
    with peer(answers(twice)) as (url, _):
        assert send(url).headers["link"] == "a, b"


def test_redirects_are_not_followed() -> None:
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with peer(answers(redirect)) as (url, seen):
        assert send(url).status == 302
    assert len(seen) == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://\xff\xfe/", "", "//", "http://127.0.0.1:9/"])
def test_where_a_redirect_leads_is_of_no_interest(location: str) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\n{{}}".encode("latin-1")
    with peer(answers(head)) as (url, _):
        assert send(url).status == 302


def test_a_redirect_is_not_read_beyond_the_cap() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 400000000\r\n\r\n"
    assert failure(answers(head, b"x" * (2 * MAX_ANSWER))).reason == "too large"


def test_cookies_of_one_call_do_not_go_out_with_the_next() -> None:
    exchange = HttpClient()
    with peer(answers(ok(b"", "Set-Cookie: sess=player1; Path=/"))) as (url, seen):
        send(url, exchange)
        send(url, exchange)
    assert b"cookie" not in seen[1].lower()


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Transient) as caught:
        send(f"http://127.0.0.1:{port}")

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


@contextmanager
def full(*hosts: str) -> Iterator[int]:
    """A port at which these hosts listen and take no connection: to connect there hangs."""
    with ExitStack() as open_:
        port = 0
        for host in hosts:
            listener = open_.enter_context(socket.create_server((host, port), backlog=0))
            port = listener.getsockname()[1]
            for _ in range(2):
                waiting = open_.enter_context(socket.socket())
                waiting.setblocking(False)
                with suppress(BlockingIOError):
                    waiting.connect((host, port))
        yield port


def name_of(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(host: str, port: int, *_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(
        "gateway.outbound.connection.socket.getaddrinfo",
        lambda host, port, *rest: found(host, port) if host == "vendor.test" else RESOLVE(host, port, *rest),
    )


def test_several_addresses_that_hang_take_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = [f"127.0.0.{number}" for number in range(2, 7)]
    name_of(monkeypatch, *hosts)
    with full(*hosts) as port:
        started = time.monotonic()
        with pytest.raises(Transient) as caught:
            send(f"http://vendor.test:{port}", seconds=5)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)
    assert time.monotonic() - started < 4 * CONNECT_SECONDS, "one after the other they take five"


def test_the_next_address_is_tried_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    name_of(monkeypatch, "127.0.0.2", "127.0.0.1")
    with peer(answers(ok(b"{}"))) as (url, _):
        port = urlsplit(url).port
        assert port
        assert send(f"http://vendor.test:{port}", seconds=10).status == 200
    with full("127.0.0.2") as port, socket.create_server(("127.0.0.1", port)) as listener:
        threading.Thread(target=answer_once, args=[listener], daemon=True).start()
        assert send(f"http://vendor.test:{port}", seconds=10).status == 200


def answer_once(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(ok(b"{}"))


def test_a_name_that_nobody_has_is_unreachable() -> None:
    with pytest.raises(Transient) as caught:
        send("http://nobody.invalid")

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (hangs, "timeout"),
        (answers(*(bytes([byte]) for byte in ok(b"{}")), pause=0.1), "timeout"),
        (answers(ok(b"x" * 40)[:-40], *[b"x"] * 60, pause=0.1), "timeout"),
        (answers(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 60, pause=0.1), "timeout"),
        (answers_and_closes(b""), "reset"),
        (resets, "reset"),
        (answers_and_closes(b"not http at all\r\n\r\n"), "reset"),
        (answers_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"), "truncated"),
        (answers_and_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "truncated"),
        (answers(ok(b"not gzip", "Content-Encoding: gzip")), "truncated"),
        (answers(ok(b"x" * (MAX_ANSWER + 1))), "too large"),
        (answers(ok(gzip.compress(b"0" * 50_000_000), "Content-Encoding: gzip")), "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_may_have_arrived_is_unanswered(behave: Any, reason: str) -> None:
    error = failure(behave)

    assert (error.reason, error.may_have_arrived) == (reason, True)


def test_an_exchange_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread for each deadline took a quarter of the CPU time of a call."""
    with peer(answers(ok(b"{}"))) as (url, _):
        exchange = HttpClient()
        send(url, exchange)  # the peer has a thread for each connection
        monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail(f"started {thread}"))
        assert send(url, exchange).status == 200


def test_an_exchange_is_not_bound_by_the_deadline_of_the_last() -> None:
    def slower_each_time(connection: socket.socket, request: bytes) -> None:
        if request.endswith(b"slow"):
            time.sleep(1.2)
        connection.sendall(ok(b"{}"))

    exchange = HttpClient()
    with peer(slower_each_time) as (url, _):
        assert send(url, exchange, seconds=1).status == 200
        assert send(url, exchange, seconds=20, body=b"slow").status == 200


def test_a_body_that_nobody_reads_is_not_sent_beyond_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        with pytest.raises(Transient) as caught:
            send(f"http://127.0.0.1:{listener.getsockname()[1]}", body=b"x" * 50_000_000)

    assert time.monotonic() - started < 0.5 + LATE
    assert (caught.value.reason, caught.value.may_have_arrived) == ("timeout", True)


def test_a_body_that_is_read_in_drips_is_not_sent_beyond_the_deadline() -> None:
    def drips(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            while connection.recv(4096):
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drips, args=[listener], daemon=True).start()
        started = time.monotonic()
        with pytest.raises(Transient) as caught:
            send(f"http://127.0.0.1:{listener.getsockname()[1]}", body=b"x" * 50_000_000)

    assert time.monotonic() - started < 0.5 + LATE
    assert (caught.value.reason, caught.value.may_have_arrived) == ("timeout", True)


def test_an_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = HttpClient()
    connections: set[int] = set()

    def behave(connection: socket.socket, request: bytes) -> None:
        connections.add(connection.getpeername()[1])
        connection.sendall(ok(b""))

    with peer(behave) as (url, _):
        send(url, exchange)
        send(url, exchange)
        assert len(connections) == 1
        later = passed() + IDLE_SECONDS + 1
        monkeypatch.setattr("gateway.outbound.http_client.passed", lambda: later)
        send(url, exchange)
    assert len(connections) == 2


def test_threads_share_a_client_and_no_exchange_meets_anothers() -> None:
    """One's deadline and failure are not another's."""

    def echoes(connection: socket.socket, request: bytes) -> None:
        body = request.rpartition(b"\r\n\r\n")[2]
        if body == b"late":
            hangs(connection, request)
        time.sleep(0.02)
        connection.sendall(ok(body))

    client = HttpClient()
    ended: list[tuple[str, str]] = []

    def work(number: int) -> None:
        for again in range(5):
            body, seconds = ("late", 0.3) if number == 0 else (f"{number}-{again}", 30)
            try:
                ended.append((body, send(url, client, seconds, body=body.encode()).body.decode()))
            except Transient as error:
                ended.append((body, error.reason))

    with peer(echoes) as (url, _):
        threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    bodies = [f"{number}-{again}" for number in range(1, 8) for again in range(5)]
    assert sorted(ended) == sorted([("late", "timeout")] * 5 + [(body, body) for body in bodies])
