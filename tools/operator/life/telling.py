"""From the log lines of one event to its life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from gateway.core.task import batch_id
from tools.operator.life import words
from tools.operator.life.advice import advice, batch_advice
from tools.operator.life.batch import alike, items_named, lines_of_items, standing_items, worst
from tools.operator.life.life import Kind, Life, Outcome, Step, received_at
from tools.operator.life.lines import BATCH, CALLS, ITEM, REDELIVERY, Line, about, number
from tools.operator.life.standing import FATES, outcome_of, reason_of, standing
from tools.systems.registry import names, profile

_ENDS = {
    Outcome.DELIVERED: "Delivered",
    Outcome.REDELIVERED: "Delivered from the queue",
    Outcome.DEAD_LETTER: "A dead letter",
    Outcome.EXPIRED: "Deleted: no longer useful by its contract",
    Outcome.DROPPED: "Deleted unsent: it was delivered before",
    Outcome.REPLAYED: "Not sent again: the app got the first answer",
    Outcome.REJECTED: "Rejected",
    Outcome.REFUSED: "Refused by the vendor",
    Outcome.FAILED: "Neither delivered nor queued",
}


_SILENT = "A worker took it before and left no line: it was killed, or could not start"

MOST_TRIES = 20
"""So many requests for a batch's items are steps of its life."""


def life_of(event_id: str, lines: Iterable[Mapping[str, Any]], *, option: str = "--local") -> Life:
    """The life of an event or a batch, from all log lines that may be about it or its items, in any order.

    `option` names the stack in the commands that it advises. An id that no line names has the outcome
    `unknown`.
    """
    lines = list(lines)
    own = about(event_id, lines)
    system = next((line.text("system") for line in own if line.text("system")), "")
    endpoint = next((line.text("endpoint") for line in own if line.text("endpoint")), "")
    outcome, why = standing(own)
    received = own[0].at if own else 0.0
    with suppress(ValueError):
        received = received_at(event_id)
    life = Life(
        id=event_id,
        system=system,
        endpoint=endpoint,
        received=received,
        outcome=outcome,
        advice=advice(outcome, why, event_id=event_id, system=system, option=option),
        steps=tuple(_steps(own, received, _title(system))),
    )
    if items := lines_of_items(own, lines):
        life = _with_items(life, items, option)
    elif not own and (first := min(items_named(event_id, lines), default="")):
        life = replace(
            life, advice=f"No log line names the batch. An item of it: bin/trackgate trace {first} {option}"
        )
    elif outcome.is_settled and life.steps:
        end = Step(at=own[-1].at, kind=Kind.END, text=_end(own, outcome, why), outcome=outcome.value)
        life = replace(life, steps=(*life.steps, end))
    return life


def _end(own: Sequence[Line], outcome: Outcome, why: str) -> str:
    if outcome is Outcome.DROPPED and own[-1].text("fate") == "unwanted":
        return "Deleted unsent: it concerns an erased person"
    has_reason = why and outcome in (Outcome.DEAD_LETTER, Outcome.FAILED)
    return _ENDS[outcome] + (f": {words.reason(why)}" if has_reason else "")


def _with_items(life: Life, lines: Mapping[str, Sequence[Line]], option: str) -> Life:
    """A batch's life: what its call's line tells, the requests for its items, and how these stand."""
    items = standing_items(lines)
    title = _title(life.system)
    tries = sorted(
        (
            replace(step, text=f"Item {item.index}: {step.text}")
            for item in items
            for line in lines[item.id]
            for step in _tries(line, title)
        ),
        key=lambda step: step.at,
    )
    outcome, untold = worst(items), len(tries[MOST_TRIES:])
    told = [*tries[:MOST_TRIES], *alike(items)]
    if untold:
        more = f"{untold:,} more requests left for {title}"
        told.append(Step(at=tries[-1].at, kind=Kind.ITEMS, text=more))
    steps = [*life.steps, *sorted(told, key=lambda step: step.at)]
    if all(item.outcome.is_settled for item in items):
        text = "No item is on its way any more"
        steps.append(Step(at=steps[-1].at, kind=Kind.END, text=text, outcome=outcome.value))
    return replace(
        life,
        outcome=outcome,
        advice=batch_advice(items, system=life.system, option=option),
        steps=tuple(steps),
        items=items,
        untold=untold,
    )


@cache  # the console tells thousands of lives
def _title(system: str) -> str:
    return profile(system).title if system in names() else system or "The vendor"


def _steps(own: Sequence[Line], received: float, title: str) -> Iterator[Step]:
    if own and not any(line.message in CALLS for line in own):
        yield Step(at=received, kind=Kind.RECEIVED, text="Received; the log has no line about its call")
    receives = 0.0
    for line in own:
        if line.message in CALLS:
            yield from _called(line, received, title)
        elif line.message == REDELIVERY:
            if line.number("receives") > receives + 1:
                yield Step(at=line.tries_began, kind=Kind.REDELIVERY, text=_SILENT)
            receives = 0.0 if line.text("fate") == "dead" else max(receives, line.number("receives"))
            yield from _redelivered(line, title)
            if line.text("fate") == "dead" and line is not own[-1]:
                text = f"Becomes a dead letter: {words.reason(line.text('reason'))}"
                yield Step(at=line.at, kind=Kind.WAIT, text=text)
        else:
            kind = "fault" if line.message == "fault" else f"queue failed ({line.text('code')})"
            yield Step(at=line.at, kind=Kind.CHECKED, text=f"In the log: {kind}")


def _called(line: Line, received: float, title: str) -> Iterator[Step]:
    where, whole = line.text("resource") or "an unknown path", ""
    if line.message == ITEM:
        whole = " for the batch"
        where += f", as item {int(line.number('index'))} of the batch {batch_id(line.text('event_id'))}"
    yield Step(at=received, kind=Kind.RECEIVED, text=f"Received at {where}")
    outcome, began = outcome_of(line)[0], min(line.tries_began, line.at)
    error = line.text("error")
    if outcome is Outcome.REJECTED and (error or line.message != BATCH):
        yield Step(at=line.at, kind=Kind.CHECKED, text=f"Checked: {words.reason(error) or line.message}")
    else:
        yield Step(at=max(received, began), kind=Kind.CHECKED, text=_valid(line))
    yield from _record(line, max(received, began))
    yield from _tries(line, title)
    status = int(line.number("status"))
    took = f" after {words.milliseconds(line.number('milliseconds'))}" if line.number("milliseconds") else ""
    answered = f"the app got {status}{whole}{took}"
    if line.message == BATCH and not error:
        counts = words.counts(line.deliveries)
        text, kind = f"A batch of {int(line.number('items'))}: {counts}; {answered}", Kind.CHECKED
    elif outcome is Outcome.QUEUED:
        text, kind = f"{_queued(line)}; {answered}", Kind.QUEUED
    else:
        text, kind = answered[0].upper() + answered[1:], Kind.CHECKED
    yield Step(at=line.at, kind=kind, text=text, status=None if line.message == ITEM else status)


def _valid(line: Line) -> str:
    return f"Checked: key{' and path' if line.message == BATCH else ', path and body'} are valid"


def _queued(line: Line) -> str:
    if line.message == ITEM:
        return "Queued"
    return f"Queued, because {words.reason(reason_of(line)) or 'it waits for its turn'}"


def _redelivered(line: Line, title: str) -> Iterator[Step]:
    text = f"A worker takes it from the queue, for the {_ordinal(int(line.number('receives')))} time"
    began = line.tries_began
    yield Step(at=began, kind=Kind.REDELIVERY, text=text)
    yield from _record(line, began)
    yield from _tries(line, title)
    if line.text("fate") in FATES:
        return
    wait, reason = line.number("wait"), words.reason(line.text("reason"))
    yield Step(at=line.at, kind=Kind.WAIT, text=f"Waits {words.seconds(wait)}: {reason}", wait=wait)


def _record(line: Line, at: float) -> Iterator[Step]:
    claim, record = line.text("claim"), line.text("record")
    if record or claim not in ("", "ours"):
        text = words.verdict(claim, record, queued=line.message == REDELIVERY)
        yield Step(at=at, kind=Kind.RECORD, text=text, record=record or None)


def _tries(line: Line, title: str) -> Iterator[Step]:
    at = line.tries_began
    for made in line.tries:
        took, status = number(made.get("milliseconds")), made.get("status")
        yield Step(
            at=at,
            kind=Kind.TRY,
            text=words.attempt(title, made),
            status=status if isinstance(status, int) else None,
            milliseconds=took,
            request=made.get("request"),
            outcome=made.get("outcome"),
        )
        at += took / 1000


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
