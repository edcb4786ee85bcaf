"""The apps: send a subject's events in order, many subjects at once, and remember every answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.proofs.faults.events import Event

BATCH = 12
"""Events without a key in one batch: more than SQS takes at once."""

PATIENCE_SECONDS = 30
"""Longer than any function may take: an app's own time-out would hide what the gateway did."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request: `at` and `answered_at` in Unix seconds. `delivery` is what the gateway said became of the
    event; None with a `status` means that the gateway's function gave no answer, None for both that nobody
    did."""

    at: float
    answered_at: float
    status: int | None = None
    delivery: str | None = None
    event_id: str | None = None
    replayed: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the app was told that its event is safe."""
        return self.status is not None and self.status < 300

    @property
    def answered(self) -> bool:
        """Whether the gateway itself said what became of the event."""
        return self.delivery is not None


class Clients:
    """A number of apps at once, at one address."""

    def __init__(self, url: str, at_once: int) -> None:
        """`url`: the API's."""
        at = urlsplit(url)
        self._host, self._port = at.hostname or "", at.port
        self._at_once = at_once
        self._turn = threading.Lock()
        self._over = False
        self.attempts: dict[Event, list[Attempt]] = {}

    def send(self, events: Sequence[Event], retries: int = 1) -> None:
        """Send them all; one subject's events follow each other, but for those in batches. An app with a key
        tries again."""
        by_subject: dict[int, list[Event]] = {}
        batches: dict[object, list[Event]] = {}
        for event in events:
            if event.by_door and not event.key:
                asked = event.batch
                batches.setdefault((asked.target, *asked.headers.items()), []).append(event)
            else:
                by_subject.setdefault(event.subject, []).append(event)
        with ThreadPoolExecutor(self._at_once) as pool:
            try:
                sent: list[Future[Any]] = [
                    pool.submit(self._in_order, row, retries) for row in by_subject.values()
                ]
                for batch in batches.values():
                    parts = [batch[start : start + BATCH] for start in range(0, len(batch), BATCH)]
                    sent += [pool.submit(self._batch, part) for part in parts]
                for done in sent:
                    done.result()
            except BaseException:
                self._over = True
                raise

    def send_together(self, event: Event, copies: int) -> None:
        """The same request, that many times at once."""
        start = threading.Barrier(copies)

        def one() -> None:
            start.wait()
            self._once(event)

        with ThreadPoolExecutor(copies) as pool:
            for done in [pool.submit(one) for _ in range(copies)]:
                done.result()

    def once_more(self, events: Iterable[Event]) -> None:
        """One further try each."""
        with ThreadPoolExecutor(self._at_once) as pool:
            for _ in pool.map(self._once, events):
                pass

    def _in_order(self, events: Sequence[Event], retries: int) -> None:
        for event in events:
            if self._over:
                return
            self._until_told(event, retries)

    def _until_told(self, event: Event, retries: int) -> None:
        for _ in range(1 + (retries if event.key else 0)):
            attempt = self._once(event)
            if attempt.acknowledged or attempt.delivery == "rejected":
                return
            time.sleep(0.2)

    def _batch(self, events: Sequence[Event]) -> list[Attempt]:
        """One try of several events in a batch; they differ in nothing but their bodies."""
        asked = events[0].batch
        key = events[0].key
        headers = dict(asked.headers) | ({"Idempotency-Key": key} if key else {})
        body = b"[" + b",".join(event.asked.body for event in events) + b"]"
        begun = time.time()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(asked.method, asked.target, body, headers)
            response = connection.getresponse()
            content = response.read()
            told = json.loads(content)["items"] if response.status in (200, 207) else []
            whole = {"status": response.status, "delivery": response.headers.get("Gateway-Delivery")}
        except (OSError, http.client.HTTPException):
            told, whole = [], {}
        finally:
            connection.close()
        told = told or [whole] * len(events)
        attempts = [
            Attempt(
                at=begun,
                answered_at=time.time(),
                status=item.get("status"),
                delivery=item.get("delivery"),
                event_id=item.get("event_id"),
            )
            for item in told
        ]
        with self._turn:
            for event, attempt in zip(events, attempts, strict=True):
                self.attempts.setdefault(event, []).append(attempt)
        return attempts

    def _once(self, event: Event) -> Attempt:
        if event.by_door:
            return self._batch([event])[0]
        asked = event.asked
        headers = dict(asked.headers) | ({"Idempotency-Key": event.key} if event.key else {})
        begun = time.time()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(asked.method, asked.target, asked.body, headers)
            response = connection.getresponse()
            response.read()
            attempt = Attempt(
                at=begun,
                answered_at=time.time(),
                status=response.status,
                delivery=response.headers.get("Gateway-Delivery"),
                event_id=response.headers.get("Gateway-Event-Id"),
                replayed="Idempotency-Replayed" in response.headers,
            )
        except (OSError, http.client.HTTPException):
            attempt = Attempt(at=begun, answered_at=time.time())
        finally:
            connection.close()
        with self._turn:
            self.attempts.setdefault(event, []).append(attempt)
        return attempt
