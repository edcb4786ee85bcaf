"""What a time line says, in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.operator.duration import spoken
from tools.operator.life.life import Outcome
from tools.operator.life.lines import number

_GOOD = frozenset({Outcome.DELIVERED, Outcome.REDELIVERED, Outcome.REPLAYED, Outcome.DROPPED})
_OPEN = frozenset({Outcome.QUEUED, Outcome.WAITING})

_SILENT = {
    "timeout": "did not answer within {ms}; the event may have arrived",
    "reset": "closed the connection after {ms}; the event may have arrived",
    "unreachable": "could not be reached; nothing was sent",
}
"""Of tries without an answer."""

_VERDICTS = {
    "settled": "An earlier request with this idempotency key was accepted",
    "in flight": "Another request with this idempotency key is in progress",
    "reused": "The idempotency key was used for another request",
    "unavailable": "The idempotency records could not be read",
    "abandoned": "An earlier attempt ended without a result; it was left to be sent alone",
}

_REASONS = {
    "queue first": "this system is set to queue first",
    "held": "deliveries are on hold",
    "breaker open": "the circuit breaker is open, so the vendor was not asked",
    "no idempotency records": "the idempotency records could not be read",
    "in flight": "another attempt has it",
    "no dead letters": "it could not be made a dead letter",
    "waiting": "its turn at the vendor has not come",
    "pace": "its turn at the vendor has not come",
    "look-up rate": "its turn for a look-up has not come",
    "no time": "the worker ran out of time",
    "no credential": "there is no credential for the vendor",
    "unknown user": "the vendor does not know the user yet",
    "refused": "the vendor refuses it",
    "outcome unknown": "nobody knows whether it arrived",
    "window over": "it failed for 24 hours",
    "key reused": "the idempotency key was used for another request",
    "newer version": "a newer release queued it",
    "fault": "a fault in the gateway; the log has its place",
    "timeout": "the vendor did not answer in time",
    "unreachable": "the vendor could not be reached",
    "reset": "the vendor closed the connection",
    "unreadable": "its body could not be read",
    "invalid": "a field breaks the contract",
}


def reason(text: str) -> str:
    """Why something was not delivered: `status 503`, `upstream: status 503` → `the vendor answered 503`."""
    text = text.removeprefix("upstream: ")
    status = text.removeprefix("status ")
    return f"the vendor answered {status}" if status != text else _REASONS.get(text, text)


def attempt(title: str, made: Mapping[str, Any]) -> str:
    """One request that left. `title` is the vendor's name."""
    outcome, status = str(made.get("outcome") or ""), made.get("status")
    took = milliseconds(number(made.get("milliseconds")))
    if status is None:
        if outcome == "delivered":
            return f"{title} took it in {took}"
        said = _SILENT.get(outcome, f"failed after {{ms}}: {outcome}")
        return f"{title} {said.format(ms=took)}"
    if outcome == "answered":
        return f"{title} answered {status} in {took}, to a request before the event's own"
    if outcome in ("garbage", "fault"):
        return f"{title} answered {status} in {took}, with a body that the contract does not allow"
    refused = {"setup": ": it does not accept our credential or app", "refused": ": it refuses the event"}
    return f"{title} answered {status} in {took}{refused.get(outcome, '')}"


def verdict(claim: str, record: str, *, queued: bool) -> str:
    """What the idempotency record said. `queued`: to a worker, whose event's key is known."""
    ours = "Its idempotency record is claimed" if queued else "The idempotency key is new"
    return f"{_VERDICTS.get(claim, ours)}" + (f": {record}…" if record else "")


def counts(deliveries: Mapping[str, int]) -> str:
    """What became of a batch's items in its call: `3 queued, 2 rejected`."""
    return ", ".join(f"{number} {delivery}" for delivery, number in deliveries.items()) or "nothing"


def milliseconds(number: float) -> str:
    """`12.3 ms`, `1.8 s`."""
    return f"{number:.1f} ms" if number < 1000 else f"{number / 1000:.1f} s"


def seconds(number: float) -> str:
    """`0.4 s`, `12 s`, `3 m`."""
    return f"{number:.1f} s" if number < 10 else spoken(number)


def elapsed(number: float) -> str:
    """Time since the receipt: `0 ms`, `76 ms`, `1.5 s`, `3 m`."""
    return f"{max(0.0, number) * 1000:.0f} ms" if number < 1 else seconds(number)


def color(outcome: Outcome) -> str:
    """In which a terminal shows an outcome: yellow is still on its way; empty if all is well."""
    return "" if outcome in _GOOD else "yellow" if outcome in _OPEN else "red"
