"""A peer on the loopback interface that answers with exactly the bytes that a test gives it."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

type Behaviour = Callable[[socket.socket, bytes], None]


@contextmanager
def peer(behave: Behaviour) -> Iterator[tuple[str, list[bytes]]]:
    """Listen; `behave` gets each connection and request. Yields the URL and the requests."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                while request := _request(connection):
                    seen.append(request)
                    behave(connection, request)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answers(*parts: bytes, pause: float = 0) -> Behaviour:
    """Write the parts, `pause` seconds apart, and keep the connection."""

    def behave(connection: socket.socket, request: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return behave


def answers_and_closes(*parts: bytes) -> Behaviour:
    """Write the parts and close the connection."""

    def behave(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"".join(parts))
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def hangs(connection: socket.socket, request: bytes) -> None:
    """Answer nothing until the other side has gone."""
    connection.recv(1)


def resets(connection: socket.socket, request: bytes) -> None:
    """Reset the connection without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def ok(body: bytes, *headers: str) -> bytes:
    """A 200 with a length."""
    head = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
