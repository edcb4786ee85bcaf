"""The newest events of a run, in memory: joined from calls and log lines, listed by filters."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.task import batch_id
from tools.console.event import Event
from tools.console.message import Message
from tools.operator.life.items import SHARED
from tools.operator.life.lines import ids

MOST_EVENTS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""Of all headers and bodies together: the oldest are forgotten first, their events stay."""

_MOST_EARLY = 1000
"""Events of which lines came before their call did, or that are no longer or never were in the ring."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which events are listed; an empty condition holds for all.

    `text` is in path, id, headers or bodies; `id` is an event id or its beginning, in any case; that of a
    batch's item finds the batch.
    """

    system: str = ""
    outcome: str = ""
    text: str = ""
    id: str = ""

    def includes(self, event: Event) -> bool:
        """Whether an event meets every condition."""
        return (
            self.system in ("", event.system)
            and self.outcome in ("", event.outcome)
            and self._names(event.id or "")
            and (not self.text or event.holds(self.text.lower()))
        )

    def _names(self, event_id: str) -> bool:
        wanted = self.id.strip().upper()
        return event_id.startswith(wanted) or event_id == batch_id(wanted)


class Ring:
    """Events by their numbers, which only grow. Every method may be called from any thread."""

    def __init__(self, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES) -> None:
        """Empty."""
        self._most_events, self._most_bytes = most_events, most_bytes
        self._lock = threading.RLock()
        self._events: OrderedDict[int, Event] = OrderedDict()
        self._by_id: dict[str, Event] = {}
        self._early: OrderedDict[str, list[str]] = OrderedDict()
        self._bytes = 0
        self._forgotten = 0
        self._changes = 0

    def begin(self, number: int, at: float, source: str, request: Message) -> Event:
        """A call was received."""
        with self._lock:
            event = Event(number=number, at=at, source=source, request=request)
            self._events[number] = event
            self._bytes += event.size
            self._change(event)
            while len(self._events) > self._most_events:
                self._drop()
            self._make_room()
            return event

    def end(self, number: int, response: Message, milliseconds: float) -> Event | None:
        """A call was answered; None if its event is no longer here."""
        with self._lock:
            event = self._events.get(number)
            if event is None:
                return None
            before = event.size
            event.answered(response, milliseconds)
            if number < self._forgotten:  # its request is gone already
                event.forget()
            self._bytes += event.size - before
            if event.id is not None:
                self._by_id[event.id] = event
                event.lines += self._early.pop(event.id[:SHARED], [])
            event.learn()
            self._change(event)
            self._make_room()
            return event

    def add_line(self, text: str, fields: Mapping[str, Any]) -> list[Event]:
        """A log line was written: the events that are to `learn` of it. An item's is its batch's."""
        found: dict[int, Event] = {}
        with self._lock:
            for event_id in ids(fields):
                event = self._by_id.get(event_id) or self._by_id.get(batch_id(event_id))
                if event is not None:
                    found[event.number] = event
                    continue
                early = self._early.setdefault(event_id[:SHARED], [])
                if text not in early[-1:]:
                    early.append(text)
                if len(self._early) > _MOST_EARLY:
                    self._early.popitem(last=False)
            for event in found.values():
                event.lines.append(text)
        return list(found.values())

    def learn(self, event: Event) -> None:
        """Take over what an event's new lines tell: once for many, because each is read again."""
        with self._lock:
            event.learn()
            self._change(event)

    def get(self, number: int) -> Event | None:
        """An event, None if it is not here."""
        with self._lock:
            return self._events.get(number)

    def page(self, wanted: Filter, before: int | None, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The newest events with a number below `before`, newest first, and how many there are in all."""
        found: list[dict[str, Any]] = []
        total = 0
        with self._lock:
            newest_first = list(reversed(self._events.values()))
        # Not under the lock: to search all bodies takes a while, and the stream waits for nothing.
        for event in newest_first:
            if wanted.includes(event):
                total += 1
                if len(found) < limit and (before is None or event.number < before):
                    found.append(event.summary())
        return found, total

    def requests(self) -> list[Message]:
        """Of all events."""
        with self._lock:
            return [event.request for event in self._events.values()]

    def changed_since(self, change: int) -> Iterator[Event]:
        """The events that changed after that change, in the order of their numbers."""
        with self._lock:
            return iter([event for event in self._events.values() if event.changed > change])

    @property
    def changes(self) -> int:
        """How many changes there have been."""
        return self._changes

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._events)

    def _change(self, event: Event) -> None:
        self._changes += 1
        event.changed = self._changes

    def _drop(self) -> None:
        _, event = self._events.popitem(last=False)
        self._bytes -= event.size
        if event.id is not None and self._by_id.get(event.id) is event:
            del self._by_id[event.id]

    def _make_room(self) -> None:
        if self._bytes <= self._most_bytes:
            return
        for number, event in self._events.items():
            if number < self._forgotten:
                continue
            self._bytes -= event.size
            event.forget()
            self._forgotten = number + 1
            if self._bytes <= self._most_bytes:
                return
