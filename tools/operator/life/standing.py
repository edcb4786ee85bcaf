"""How an event stands, by its log lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.operator.life.life import Outcome
from tools.operator.life.lines import BATCH, CALLS, ITEM, REDELIVERY, UNKNOWN_PATH, Line

FATES = {
    "done": Outcome.REDELIVERED,
    "dropped": Outcome.DROPPED,
    "unwanted": Outcome.DROPPED,
    "dead": Outcome.DEAD_LETTER,
    "expired": Outcome.EXPIRED,
}
"""Of a worker's lines; any other fate leaves the message in the queue."""

_BY_DELIVERY = {
    "unknown": Outcome.FAILED,
    "queued": Outcome.QUEUED,
    "delivered": Outcome.DELIVERED,
}
"""Of a batch's items, the worst first; rejected ones are the app's to fix, so they count if all are."""


def standing(own: Iterable[Line]) -> tuple[Outcome, str]:
    """How far an event is after its lines, in their order, and why (may be empty)."""
    outcome, why = Outcome.UNKNOWN, ""
    for line in own:
        outcome, why = _after(line, outcome, why)
    return outcome, why


def _after(line: Line, before: Outcome, why: str) -> tuple[Outcome, str]:
    """What was delivered stays so: later lines are copies'."""
    if before in (Outcome.DELIVERED, Outcome.REDELIVERED):
        return before, why
    outcome, reason = outcome_of(line)
    return (before, why) if outcome is Outcome.UNKNOWN else (outcome, reason)


def outcome_of(line: Line) -> tuple[Outcome, str]:
    """How an event stands by one line, and why (may be empty); `unknown` if it does not say."""
    if line.message == REDELIVERY:
        return FATES.get(line.text("fate"), Outcome.WAITING), line.text("reason")
    if line.message in CALLS:
        own = UNKNOWN_PATH if line.message == UNKNOWN_PATH else ""
        return _of_call(line), reason_of(line) or line.text("error") or own
    return Outcome.UNKNOWN, ""


def reason_of(line: Line) -> str:
    """Why a call did not deliver. One that could not claim its key has not tried to."""
    unclaimed = {"in flight": "in flight", "unavailable": "no idempotency records"}
    return line.text("reason") or (
        unclaimed.get(line.text("claim"), "") if line.text("delivery") == "queued" else ""
    )


def _of_call(line: Line) -> Outcome:
    status, error, delivery = line.number("status"), line.text("error"), line.text("delivery")
    if line.message == BATCH and not error:
        return _of_items(line.deliveries)
    if delivery in ("delivered", "queued") if line.message == ITEM else status < 300:
        if line.text("claim") == "settled":
            return Outcome.REPLAYED
        return Outcome.QUEUED if delivery == "queued" else Outcome.DELIVERED
    if delivery == "unknown" or (not delivery and error == "fault"):
        return Outcome.FAILED
    if error.startswith("upstream: "):
        return Outcome.REFUSED if delivery == "rejected" or status < 500 else Outcome.FAILED
    return Outcome.REJECTED


def _of_items(deliveries: Mapping[str, int]) -> Outcome:
    return next((found for name, found in _BY_DELIVERY.items() if name in deliveries), Outcome.REJECTED)
