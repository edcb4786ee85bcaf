"""Brings the run's calls and log lines into the ring, in a thread that no caller waits for."""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from tools.console import message
from tools.console.event import Event
from tools.console.follow import Follower
from tools.console.rates import Rates
from tools.console.ring import Ring
from tools.console.server import LOGGER
from tools.local.front.exchange import Answered, Received
from tools.masks import Masks

PAUSE_SECONDS = 0.1
"""How late an event or a line may be in the ring."""

APP, CONSOLE = "app", "console"
"""Who makes a call."""

_ABOUT_AN_EVENT = '"event_id'


class Collector:
    """Collects for the length of a `with` block; `heard` is a listener of the front."""

    def __init__(
        self, ring: Ring, rates: Rates, masks: Masks, lines: Follower, changed: Callable[[], None]
    ) -> None:
        """`lines`: the functions' log lines. `changed`: is called after each round that changed something."""
        self._ring, self._rates, self._masks, self._lines = ring, rates, masks, lines
        self._changed = changed
        self._heard: queue.SimpleQueue[tuple[Received, str] | Answered] = queue.SimpleQueue()
        self._own: dict[int, int] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console's collector", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._stopped.set()
        self._thread.join()

    def heard(self, what: Received | Answered) -> None:
        """The front received or answered a call."""
        if isinstance(what, Answered):
            self._heard.put(what)
            return
        port = what.client[1]
        is_own = port in self._own
        if is_own:
            self._own[port] = what.number
        self._heard.put((what, CONSOLE if is_own else APP))

    @contextmanager
    def own_call(self) -> Iterator[Callable[[int], None]]:
        """For a call that the console itself makes to the front: what to tell its local port beforehand.

        Afterwards the port may be any program's.
        """
        ports: list[int] = []

        def connected(port: int) -> None:
            ports.append(port)
            self._own[port] = 0

        try:
            yield connected
        finally:
            for port in ports:
                self._own.pop(port, None)

    def number(self, port: int) -> int:
        """The number of the own call from that port, once its answer is in the ring; 0 if none came."""
        number = self._own.get(port, 0)
        deadline = time.monotonic() + 10 * PAUSE_SECONDS
        while number and time.monotonic() < deadline:
            event = self._ring.get(number)
            if event is not None and event.response is not None:
                break
            time.sleep(PAUSE_SECONDS / 5)
        return number

    def collect(self) -> bool:
        """Take over what has come since the last time; whether anything has."""
        # Calls first: the lines of a call are written before it is answered.
        new = False
        while True:
            try:
                what = self._heard.get_nowait()
            except queue.Empty:
                break
            new = True
            if isinstance(what, Answered):
                self._end(what)
            else:
                self._begin(*what)
        while lines := self._lines.lines():
            told: dict[int, Event] = {}
            for line in lines:
                with self._unforeseen():
                    told |= {event.number: event for event in self._line(line)}
            for event in told.values():
                with self._unforeseen():
                    self._ring.learn(event)
            new = new or bool(told)
        return new

    @staticmethod
    @contextmanager
    def _unforeseen() -> Iterator[None]:
        """A line that nobody foresaw must not hide those that were read with it."""
        try:
            yield
        except Exception:
            logging.getLogger(LOGGER).exception("a log line was not collected")

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            try:
                changed = self.collect()
            except Exception:
                # An event that nobody foresaw must not hide those after it.
                logging.getLogger(LOGGER).exception("an event was not collected")
                changed = True
            if changed:
                self._changed()

    def _begin(self, call: Received, source: str) -> None:
        request = message.request(
            call.method.decode("latin-1"),
            call.target.decode("latin-1"),
            message.fields(call.headers),
            call.body,
        )
        self._masks.learn(request.headers, str(request.start["target"]))
        self._ring.begin(call.number, call.at, source, request)

    def _end(self, answer: Answered) -> None:
        response = message.response(
            answer.status, answer.reason.decode("latin-1"), message.fields(answer.headers), answer.body
        )
        self._ring.end(answer.number, response, answer.milliseconds)
        self._rates.call(time.time(), answer.status, answer.milliseconds)

    def _line(self, text: str) -> Sequence[Event]:
        if _ABOUT_AN_EVENT not in text:
            return ()
        try:
            fields = json.loads(text)
        except ValueError:
            return ()
        if not isinstance(fields, dict):
            return ()
        tries = fields.get("tries")
        if isinstance(tries, list):
            took = [each.get("milliseconds") for each in tries if isinstance(each, dict)]
            self._rates.upstream(time.time(), [each for each in took if isinstance(each, int | float)])
        return self._ring.add_line(text, fields)
