"""A small world for the protocol: one key, its record, a queue, dead letters, an upstream.

The steps are the real ones (`gateway.delivery.protocol`), and so are the transitions of
the record (`gateway.delivery.idempotency`); only the outside is made up. `search` runs the processes in
every order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway.core.errors import Refused, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.delivery import idempotency
from gateway.delivery.idempotency import Claim, Claimed, InFlight, Record, RecordState, Unavailable
from gateway.delivery.outcomes import Dead, Delivered, Done, Dropped, Ending, Queued, Replayed
from gateway.delivery.policy import DeliveryPolicy
from gateway.delivery.protocol import first_attempt, giving_up, redelivery, redelivery_by_event_id
from gateway.delivery.steps import (
    Enqueue,
    Release,
    Result,
    Send,
    Step,
    TryClaim,
    WriteDeadLetter,
    WriteDone,
    WriteQueued,
)

OK, REFUSAL, NOT_SENT, LOST = "ok", "refusal", "not sent", "lost"
ENDS_OF_A_SEND: dict[Any, Result] = {
    OK: Reply(status=200),
    REFUSAL: Refused(Reply(status=400)),
    NOT_SENT: Transient("unreachable"),
    LOST: Transient("timeout", may_have_arrived=True),
}
LEASE = 1.0
TOLD: Any = "the first answer"
"""What the record keeps for a replay of an app's call; the worker answers nobody."""


type Kind = Literal["client", "worker", "unclaimed", "late pass", "late unclaimed", "last pass"]
"""`unclaimed`: a worker's pass that claims no key; `late`: the message's day is over."""


@dataclass(frozen=True)
class World:
    """What outlives a process.

    `copies` are messages in the queue; `effects` is how often the upstream took the task; `unknown_tries` is
    how many sends of workers may have arrived and are not recorded, where those are bounded. `windows` names
    what happened that no protocol can undo: a send whose end was never recorded.
    """

    record: Record | None = None
    copies: frozenset[int] = frozenset()
    made: int = 0
    dead: int = 0
    effects: int = 0
    unknown_tries: int = 0
    windows: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Process:
    """An API call or a worker's pass. `heard` are the results of its steps so far, in order."""

    name: str
    kind: Kind
    heard: tuple[Any, ...] = field(default=(), compare=False)
    at: tuple[Any, ...] = ()
    """Where it stands: its next step and its variables. Two ways of coming there are one state."""
    end: str | None = None
    copy: int | None = None
    unrecorded: bool = False
    """It made the upstream take the task, and has not recorded it yet."""

    @property
    def running(self) -> bool:
        """Whether it may still do something."""
        return self.end is None


CRASHED, ACKNOWLEDGED = "crashed", "acknowledged"
FIRST = "client 0"

BESIDE = "sent beside another"
"""An attempt that was sent although another one with its key was in flight."""


@dataclass(frozen=True)
class Rules:
    """What a task may come to: its `policy`, the bound on a worker's `unknown_tries`, and whether the
    upstream `settled` repeats itself, by a key of its own. `takes_once`: the upstream takes an event id once,
    and accepts it again without an effect. `held`: every client but the first calls while the system is on
    hold, which may begin or end between them. `drained_by`: whose passes empty the queue in the end."""

    policy: DeliveryPolicy
    unknown_tries: float = math.inf
    settled: bool = False
    takes_once: bool = False
    held: bool = False
    drained_by: Kind = "worker"

    def policy_of(self, client: Process) -> DeliveryPolicy:
        """The policy of a client's call."""
        return self.policy.queue_first() if self.held and client.name != FIRST else self.policy

    @property
    def most(self) -> float:
        """How many sends of workers may end unknown. One is always made, or nothing would ever be sent."""
        return max(1, self.unknown_tries)


class Broken(AssertionError):
    """A promise that the protocol does not keep, with the way that led there."""


def _run(process: Process, rules: Rules) -> tuple[Step | tuple[str, Any], tuple[Any, ...]]:
    """The process's next step, or how it ended, and where it stands: run anew from what it heard."""
    steps: Any
    match process.kind:
        case "client":
            steps = first_attempt(rules.policy_of(process))
        case "worker" | "late pass":
            steps = redelivery(unknown_tries=rules.unknown_tries, last=process.kind == "late pass")
        case "unclaimed" | "late unclaimed":
            steps = redelivery_by_event_id(last=process.kind == "late unclaimed")
        case "last pass":
            steps = giving_up(Ending.WINDOW_OVER)
    try:
        step = steps.send(None)
        for heard in process.heard:
            step = steps.send(ENDS_OF_A_SEND[heard] if isinstance(heard, str) else heard)
    except StopIteration as end:
        return ("ended", end.value), ("ended", type(end.value))
    return step, tuple(_standing(steps))


def _standing(steps: Any) -> Iterator[tuple[Any, ...]]:
    """The line and the variables of a generator, and of those that it waits for."""
    while steps is not None:
        frame = steps.gi_frame
        variables = frozenset(
            (name, _token(value)) for name, value in frame.f_locals.items() if name != "verdict"
        )
        yield frame.f_lasti, variables
        steps = steps.gi_yieldfrom


def _token(value: Any) -> Any:
    """A value that can be compared: replies hold headers, and an error equals no other of its class."""
    found = next((token for token, end in ENDS_OF_A_SEND.items() if value is end), value)
    if isinstance(found, Reply):
        return found.status
    return type(found) if isinstance(found, UpstreamError) else found


def _steps(process: Process, rules: Rules) -> Step | Any:
    return _run(process, rules)[0]


def outcomes(process: Process, world: World, rules: Rules, *, alive: bool) -> Iterator[tuple[Process, World]]:
    """What may come of the process's next step; `alive`: the record's owner still runs. Raises Broken."""
    step = _steps(process, rules)
    told = TOLD if process.kind == "client" else None
    # A crash before any step.
    yield _gone(process, CRASHED), _unrecorded(process, world)
    if isinstance(step, tuple):
        yield _ended(process, world, step[1])
        return

    def heard(result: Any, world: World, **changed: Any) -> tuple[Process, World]:
        after = replace(process, heard=(*process.heard, result), **changed)
        return replace(after, at=_run(after, rules)[1]), world

    match step:
        case TryClaim():
            yield heard(Unavailable(), world)
            wish = Claim(
                key="k",
                fingerprint="f",
                seconds=LEASE,
                worker=process.kind != "client",
                alone=step.alone,
                owner=process.name,
            )
            for now in _times(world.record, alive=alive):
                verdict = idempotency.claim(world.record, wish, now)
                if isinstance(verdict, Claimed):
                    # Time is not a part of a state: every lease ends at LEASE, and `_times` goes by it.
                    verdict = Claimed(_timeless(verdict.record, process, rules))
                    claimed = replace(world, record=verdict.record)
                    yield heard(verdict, claimed)
                    yield heard(Unavailable(), claimed)  # written, but the answer was lost
                else:
                    yield heard(_plain(verdict), world)
        case Send():
            tried = _tried(process, world, rules)
            taken = replace(tried, effects=world.effects + 1)
            if step.may_have_arrived and (world.record is None or world.record.owner != process.name):
                # Its key was in flight, and its answer cannot wait: only such an attempt owns no record.
                taken = replace(taken, windows=taken.windows | {BESIDE})
            if rules.takes_once and world.effects:
                yield heard(OK, world)
                yield heard(REFUSAL, world)
            elif rules.settled and world.effects:
                # An upstream that knows the task refuses the second, which after an unanswered send is a yes.
                yield heard(OK if step.may_have_arrived else REFUSAL, world)
            else:
                yield heard(OK, taken, unrecorded=True)
                yield heard(LOST, replace(taken, windows=taken.windows | {"answer lost"}))
                yield heard(REFUSAL, world)
            yield heard(LOST, tried)
            yield heard(NOT_SENT, world)
        case Enqueue():
            more = replace(world, copies=world.copies | {world.made}, made=world.made + 1)
            yield heard(True, more)
            yield heard(False, world)
            yield heard(False, more)  # the queue has it, but the answer was lost
        case WriteDeadLetter():
            yield heard(True, replace(world, dead=world.dead + 1))
            yield heard(False, world)
        case WriteDone():
            done = idempotency.done(step.record, told, 0, copies=step.copies)
            yield heard(None, _written(world, step.record, done), unrecorded=False)
            yield heard(None, _unrecorded(process, world), unrecorded=False)
        case WriteQueued():
            written = idempotency.queued(step.record, told, 0, may_have_arrived=step.may_have_arrived)
            yield heard(None, _written(world, step.record, written))
            yield heard(None, world)
        case Release():
            left = idempotency.released(step.record, may_have_arrived=step.may_have_arrived)
            yield heard(None, _written(world, step.record, left), unrecorded=False)
            yield heard(None, _unrecorded(process, world), unrecorded=False)


def _timeless(record: Record, process: Process, rules: Rules) -> Record:
    """The record as a part of a state: without times, and counting only as far as anybody looks."""
    if rules.unknown_tries == math.inf:
        tries = int(process.kind != "client")
    else:
        tries = min(record.unknown_tries, int(rules.most) + 1)
    return replace(record, lease=LEASE, expires=idempotency.KEEP_SECONDS, unknown_tries=tries)


def _tried(process: Process, world: World, rules: Rules) -> World:
    """After a send that may have arrived. Raises Broken if the bound forbade it."""
    if process.kind == "client" or rules.unknown_tries == math.inf or rules.settled:
        return world  # not bounded, or harmless
    if world.unknown_tries >= rules.most:
        raise Broken(f"sent once more after {world.unknown_tries} tries with an unknown outcome: {world}")
    return replace(world, unknown_tries=world.unknown_tries + 1)


def _times(record: Record | None, *, alive: bool) -> tuple[float, ...]:
    """A living attempt is within its lease; a dead one's may be over or not."""
    if record is None or record.state is not RecordState.SENDING or not record.lease:
        return (0.5,)
    return (0.5,) if alive else (0.5, 1.5)


def _plain(verdict: Any) -> Any:
    return InFlight(1.0, 1.0) if isinstance(verdict, InFlight) else verdict


def _written(world: World, owned: Record, record: Record | None) -> World:
    """A write on the condition that the record is still the attempt's own."""
    now = world.record
    mine = now is not None and (now.owner, now.state) == (owned.owner, owned.state)
    return replace(world, record=record) if mine else world


def _unrecorded(process: Process, world: World) -> World:
    if not process.unrecorded:
        return world
    return replace(world, windows=world.windows | {"delivery not recorded"})


def _ended(process: Process, world: World, end: Any) -> tuple[Process, World]:
    if process.kind != "client" and isinstance(end, Done | Dropped | Dead) and process.copy is not None:
        world = replace(world, copies=world.copies - {process.copy})
    return _gone(process, ACKNOWLEDGED if isinstance(end, Delivered | Queued | Replayed) else "ended"), world


def _gone(process: Process, end: str) -> Process:
    """What a process heard is of no matter once it is gone: fewer states, the same promises."""
    return Process(process.name, process.kind, end=end)


def drained(world: World, rules: Rules) -> World:
    """What becomes of a world in which no process runs and everything works again."""
    for number in range(len(world.copies)):
        world = _drained(world, number, rules)
    if world.dead:  # an operator sends it again, with its tries before it
        record = world.record and replace(world.record, unknown_tries=0)  # no lease lasts that long
        world = replace(world, record=record, copies=frozenset({0}), dead=0, unknown_tries=0)
        world = replace(_drained(world, 0, rules), dead=1)
    return world


def judge(world: World, rules: Rules, *, acknowledged: bool) -> None:
    """Look whether a drained world kept the promises. Raises Broken."""
    if acknowledged and not (world.effects or world.dead):
        raise Broken(f"acknowledged and lost: {world}")
    if world.copies:
        raise Broken(f"never leaves the queue: {world}")
    if world.effects > 1 and rules.policy.key.claims and not world.windows:
        raise Broken(f"doubled without a reason: {world}")


def _drained(world: World, number: int, rules: Rules) -> World:
    process = Process(f"drain {number}", rules.drained_by, copy=min(world.copies))
    while process.running:
        step = _steps(process, rules)
        # Leases are over by now, and everything works.
        moves = outcomes(process, world, rules, alive=False)
        process, world = next(move for move in moves if _well(move[0], step))
    return world


def _well(process: Process, step: Any) -> bool:
    if process.end == CRASHED:
        return False
    if isinstance(step, tuple):
        return True
    last = process.heard[-1]
    if isinstance(step, TryClaim):
        return not isinstance(last, Unavailable | InFlight)
    if isinstance(step, Send):
        return last in (OK, REFUSAL)
    return last is not False
