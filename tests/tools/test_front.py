"""The front of the local run, byte by byte: what reaches the local AWS, and what comes back."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.until import until
from tools.local.front.certificate import throwaway_certificate
from tools.local.front.exchange import Answered, Received
from tools.local.front.messages import MAX_BODY, MAX_HEAD
from tools.local.front.server import DRAIN_SECONDS, Front
from tools.local.ports import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Behind:
    """Stands where the local AWS stands: takes one request a connection, and answers as it was told."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.taken: list[bytes] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def _take(self, connection: socket.socket) -> None:
        with connection:
            self.taken.append(read_message(connection))
            self.may_answer.wait(10)
            connection.sendall(self.answer)

    def close(self) -> None:
        self._listener.close()


def read_message(connection: socket.socket) -> bytes:
    """One HTTP message with a Content-Length, or none."""
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65536)
        if not part:
            return read
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < (lengths[0] if lengths else 0):
        part = connection.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


@contextmanager
def front(answer: bytes = OK, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, Behind]]:
    behind = Behind(answer)
    port = free_port()
    try:
        with Front(
            f"http://127.0.0.1:{behind.port}/restapis/a/live/_user_request_", port=port, context=context
        ):
            yield port, behind
    finally:
        behind.close()


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return read_message(connection)


def lines(message: bytes) -> list[bytes]:
    return message.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_path_and_query_go_on_byte_for_byte() -> None:
    with front() as (port, behind):
        exchange(port, b"GET /a%2Fb//c/%252e?x=1&x=%20+&&y HTTP/1.1\r\nHost: h\r\n\r\n")

    assert lines(behind.taken[0])[0] == (
        b"GET /restapis/a/live/_user_request_/a%2Fb//c/%252e?x=1&x=%20+&&y HTTP/1.1"
    )


def test_headers_keep_order_and_spelling_and_nothing_is_added() -> None:
    with front() as (port, behind):
        exchange(
            port, b"PUT / HTTP/1.1\r\nHost: h\r\nX-b: 2\r\nx-A: 1\r\nX-b: 3\r\nContent-Length: 0\r\n\r\n"
        )

    authority = f"Host: 127.0.0.1:{behind.port}".encode()
    assert lines(behind.taken[0])[1:] == [
        authority,
        b"X-b: 2",
        b"x-A: 1",
        b"X-b: 3",
        b"X-Forwarded-For: 127.0.0.1",
    ]


def test_a_callers_own_forwarded_for_is_not_believed() -> None:
    with front() as (port, behind):
        exchange(port, b"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n")

    assert b"8.8.8.8" not in behind.taken[0]


def test_hop_by_hop_headers_end_here() -> None:
    with front() as (port, behind):
        exchange(
            port,
            b"GET / HTTP/1.1\r\nHost: h\r\nConnection: x-mine, keep-alive\r\nX-Mine: 1\r\nTE: trailers\r\n"
            b"\r\n",
        )

    taken = behind.taken[0].lower()
    assert b"connection" not in taken
    assert b"x-mine" not in taken
    assert b"te:" not in taken


def test_a_chunked_body_arrives_whole() -> None:
    with front() as (port, behind):
        exchange(
            port,
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2\r\n\x00\xff\r\n0\r\n\r\n",
        )

    assert behind.taken[0].endswith(b"Content-Length: 5\r\n\r\nabc\x00\xff")


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nab",
        b"Content-Length: 10\r\n\r\nabc",
        b"Transfer-Encoding: cuneiform\r\n\r\nabc",
    ],
)
def test_a_body_that_is_broken_off_is_the_callers_fault(body: bytes) -> None:
    with front() as (port, behind), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        answer = read_message(connection)

    assert lines(answer)[0] == b"HTTP/1.1 400 Bad Request"
    assert b'"error":"Bad Request"' in answer
    assert behind.taken == []


@pytest.mark.parametrize(("fill", "status"), [(0, b"200"), (1, b"431")])
@pytest.mark.parametrize("place", ["target", "header"])
def test_a_head_is_as_large_as_on_aws(place: str, fill: int, status: bytes) -> None:
    room = b"x" * (MAX_HEAD - len(b"GET / HTTP/1.1") - len(b"h") + fill)
    head = (
        b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n" % room
        if place == "target"
        else b"GET / HTTP/1.1\r\nHost: h\r\nX-Long-Name: %b\r\n\r\n" % room
    )
    with front() as (port, _):
        answer = exchange(port, head)

    assert answer.split()[1] == status
    assert (b'"error":"Request Header Fields Too Large"' in answer) == (status == b"431")


def test_a_head_that_is_refused_has_no_body() -> None:
    with front() as (port, _):
        answer = exchange(
            port, b"HEAD /%b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" % (b"x" * MAX_HEAD)
        )

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_caller_that_waits_to_be_asked_is_asked() -> None:
    with front() as (port, behind), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        asked = connection.recv(1000)
        connection.sendall(b"hi")
        answer = read_message(connection)

    assert asked.startswith(b"HTTP/1.1 100 ")
    assert answer.endswith(b"ok")
    assert b"expect" not in behind.taken[0].lower()


def test_a_connection_serves_more_than_one_request() -> None:
    with front() as (port, behind), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for path in (b"/1", b"/2"):
            connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: h\r\n\r\n")
            assert read_message(connection).endswith(b"ok")

    assert [lines(taken)[0].split(b" ")[1][-2:] for taken in behind.taken] == [b"/1", b"/2"]


def test_a_caller_that_wants_its_connection_closed_does_not_wait_for_it() -> None:
    with front() as (port, _), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        read_message(connection)

        assert connection.recv(10) == b""


def test_a_content_type_of_none_is_taken_off() -> None:
    with front(b"HTTP/1.1 202 Accepted\r\nContent-Type: None\r\nContent-Length: 0\r\n\r\n") as (port, _):
        answer = exchange(port, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")

    assert answer == b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def test_an_empty_204_has_no_length() -> None:
    with front(b"HTTP/1.1 204 No Content\r\nX-A: b\r\nContent-Length: 0\r\n\r\n") as (port, _):
        answer = exchange(port, b"OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n")

    assert answer == b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"


def test_the_answer_to_a_head_keeps_its_length_and_has_no_body() -> None:
    with front(b"HTTP/1.1 404 Not Found\r\nContent-Length: 27\r\n\r\n") as (port, _):
        answer = exchange(port, b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

    assert b"Content-Length: 27" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_bytes_of_an_answer_come_back_as_they_are() -> None:
    body = bytes(range(256))
    with front(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 256\r\nServer: s\r\n\r\n" + body) as (port, _):
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")

    assert answer == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 256\r\n\r\n" + body


def test_over_ten_megabytes_is_answered_as_api_gateway_does() -> None:
    with front() as (port, behind), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {2 * MAX_BODY}\r\n\r\n".encode())
        connection.sendall(b"x" * 2 * MAX_BODY)
        answer = read_message(connection)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(
        b'{"message":"Request Too Long","error":"Request Too Long","description":"Request Too Long"}'
    )
    assert behind.taken == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /\x80 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(request_bytes: bytes) -> None:
    with front() as (port, behind):
        answer = exchange(port, request_bytes)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert behind.taken == []


def test_without_an_answer_behind_it_says_so() -> None:
    with front(b"") as (port, _):
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 ")


def test_a_call_under_way_is_let_finish_and_idle_connections_are_not_waited_for() -> None:
    got: list[bytes] = []
    with front() as (port, behind):
        behind.may_answer.clear()
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        calling = threading.Thread(
            target=lambda: got.append(exchange(port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
        )
        calling.start()
        until(lambda: behind.taken)
        threading.Timer(0.2, behind.may_answer.set).start()

    calling.join()
    assert got[0].endswith(b"ok")
    assert idle.recv(10) == b""
    idle.close()


def test_a_request_of_which_a_part_is_missing_is_not_waited_for() -> None:
    with front() as (port, _):
        half = socket.create_connection(("127.0.0.1", port))
        half.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert half.recv(100).startswith(b"HTTP/1.1 100")
        half.sendall(b"half")
        began = time.monotonic()

    half.close()
    assert time.monotonic() - began < DRAIN_SECONDS / 2


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "instance.trackgate.localhost"])
def test_behind_tls_the_same(tmp_path: Path, name: str) -> None:
    context = throwaway_certificate("127.0.0.1", tmp_path / "ca.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    with (
        front(context=context) as (port, _),
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        answer = read_message(connection)

    assert answer.endswith(b"ok")


def test_an_idle_tls_connection_that_never_says_goodbye_is_not_waited_for(tmp_path: Path) -> None:
    context = throwaway_certificate("127.0.0.1", tmp_path / "ca.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    with front(context=context) as (port, _):
        plain = socket.create_connection(("127.0.0.1", port))
        idle = trusting.wrap_socket(plain, server_hostname="localhost")
        idle.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        read_message(idle)
        stopped_at = time.monotonic()

    assert time.monotonic() - stopped_at < 10
    idle.close()


def test_listeners_hear_of_a_call_before_and_after_it() -> None:
    heard: list[Received | Answered] = []
    behind = Behind(b"HTTP/1.1 202 Accepted\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok")
    port = free_port()
    with Front(f"http://127.0.0.1:{behind.port}/restapis/a/live/_user_request_", port=port) as front:
        front.listeners.append(heard.append)
        exchange(port, b"POST /a%2fb?c HTTP/1.1\r\nHost: x\r\nX-B: 2\r\nContent-Length: 3\r\n\r\nabc")
        long = b"a" * (MAX_HEAD + 1)
        exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + long + b"\r\n\r\n")
    behind.close()

    received, answered, rejected, refused = heard
    assert isinstance(received, Received)
    assert (received.number, received.method, received.target) == (1, b"POST", b"/a%2fb?c")
    assert (b"X-B", b"2") in received.headers
    assert received.body == b"abc"
    assert received.client[0] == "127.0.0.1"
    assert isinstance(answered, Answered)
    assert (answered.number, answered.status, answered.reason, answered.body) == (1, 202, b"Accepted", b"ok")
    assert answered.milliseconds > 0
    assert (rejected.number, rejected.body) == (2, b"")
    assert isinstance(refused, Answered)
    assert refused.status == 431


def test_a_listener_that_fails_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Received | Answered] = []

    def fail(what: Received | Answered) -> None:
        raise RuntimeError("a listener's own mistake")

    behind = Behind(OK)
    port = free_port()
    with Front(f"http://127.0.0.1:{behind.port}/restapis/a/live/_user_request_", port=port) as front:
        front.listeners += [fail, heard.append]
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    behind.close()

    assert lines(answer)[0].startswith(b"HTTP/1.1 200")
    assert len(heard) == 2
    assert "a listener's own mistake" in caplog.text


def test_calls_are_numbered_as_listeners_hear_of_them() -> None:
    heard: list[Received | Answered] = []
    behind = Behind(OK)
    port = free_port()
    with Front(f"http://127.0.0.1:{behind.port}/restapis/a/live/_user_request_", port=port) as front:
        front.listeners.append(heard.append)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(
                b"POST /slow HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
            )
            assert slow.recv(65536).startswith(b"HTTP/1.1 100")
            exchange(port, b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            slow.sendall(b"abc")
            read_message(slow)
    behind.close()

    calls = [(what.number, what.target) for what in heard if isinstance(what, Received)]
    assert calls == [(1, b"/quick"), (2, b"/slow")]
