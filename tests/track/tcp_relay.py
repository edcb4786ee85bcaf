"""A TCP relay between a store and its database that can be cut at the worst moment."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Cut = Literal["", "after the statement", "before the answer", "silent"]


class TcpRelay:
    """Passes bytes on to `port`. With `cut` set, the next INSERT is the last thing that the store says on its
    connection: it is swallowed (`after the statement`), executed and its answer lost (`before the answer`),
    or executed and its answer kept back while the connection stays open (`silent`)."""

    def __init__(self, port: int) -> None:
        """Listens on a free loopback port."""
        self._upstream = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut: Cut = ""
        self.cuts = 0
        self._deaf = False
        self._executed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._upstream)) as server:
            threading.Thread(target=self._answers, args=[server, client], daemon=True).start()
            while data := client.recv(65536):
                if self.cut and b"INSERT" in data:
                    self._last_words(data, server)
                    return
                server.sendall(data)

    def _last_words(self, data: bytes, server: socket.socket) -> None:
        cut, self.cut = self.cut, ""
        self.cuts += 1
        if cut != "after the statement":
            self._executed.clear()
            self._deaf = True
            server.sendall(data)
            self._executed.wait(5)
        if cut == "silent":
            threading.Event().wait(3)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._deaf:
                    self._executed.set()
                    self._deaf = False
                else:
                    client.sendall(data)

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()


@contextmanager
def relay_to(port: int) -> Iterator[TcpRelay]:
    """A relay to a port of this machine."""
    relay = TcpRelay(port)
    try:
        yield relay
    finally:
        relay.close()
