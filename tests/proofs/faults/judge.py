"""Says of every event what became of it, and why one arrived twice; what has no reason is held against us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gateway.core.settings import Settings
from tests.proofs.faults.aws_proxy import Seen
from tests.proofs.faults.bench import SEND_SECONDS, Effect, Function
from tests.proofs.faults.clients import Attempt
from tests.proofs.faults.events import Event
from tests.proofs.faults.processes import Killed

TOO_LATE = 0.8 * SEND_SECONDS
"""Who gave up sooner than this after the upstream had the event cannot say that the answer came too late."""

ON_ITS_WAY = 0.5
"""For so long a request, or its answer, may be on its way."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that is known after a run, by the numbers of events.

    `letters`: reasons of dead letters. `shutting`: from when until when a vendor went away. `left`: still
    queued. `expired`: event ids. `records`: the names of the records that stand for an event.
    """

    effects: Mapping[int, Sequence[Effect]]
    letters: Mapping[int, Sequence[tuple[str, int | None]]] = field(default_factory=dict)
    left: Collection[int] = ()
    expired: Collection[str] = ()
    records: Mapping[int, Collection[str]] = field(default_factory=dict)
    seen: Sequence[Seen] = ()
    queued: Mapping[int, Sequence[Seen]] = field(default_factory=dict)
    killed: Sequence[Killed] = ()
    shutting: Sequence[tuple[float, float]] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)


@dataclass
class Verdict:
    """A system's, or the whole run's. Counts of events but for `sent` (requests); see the report's words."""

    events: int = 0
    sent: int = 0
    accepted: int = 0
    replayed: int = 0
    delivered: int = 0
    queued: int = 0
    expired: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    lost: list[Event] = field(default_factory=list)
    recorded_twice: list[Event] = field(default_factory=list)
    unexplained: list[Event] = field(default_factory=list)
    too_often: list[Event] = field(default_factory=list)
    unprepared: list[Event] = field(default_factory=list)
    twice: Counter[str] = field(default_factory=Counter)
    reordered: int = 0
    rejected: int = 0
    failed: int = 0
    unanswered: int = 0
    arrived_unacknowledged: int = 0

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        broken = (self.lost, self.recorded_twice, self.unexplained, self.too_often, self.unprepared)
        return not any(broken)


class Judge:
    """Goes through the evidence of one run."""

    def __init__(self, evidence: Evidence) -> None:
        """Sorts it by record."""
        self._found = evidence
        self._effects = {
            number: [effect for effect in effects if not effect.prepares]
            for number, effects in evidence.effects.items()
        }
        self._writes: dict[str, list[Seen]] = {}
        for seen in evidence.seen:
            if seen.asked.key is not None and seen.asked.action in ("PutItem", "DeleteItem"):
                self._writes.setdefault(seen.asked.key, []).append(seen)

    def by_row(self, attempts: Mapping[Event, Sequence[Attempt]]) -> dict[str, Verdict]:
        """The verdict on each row of the report: on a system, or on one of its variants."""
        verdicts: dict[str, Verdict] = {}
        for event, tried in attempts.items():
            self._count(verdicts.setdefault(event.kind.row, Verdict()), event, tried)
        for row, count in self._reordered(attempts).items():
            verdicts[row].reordered = count
        return verdicts

    def claimed(self, event: Event) -> bool:
        """Whether its record was ever written: evidence that would be missed if its name were made up."""
        return any(key in self._writes for key in self._records(event))

    def _count(self, verdict: Verdict, event: Event, tried: Sequence[Attempt]) -> None:
        found = self._found
        effects = self._effects.get(event.number, ())
        letters = found.letters.get(event.number, ())
        verdict.events += 1
        verdict.sent += len(tried)
        verdict.replayed += any(attempt.replayed for attempt in tried)
        if effects:
            self._repeats(verdict, event, effects, tried)
            if event.kind.prepared and not self._prepared(event, effects[0]):
                verdict.unprepared.append(event)
        if not any(attempt.acknowledged for attempt in tried):
            verdict.rejected += any(attempt.delivery == "rejected" for attempt in tried)
            unknown = [attempt for attempt in tried if attempt.delivery != "rejected"]
            if unknown and all(attempt.delivery != "rejected" for attempt in tried):
                verdict.failed += any(attempt.answered for attempt in unknown)
                verdict.unanswered += not any(attempt.answered for attempt in unknown)
            verdict.arrived_unacknowledged += bool(effects)
            return
        verdict.accepted += 1
        if effects:
            verdict.delivered += 1
        elif letters:
            reason, status = letters[0]
            verdict.dead[reason if status is None else f"{reason}, status {status}"] += 1
        elif event.number in found.left:
            verdict.queued += 1
        elif any(attempt.event_id in found.expired for attempt in tried):
            verdict.expired += 1
        else:
            verdict.lost.append(event)

    def _repeats(
        self, verdict: Verdict, event: Event, effects: Sequence[Effect], tried: Sequence[Attempt]
    ) -> None:
        # Each request of the app may have arrived, and each of its tries from the queue that ended unknown.
        most = len(tried) * (1 + Settings().max_unknown_tries)
        if event.kind.adds and len(effects) > most:
            verdict.too_often.append(event)
        for earlier, later in pairwise(effects):
            if self._recorded_before(event, later):
                verdict.recorded_twice.append(event)
                continue
            reason = self._reason(event, earlier, later, tried)
            if reason is None:
                verdict.unexplained.append(event)
            else:
                verdict.twice[reason] += 1

    def _prepared(self, event: Event, delivered: Effect) -> bool:
        effects = self._found.effects.get(event.number, ())
        return any(effect.prepares and effect.order < delivered.order for effect in effects)

    def _records(self, event: Event) -> set[str]:
        own = event.record
        return {*self._found.records.get(event.number, ()), *([own] if own else [])}

    def _written(self, event: Event) -> Iterable[Seen]:
        return (seen for key in self._records(event) for seen in self._writes.get(key, ()))

    def _recorded_before(self, event: Event, later: Effect) -> bool:
        return any(
            seen.asked.state == "done" and seen.status == 200 and seen.done_at < later.at
            for seen in self._written(event)
        )

    def _reason(self, event: Event, earlier: Effect, later: Effect, tried: Sequence[Attempt]) -> str | None:
        """Why nobody could know of the earlier one when the later one was sent; None if somebody could."""
        if earlier.spoiled:
            return f"answer lost ({earlier.spoiled})"

        def between(at: float) -> bool:
            return earlier.at <= at <= later.latest

        for killed in self._found.killed:
            function = self._found.functions.get(killed.function)
            mine = Function(event.kind.system, event.kind.endpoint), Function(event.kind.system, None)
            # What it had sent may have come there after its end.
            if function in mine and earlier.at - ON_ITS_WAY <= killed.at <= later.latest:
                return "killed before the record"
        if any(
            earlier.at <= end and begun <= earlier.at + SEND_SECONDS for begun, end in self._found.shutting
        ):
            return "answer lost (the vendor went away)"
        for seen in self._written(event):
            failed = seen.way is not None or seen.status != 200
            if seen.asked.state == "done" and failed and between(seen.at):
                return f"not recorded ({seen.way or 'the lease was over'})"
        gave_up = [
            *(seen.at for seen in self._found.queued.get(event.number, ())),
            *(seen.at for seen in self._written(event) if seen.asked.state == "queued"),
            *(attempt.answered_at for attempt in tried if attempt.delivery == "unknown"),
        ]
        if any(earlier.at + TOO_LATE * event.kind.patience <= at <= later.at for at in gave_up):
            return "answer too late"
        return None

    def _reordered(self, attempts: Mapping[Event, Sequence[Attempt]]) -> Counter[str]:
        """Events that came after a later one of the same subject, though the app had waited in between."""
        streams: dict[tuple[str, int, str], list[tuple[Event, Effect]]] = {}
        for event, tried in attempts.items():
            effects = self._effects.get(event.number, ())
            if effects and any(attempt.acknowledged for attempt in tried):
                first = effects[0]
                streams.setdefault((event.kind.row, event.subject, first.stream), []).append((event, first))
        counted: Counter[str] = Counter()
        for (row, _, _), stream in streams.items():
            stream.sort(key=lambda one: attempts[one[0]][0].at)
            for index, (event, effect) in enumerate(stream):
                told = next(attempt for attempt in attempts[event] if attempt.acknowledged).answered_at
                counted[row] += any(
                    after.order < effect.order and attempts[other][0].at >= told
                    for other, after in stream[index + 1 :]
                )
        return counted
