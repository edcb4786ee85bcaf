"""Serves the console in a thread of the local run, and ends with it at once."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from tools.console.guard import App

STOP_SECONDS = 1
"""How long a call in progress may take when the run ends: event streams would go on for ever."""

LOGGER = "uvicorn.error"
"""What is logged there is in the run's console.log."""


class Serving:
    """Listens on 127.0.0.1 for the length of a `with` block, in a thread of its own."""

    def __init__(self, app: App, port: int, *, log: Path | None = None) -> None:
        """`log`: where errors go, as text, in a folder that exists. No addresses are logged: one of them
        holds the token."""
        self._port = port
        self._log = log
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._handler: logging.Handler | None = None

    def __enter__(self) -> Self:
        """Listen. Raises OSError if the port is not available."""
        self._socket = socket.create_server(("127.0.0.1", self._port), backlog=128)
        if self._log is not None:
            self._handler = logging.FileHandler(self._log, mode="w", delay=True)
            self._handler.setLevel(logging.WARNING)
            logging.getLogger(LOGGER).addHandler(self._handler)
        logging.getLogger(LOGGER).propagate = False
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and end open calls."""
        self._server.should_exit = True
        self._thread.join()
        logging.getLogger(LOGGER).propagate = True
        if self._handler is not None:
            logging.getLogger(LOGGER).removeHandler(self._handler)
            self._handler.close()
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        assert self._socket is not None  # noqa: S101 - set when `with` was entered
        self._server.run(sockets=[self._socket])
