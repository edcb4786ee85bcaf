"""From the log lines of one event to its life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from tools.operator.life import words
from tools.operator.life.advice import advice
from tools.operator.life.life import Kind, Life, Outcome, Step, received_at
from tools.operator.life.lines import BATCH, CALLS, REDELIVERY, UNKNOWN_PATH, Line, about, number
from tools.systems.registry import names, profile

_FATES = {
    "done": Outcome.REDELIVERED,
    "dropped": Outcome.DROPPED,
    "unwanted": Outcome.DROPPED,
    "dead": Outcome.DEAD_LETTER,
    "expired": Outcome.EXPIRED,
}
"""Of a worker's lines; any other fate leaves the message in the queue."""

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


def life_of(event_id: str, lines: Iterable[Mapping[str, Any]], *, option: str = "--local") -> Life:
    """The life of an event, from all log lines that may be about it, in any order.

    `option` names the stack in the commands that it advises. An id that no line names has the outcome
    `unknown`.
    """
    own = about(event_id, lines)
    system = next((line.text("system") for line in own if line.text("system")), "")
    endpoint = next((line.text("endpoint") for line in own if line.text("endpoint")), "")
    outcome, why = Outcome.UNKNOWN, ""
    for line in own:
        outcome, why = _after(line, outcome, why)
    received = own[0].at if own else 0.0
    with suppress(ValueError):
        received = received_at(event_id)
    steps = list(_steps(own, received, _title(system)))
    if outcome.is_settled and steps:
        text = _ENDS[outcome] + (f": {words.reason(why)}" if outcome is Outcome.DEAD_LETTER else "")
        if own[-1].text("fate") == "unwanted":
            text = "Deleted unsent: it concerns an erased person"
        steps.append(Step(at=own[-1].at, kind=Kind.END, text=text, outcome=outcome.value))
    return Life(
        id=event_id,
        system=system,
        endpoint=endpoint,
        received=received,
        outcome=outcome,
        advice=advice(outcome, why, event_id=event_id, system=system, option=option),
        steps=tuple(steps),
    )


@cache  # the console tells thousands of lives
def _title(system: str) -> str:
    return profile(system).title if system in names() else system or "The vendor"


def _after(line: Line, before: Outcome, why: str) -> tuple[Outcome, str]:
    """How far an event is after a line, and why. What was delivered stays so: later lines are copies'."""
    if before in (Outcome.DELIVERED, Outcome.REDELIVERED):
        return before, why
    outcome, reason = outcome_of(line)
    return (before, why) if outcome is Outcome.UNKNOWN else (outcome, reason)


def outcome_of(line: Line) -> tuple[Outcome, str]:
    """How an event stands by one line, and why (may be empty); `unknown` if it does not say."""
    if line.message == REDELIVERY:
        return _FATES.get(line.text("fate"), Outcome.WAITING), line.text("reason")
    if line.message in CALLS:
        own = UNKNOWN_PATH if line.message == UNKNOWN_PATH else ""
        return _of_call(line), _reason(line) or line.text("error") or own
    return Outcome.UNKNOWN, ""


def _of_call(line: Line) -> Outcome:
    status, error, delivery = line.number("status"), line.text("error"), line.text("delivery")
    if line.message == BATCH and not error:
        return _of_items(line.deliveries)
    if status < 300:
        if line.text("claim") == "settled":
            return Outcome.REPLAYED
        return Outcome.QUEUED if delivery == "queued" else Outcome.DELIVERED
    if delivery == "unknown" or (not delivery and error == "fault"):
        return Outcome.FAILED
    if error.startswith("upstream: "):
        return Outcome.REFUSED if delivery == "rejected" or status < 500 else Outcome.FAILED
    return Outcome.REJECTED


def _of_items(deliveries: Mapping[str, int]) -> Outcome:
    """What there is still to do about a batch: the worst of its items', but a rejected one is the app's."""
    by_delivery = {"unknown": Outcome.FAILED, "queued": Outcome.QUEUED, "delivered": Outcome.DELIVERED}
    return next((found for name, found in by_delivery.items() if name in deliveries), Outcome.REJECTED)


def _reason(line: Line) -> str:
    """Why a call did not deliver. One that could not claim its key has not tried to."""
    unclaimed = {"in flight": "in flight", "unavailable": "no idempotency records"}
    return line.text("reason") or (
        unclaimed.get(line.text("claim"), "") if line.text("delivery") == "queued" else ""
    )


def _steps(own: Sequence[Line], received: float, title: str) -> Iterator[Step]:
    if own and own[0].message == REDELIVERY:
        text = "Received; the log has no line about its call, as with an item of a batch"
        yield Step(at=received, kind=Kind.RECEIVED, text=text)
    for line in own:
        if line.message in CALLS:
            yield from _called(line, received, title)
        elif line.message == REDELIVERY:
            yield from _redelivered(line, title)
        else:
            kind = "fault" if line.message == "fault" else f"queue failed ({line.text('code')})"
            yield Step(at=line.at, kind=Kind.CHECKED, text=f"In the log: {kind}")


def _called(line: Line, received: float, title: str) -> Iterator[Step]:
    where = line.text("resource") or "an unknown path"
    yield Step(at=received, kind=Kind.RECEIVED, text=f"Received at {where}")
    outcome, began = _of_call(line), min(line.tries_began, line.at)
    error = line.text("error")
    if outcome is Outcome.REJECTED and (error or line.message != BATCH):
        yield Step(at=line.at, kind=Kind.CHECKED, text=f"Checked: {error or line.message}")
    else:
        yield Step(at=max(received, began), kind=Kind.CHECKED, text="Checked: key, path and body are valid")
    yield from _record(line, max(received, began))
    yield from _tries(line, title)
    status, took = int(line.number("status")), words.milliseconds(line.number("milliseconds"))
    answered = f"the app got {status}" + (f" after {took}" if line.number("milliseconds") else "")
    if outcome is Outcome.QUEUED:
        reason = words.reason(_reason(line)) or "it waits for its turn"
        yield Step(at=line.at, kind=Kind.QUEUED, text=f"Queued, because {reason}; {answered}", status=status)
    elif line.message == BATCH:
        counts = ", ".join(f"{number} {delivery}" for delivery, number in line.deliveries.items())
        text = f"A batch of {int(line.number('items'))}: {counts or 'nothing'}; {answered}"
        yield Step(at=line.at, kind=Kind.CHECKED, text=text, status=status)
    else:
        yield Step(at=line.at, kind=Kind.CHECKED, text=answered[0].upper() + answered[1:], status=status)


def _redelivered(line: Line, title: str) -> Iterator[Step]:
    text = f"A worker takes it from the queue, for the {_ordinal(int(line.number('receives')))} time"
    began = line.tries_began
    yield Step(at=began, kind=Kind.REDELIVERY, text=text)
    yield from _record(line, began)
    yield from _tries(line, title)
    if line.text("fate") in _FATES:
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
