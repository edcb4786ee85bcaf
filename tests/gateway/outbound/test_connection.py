"""TLS under the same deadline: whom it trusts, and a handshake, an answer or a body that takes too long."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gateway.core.errors import Transient
from gateway.outbound import connection
from gateway.outbound.http_client import HttpClient
from tests.gateway.outbound.peer import hangs, ok
from tools.local.front.certificate import throwaway_certificate

LATE = 3.0
"""See test_http_client.py."""

type Serve = Callable[[socket.socket, ssl.SSLContext], None]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A listener's context, for `localhost`, that the client trusts."""
    context = throwaway_certificate("localhost", tmp_path / "authority.pem")
    monkeypatch.setattr(connection, "DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "authority.pem"))
    connection._trust.cache_clear()
    yield context
    connection._trust.cache_clear()


@contextmanager
def listening(context: ssl.SSLContext, serve: Serve) -> Iterator[str]:
    """A port on which `serve` gets each connection before its handshake; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def attend(raw: socket.socket) -> None:
        with suppress(OSError), raw:
            serve(raw, context)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=attend, args=[listener.accept()[0]], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answers(raw: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(raw, server_side=True) as tls:
        while tls.recv(65536):
            tls.sendall(ok(b"{}"))


def hangs_in_the_handshake(raw: socket.socket, context: ssl.SSLContext) -> None:
    del context
    raw.recv(65536)
    hangs(raw, b"")


def drips_its_handshake(raw: socket.socket, context: ssl.SSLContext) -> None:
    """Passes the server's part of the handshake on, a byte every 20 ms: it would take a minute."""
    ours, theirs = socket.socketpair()

    def handshake() -> None:
        with suppress(OSError), context.wrap_socket(theirs, server_side=True):
            pass

    threading.Thread(target=handshake, daemon=True).start()
    with ours:
        ours.sendall(raw.recv(65536))
        while byte := ours.recv(1):
            raw.sendall(byte)
            time.sleep(0.02)


def drips_its_answer(raw: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(raw, server_side=True) as tls:
        tls.recv(65536)
        for byte in ok(b"x" * 1000):
            tls.sendall(bytes([byte]))
            time.sleep(0.02)


def reads_nothing(raw: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(raw, server_side=True):
        time.sleep(LATE + 5)


def reads_slowly(raw: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(raw, server_side=True) as tls:
        while tls.recv(16_384):
            time.sleep(0.02)


def breaks_off(raw: socket.socket, context: ssl.SSLContext) -> None:
    """Takes the request, and answers with what is no TLS."""
    tls = context.wrap_socket(raw, server_side=True)
    tls.recv(65536)
    with socket.socket(fileno=tls.detach()) as bare:
        bare.sendall(ok(b"{}"))


def send(url: str, client: HttpClient | None = None, body: bytes = b"{}", seconds: float = 20) -> int:
    return (client or HttpClient()).send("POST", url, headers={}, body=body, seconds=seconds).status


def test_a_connection_is_kept_and_all_share_one_context(certificate: ssl.SSLContext) -> None:
    client = HttpClient()
    with listening(certificate, answers) as url:
        assert [send(url, client), send(url, client), send(url)] == [200, 200, 200]

    assert connection._trust.cache_info().misses == 1


def test_head_and_body_leave_in_one_record(certificate: ssl.SSLContext) -> None:
    records = []

    def reads_one(raw: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(raw, server_side=True) as tls:
            records.append(tls.recv(65536))  # of one record at most
            tls.sendall(ok(b"{}"))

    with listening(certificate, reads_one) as url:
        send(url, body=b"all of it")

    assert records[0].startswith(b"POST / HTTP/1.1\r\n")
    assert records[0].endswith(b"\r\n\r\nall of it")


def test_an_unknown_authority_is_not_trusted(certificate: ssl.SSLContext, tmp_path: Path) -> None:
    other = throwaway_certificate("localhost", tmp_path / "other.pem")
    with listening(other, answers) as url, pytest.raises(Transient) as caught:
        send(url)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


def test_a_certificate_for_another_name_is_not_trusted(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest: resolve("127.0.0.1", *rest))
    with listening(certificate, answers) as url:
        assert send(url) == 200
        with pytest.raises(Transient) as caught:
            send(url.replace("localhost", "vendor.test"))

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


def test_a_tls_failure_after_the_request_leaves_its_outcome_unknown(certificate: ssl.SSLContext) -> None:
    with listening(certificate, breaks_off) as url, pytest.raises(Transient) as caught:
        send(url)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("reset", True)


@pytest.mark.parametrize(
    ("serve", "body", "may_have_arrived"),
    [
        (hangs_in_the_handshake, b"{}", False),
        (drips_its_handshake, b"{}", False),
        (drips_its_answer, b"{}", True),
        (reads_nothing, b"x" * 50_000_000, True),
        (reads_slowly, b"x" * 50_000_000, True),
    ],
    ids=[
        "handshake that hangs",
        "handshake that drips",
        "answer that drips",
        "body that nobody reads",
        "body that is read slowly",
    ],
)
def test_what_takes_too_long_is_cut_at_the_deadline(
    certificate: ssl.SSLContext, serve: Serve, body: bytes, may_have_arrived: bool
) -> None:
    started = time.monotonic()
    with listening(certificate, serve) as url, pytest.raises(Transient) as caught:
        send(url, body=body, seconds=0.5)

    assert time.monotonic() - started < 0.5 + LATE
    assert (caught.value.reason, caught.value.may_have_arrived) == ("timeout", may_have_arrived)
