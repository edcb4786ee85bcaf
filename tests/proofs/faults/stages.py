"""What can be made to fail while a stage of a run lasts, and how it is seen that it did."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.profiles import Profile, profiles, vendors
from tests.proofs.faults.aws_proxy import Rule
from tests.proofs.faults.bench import VENDORS, VISIBILITY_SECONDS, Bench
from tests.proofs.faults.clients import Attempt
from tests.proofs.faults.kinds import Kind
from tests.proofs.faults.processes import Killed
from tools.local.workers import start_event_sources, stop_event_sources

BACKLOG_SECONDS = 40

STORES = tuple(profiles().keys() - vendors().keys())
"""The systems that store their events themselves."""


class Fault(Protocol):
    """Something that is made to fail while a stage lasts."""

    @property
    def name(self) -> str:
        """What it is called in the report."""

    def start(self, bench: Bench) -> None:
        """From now on."""

    def stop(self, bench: Bench) -> int:
        """No longer; how often it was met."""


@dataclass
class Upstream:
    """The sandbox's vendors misbehave: one at once, each by chance; `rule` is as the sandbox takes it."""

    fault: str
    rule: dict[str, Any] = field(default_factory=dict)
    systems: Sequence[str] = VENDORS
    _ids: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """`upstream: status 503`."""
        more = [f"{self.rule['status']}"] if "status" in self.rule else []
        more += ["after it took the event"] if self.rule.get("taken") else []
        more += [f"on {self.rule['path']}"] if "path" in self.rule else []
        return " ".join(["upstream:", self.fault, *more])

    def once(self, bench: Bench, number: int) -> None:
        """Be met by the next call of one vendor, `number` says of which: before any fault of chance, so that
        a short stage meets each. What is never queued is not tried again, and may be too little."""
        systems = [system for system in self.systems if system in bench.queueing] or self.systems
        rule = {name: value for name, value in self.rule.items() if name not in ("share", "seed")}
        system = systems[number % len(systems)]
        self._ids.append(bench.sandbox.fault(self.fault, system=system, **rule, next=1))

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._ids += [bench.sandbox.fault(self.fault, system=system, **self.rule) for system in self.systems]

    def stop(self, bench: Bench) -> int:
        """See Fault."""
        fired: int = sum(rule["fired"] for rule in bench.sandbox.faults() if rule["id"] in self._ids)
        for number in self._ids:
            bench.sandbox.clear_faults(number)
        self._ids.clear()
        return fired


@dataclass
class Aws:
    """The functions' calls to AWS fail."""

    rule: Rule

    @property
    def name(self) -> str:
        """The rule's."""
        return self.rule.name

    def start(self, bench: Bench) -> None:
        """See Fault."""
        bench.proxy.rules = [*bench.proxy.rules, self.rule]

    def stop(self, bench: Bench) -> int:
        """See Fault."""
        bench.proxy.rules = [rule for rule in bench.proxy.rules if rule is not self.rule]
        return self.rule.fired


@dataclass
class Repeated:
    """Something that is done over and over beside the stage. Subclasses say what."""

    seed: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _began: float = 0

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._over.clear()
        self._began = time.time()
        self._thread = threading.Thread(target=self.go_on, args=[bench], daemon=True)
        self._thread.start()

    def stop(self, bench: Bench) -> int:
        """See Fault."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        return self.met(bench)

    def go_on(self, bench: Bench) -> None:
        """Do it until it is over."""
        raise NotImplementedError

    def met(self, bench: Bench) -> int:
        """How often it was met."""
        raise NotImplementedError

    def answers(self, bench: Bench, *systems: str) -> list[Attempt]:
        """What apps of these systems were told meanwhile."""
        return [
            attempt
            for event, attempts in list(bench.clients.attempts.items())
            for attempt in list(attempts)
            if event.kind.system in systems and attempt.at >= self._began
        ]


@dataclass
class Gone(Repeated):
    """The vendors come and go: nobody listens where they were."""

    name: str = "upstream: connection refused"

    def go_on(self, bench: Bench) -> None:
        """A second away, half a second there."""
        while not self._over.is_set():
            bench.door.shut()
            self._over.wait(1.0)
            bench.door.open()
            self._over.wait(0.5)

    def met(self, bench: Bench) -> int:
        """Events that were queued: nothing else fails meanwhile."""
        return sum(attempt.delivery == "queued" for attempt in self.answers(bench, *VENDORS))


@dataclass
class Locked(Repeated):
    """The event store is locked by somebody for longer than a call may take."""

    name: str = "event store: locked"

    def go_on(self, bench: Bench) -> None:
        """Three seconds locked, half a second free."""
        while not self._over.is_set():
            with closing(sqlite3.connect(bench.store, timeout=30, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                self._over.wait(3.0)
                connection.execute("ROLLBACK")
            self._over.wait(0.5)

    def met(self, bench: Bench) -> int:
        """Rows that were queued."""
        return sum(attempt.delivery == "queued" for attempt in self.answers(bench, *STORES))


@dataclass
class Refusing(Repeated):
    """The event store refuses every row of one kind, for good."""

    name: str = "event store: refuses a row"

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._began = time.time()
        _alter(bench, "CREATE TRIGGER refuse BEFORE INSERT ON ItemEvent BEGIN SELECT RAISE(ABORT, 'no'); END")

    def stop(self, bench: Bench) -> int:
        """See Fault."""
        _alter(bench, "DROP TRIGGER refuse")
        return sum(attempt.delivery in ("rejected", "queued") for attempt in self.answers(bench, *STORES))


@dataclass
class Killing(Repeated):
    """Any of the functions' processes is killed, at any time."""

    name: str = "SIGKILL: any process, at random"
    most: int = 40
    pause: float = 1.5

    def go_on(self, bench: Bench) -> None:
        """One by one; each costs the next call a cold start, which is slow where processors are few."""
        chance = random.Random(self.seed)
        while self.met(bench) < self.most and not self._over.wait(chance.uniform(0.2, 1.8) * self.pause):
            pid = bench.functions.any(chance)
            function = bench.functions.kill(pid) if pid else None
            if pid and function:
                bench.proxy.killed.append(Killed(time.time(), pid, function, self.name))

    def met(self, bench: Bench) -> int:
        """The processes that were killed."""
        return sum(killed.why == self.name for killed in bench.proxy.killed)


@dataclass
class OwnAnswers:
    """Nothing is made to fail: vendors answer so by themselves, in the state that the profiles give them."""

    status: int
    _began: float = 0

    @property
    def name(self) -> str:
        """`upstream: 429 of its own`."""
        return f"upstream: {self.status} of its own"

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._began = time.time()

    def stop(self, bench: Bench) -> int:
        """Answers that no rule made."""
        return sum(
            entry.status == self.status and entry.fault is None and entry.at >= self._began
            for system, profile in profiles().items()
            if profile.proof.vendor
            for entry in bench.sandbox.entries(system)
        )


class Newcomers(OwnAnswers):
    """Those whom a vendor did not know are missing at first."""

    def start(self, bench: Bench) -> None:
        """See Fault."""
        super().start(bench)
        for system, profile in _with_newcomers():
            bench.sandbox.change(system, **profile.proof.newcomers)

    def stop(self, bench: Bench) -> int:
        """Answers that no rule made."""
        for system, profile in _with_newcomers():
            bench.sandbox.change(system, **profile.proof.vendor)
        return super().stop(bench)


def _with_newcomers() -> Iterator[tuple[str, Profile]]:
    return ((system, profile) for system, profile in profiles().items() if profile.proof.newcomers)


@dataclass
class Waiting:
    """Nothing is made to fail: calls must wait for their turn, as the settings have it."""

    name: str = "a call waits for its turn"
    _began: float = 0

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._began = time.time()

    def stop(self, bench: Bench) -> int:
        """Turns that were refused."""
        turns = {profile.proof.turn for profile in profiles().values()} - {None}
        return sum(
            seen.status == 400 and not turns.isdisjoint(seen.asked.names) and seen.at >= self._began
            for seen in list(bench.proxy.seen)
        )


@dataclass
class Backlog:
    """No worker gets a message until the stage is over: then they get batches."""

    name: str = "queued while no worker was on"

    def start(self, bench: Bench) -> None:
        """See Fault."""
        stop_event_sources(bench.stack.aws)

    def stop(self, bench: Bench) -> int:
        """Let the workers empty the queues; how much there was."""
        waiting = bench.waiting.count()
        start_event_sources(bench.stack.aws)
        bench.drain(BACKLOG_SECONDS)
        return waiting


@dataclass
class SeenTwice:
    """A message is handed to a second worker while the first still works on it."""

    name: str = "race: two workers on one message"
    _began: float = 0

    def start(self, bench: Bench) -> None:
        """See Fault."""
        self._began = time.time()
        bench.visibility(1)

    def stop(self, bench: Bench) -> int:
        """Claims of keys that were another's."""
        bench.visibility(VISIBILITY_SECONDS)
        return sum(
            seen.asked.state == "sending" and seen.status == 400 and seen.at >= self._began
            for seen in list(bench.proxy.seen)
        )


@dataclass
class Together:
    """One request many times at once, under one key of the client's or of the contract's."""

    name: str = "race: one key in parallel"
    met: int = 0

    def start(self, bench: Bench) -> None:
        """See Fault."""

    def stop(self, bench: Bench) -> int:
        """Tries that found the key taken, settled or in flight."""
        return self.met


@dataclass(frozen=True)
class Stage:
    """A part of the run: `share` of its events are sent while the faults last, `linger` seconds longer for
    the workers. `together` sends each event several times at once. `only` chooses the kinds that it is about.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    share: float = 1.0
    linger: float = 1.0
    together: int = 0
    only: Callable[[Kind], bool] = lambda kind: True


def _alter(bench: Bench, statement: str) -> None:
    with closing(sqlite3.connect(bench.store, timeout=30)) as connection:
        connection.execute(statement)
        connection.commit()
