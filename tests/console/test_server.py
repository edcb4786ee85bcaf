"""The console's server: it ends with the run, whatever its pages still wait for."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tools.console.relay import relay
from tools.console.server import Serving
from tools.local.ports import free_port, refused
from tools.send.http1 import Request, Response

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])]


def front(request: Request) -> Response:
    raise AssertionError(request)


def test_its_end_waits_for_no_call_in_progress(tmp_path: Path) -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        begun.set()
        may_end.wait(20)
        ended.set()
        return Response(status=200, reason="OK", headers=(), body=b"")

    port = free_port()
    app = relay(slow, "$CLIENT_KEY", "key")

    def call() -> None:
        with suppress(requests.ConnectionError):
            requests.post(f"http://127.0.0.1:{port}/try/x", timeout=60)

    calling = threading.Thread(target=call)
    with Serving(app, port, log=tmp_path / "console.log"):
        calling.start()
        assert begun.wait(20)
    waited = ended.is_set()
    may_end.set()
    calling.join()

    assert not waited


def test_it_listens_at_no_other_address() -> None:
    """127.0.0.2 is this machine too: it answers for a server that listens at every address."""
    with (
        Serving(relay(front, "$CLIENT_KEY", "key"), port := free_port()),
        socket.create_connection(("127.0.0.1", port), timeout=20),
        pytest.raises(OSError, match=r"refused|unreachable|timed out"),
    ):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_port_that_was_taken_meanwhile_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with (
            pytest.raises(OSError, match="Address already in use") as raised,
            Serving(relay(front, "$CLIENT_KEY", "key"), port),
        ):
            pytest.fail("it serves")

    assert f"`make local CONSOLE_PORT={port + 1}`" in str(refused(raised.value, port, "CONSOLE_PORT"))
