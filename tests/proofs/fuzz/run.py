"""Sends the fuzz's requests from several processes and adds up what came back."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from tests.proofs.fuzz import dialects
from tests.proofs.fuzz.http1 import Connection, Request, Response

PROCESSES = 4
"""The local AWS keeps a process for each call that is under way."""

PORTION = 25
"""Requests between two looks at the clock."""

FINDINGS = 200
"""How many distinct findings are kept, each with the shortest request that showed it."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Requests of some kinds, `count` of each, for the routes of one endpoint (their numbers in `samples()`),
    or of the document's operations."""

    kinds: tuple[str, ...]
    routes: tuple[int, ...] = ()
    count: int
    seed: int
    of_the_document: bool = False


@dataclass
class Tally:
    """The requests and responses; a finding is (what is wrong, route) with its shortest request."""

    requests: int = 0
    by_route: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: dict[tuple[str, str], tuple[bytes, Response]] = field(default_factory=dict)
    rows: set[str] = field(default_factory=set)

    def add(self, request: Request, response: Response) -> None:
        """Judge an answer and count it."""
        self.requests += 1
        self.by_kind[request.kind] += 1
        status = f"{response.status // 100}xx" if response.status else "none"
        self.by_route[request.route, status] += 1
        if response.status and not dialects.by_a_function(response):
            self.own[f"{request.kind}: {response.status} {response.body[:60].decode('latin-1')}"] += 1
        if response.status == 201 and not response.header("idempotency-replayed"):
            self.rows.add(response.header("gateway-event-id"))
        # A key that another item had makes a dead letter.
        if not request.header("Idempotency-Key"):
            self.rows |= {item["event_id"] for item in dialects.items(response) if item.get("status") == 201}
        for problem in dialects.judge(request, response):
            key = (problem, request.route)
            self.found[key] += 1
            raw = request.bytes("127.0.0.1")
            if key in self.shown and len(self.shown[key][0]) <= len(raw):
                continue
            if key in self.shown or len(self.shown) < FINDINGS:
                self.shown[key] = (raw[:4000], response)

    def merge(self, other: Tally) -> None:
        """Add another's figures."""
        self.requests += other.requests
        for name in ("by_route", "by_kind", "own", "found"):
            getattr(self, name).update(getattr(other, name))
        self.rows |= other.rows
        for key, value in other.shown.items():
            if key not in self.shown or len(value[0]) < len(self.shown[key][0]):
                self.shown[key] = value

    def matching(self, *rules: str) -> int:
        """How many findings begin with one of these."""
        return sum(count for (text, _), count in self.found.items() if text.startswith(rules))


_OURS = re.compile(rb"local-(client-key|[a-z]+-credential)")
"""Hypothesis also draws the texts that it finds in our own modules. What a caller wrote himself could not be
told from what leaked."""


def seed_of(*parts: object) -> int:
    """A seed of its own for each part of a run, the same in every run of the same seed."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6])


def run(url: str, jobs: Iterable[Job], *, until: float) -> Tally:
    """Do the jobs, four at a time, until `until` (Unix seconds); each sends one portion at least."""
    tally = Tally()
    # Making requests costs more than answering them: what is judged goes first.
    with ProcessPoolExecutor(
        PROCESSES, mp_context=get_context("spawn"), initializer=os.nice, initargs=(10,)
    ) as pool:
        waiting = [pool.submit(do, url, job, until) for job in jobs]
        for done in as_completed(waiting):
            tally.merge(done.result())
    return tally


def do(url: str, job: Job, until: float) -> Tally:
    """One job, in the process that it runs in."""
    tally = Tally()
    with Connection(url) as connection:

        def send(request: Request) -> None:
            tally.add(request, connection.send(request))

        for name, strategy in _strategies(job):
            end = tally.requests + job.count
            for portion in count(seed_of(job.seed, name)):
                before = tally.requests
                if before >= end or (before and time.time() > until):
                    break
                _send(send, strategy, min(end - before, PORTION), portion)
                if tally.requests == before:
                    break  # Hypothesis knows no request of this kind
    return tally


def _strategies(job: Job) -> Iterable[tuple[str, st.SearchStrategy[Request]]]:
    if job.of_the_document:
        from tests.proofs.fuzz import document  # a second's import that the other processes save

        for number in job.routes:
            for mode in job.kinds:
                yield f"{number} {mode}", document.strategy(number, mode)
        return
    from tests.proofs.fuzz import made
    from tests.proofs.fuzz.samples import samples

    for turn, kind in enumerate(job.kinds):
        if not job.routes:
            yield f"{turn} {kind}", made.strategy(None, kind)
        for number in job.routes:
            yield f"{turn} {kind} {number}", made.strategy(samples()[number], kind)


def _send(
    send: Callable[[Request], None], strategy: st.SearchStrategy[Request], most: int, start: int
) -> None:
    """Send `most` requests of a strategy; fewer where Hypothesis knows no more."""

    @seed(start)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(request: Request) -> None:
        assume(not _OURS.search(request.target + request.body))
        send(request)

    # A call without a parameter or a body has no request that the document forbids.
    with suppress(Unsatisfiable):
        each()
