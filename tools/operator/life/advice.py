"""What an operator should do about an event, by how it ended and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tools.operator.life.life import Item, Outcome

NOTHING = "Nothing to do."

_CREDENTIAL = frozenset(
    {
        "no credential",
        "malformed credential",
        "secret unreadable",
        "unknown app id",
        "status 401",
        "status 403",
    }
)

_REJECTED = {
    "key refused": "The client key is missing, unknown, expired or revoked: bin/trackgate keys list {option}",
    "key not allowed": "The client key does not allow this account: bin/trackgate keys list {option}",
    "keys unreadable": "The client keys could not be read; the app must retry: bin/trackgate doctor {option}",
    "unknown path": "No endpoint has this path: compare the app's base URL and path with docs/endpoints.md.",
    "unknown resource": "This gateway does not serve the app or project in the path.",
    "wrong method": "The path exists for other methods: see docs/endpoints.md.",
    "key in flight": "The app sent one idempotency key twice at once: it must wait for the first answer.",
    "key reused": "The app used one idempotency key for two requests: each needs its own.",
    "too large": "The body is larger than the contract allows: the app must send less.",
}

_FIX = "The app must fix the request. Gateway-Error in its answer, or its item's `error`, says what is wrong."

_DEAD = {
    "refused": "The vendor refuses it. Read why, fix the cause and redrive it, or drop it: {show} --body",
    "outcome unknown": "It may have arrived: look for it in the vendor's reports, drop it if it is there, "
    "redrive it if it is not: {show}",
    "window over": "It failed for 24 hours. If the vendor has recovered, redrive it: {redrive}",
    "key reused": "Its idempotency key was used for another request: see whether both are needed: {show}",
    "newer version": "A newer release queued it: deploy that release, then redrive it: {redrive}",
}

_NO_LETTER = "If no dead letter has this id, it was dropped, or was redriven and waits."

LOCAL = "--local"

_UNKNOWN = (
    "No log line names it. Check id and stack. There is no line with LogLevel=WARN, after LogRetentionDays, "
    "or within a minute of the call."
)
_UNKNOWN_LOCALLY = (
    "No log line names it. Check id and run. The log begins with the run: what an earlier one queued has a "
    "line once a worker takes it."
)

_TROUBLES: dict[str, str] = {
    Outcome.FAILED: "failed: the app must repeat what failed.",
    Outcome.DEAD_LETTER: "given up: bin/trackgate deadletters list --system {system} {option}",
    "credential": "waiting for a credential: bin/trackgate secrets check --system {system} {option}",
    "held": "on hold: bin/trackgate resume --system {system} {option}",
    "waiting": "on the way. Wait; for the state of the system: bin/trackgate status {option}",
    Outcome.REJECTED: "rejected: the batch's answer tells the app why.",
    Outcome.EXPIRED: "expired: no longer useful by contract.",
}
"""Of a batch's items, by outcome or by what they wait for."""


def advice(outcome: Outcome, why: str, *, event_id: str, system: str, option: str) -> str:
    """One or two sentences. `why`: the reason or the error of the last line; `option` names the stack."""
    said = _said(outcome, why, option)
    letters = "bin/trackgate deadletters"
    return said.format(
        option=option,
        system=system,
        show=f"{letters} show {event_id} {option}",
        redrive=f"{letters} redrive {event_id} {option}",
    )


def _said(outcome: Outcome, why: str, option: str) -> str:
    match outcome:
        case Outcome.QUEUED | Outcome.WAITING:
            return _waiting(outcome, why)
        case Outcome.DEAD_LETTER:
            return f"{_DEAD.get(why, 'Read it, then redrive or drop it: {show}')} {_NO_LETTER}"
        case Outcome.REJECTED:
            return _REJECTED.get(why, _FIX)
        case Outcome.REFUSED:
            return "The app got the vendor's own refusal, and must fix the request."
        case Outcome.FAILED:
            return _failed(why.removeprefix("upstream: "))
        case Outcome.EXPIRED:
            return "Nothing can be done: by its contract it was no longer useful."
        case Outcome.UNKNOWN:
            return _UNKNOWN_LOCALLY if option == LOCAL else _UNKNOWN
    return NOTHING


def _waiting(outcome: Outcome, why: str) -> str:
    if why == "held":
        return "Deliveries were on hold. If they still are: bin/trackgate resume --system {system} {option}"
    if why in _CREDENTIAL:
        return "Fix the credential, and it is sent: bin/trackgate secrets check --system {system} {option}"
    if why == "no idempotency records":
        return "It waits until the idempotency records can be read again: bin/trackgate doctor {option}"
    if outcome is Outcome.QUEUED:
        return (
            "Wait: a worker takes it within seconds, or within minutes if one was killed, unless there is a "
            "hold: bin/trackgate status {option}"
        )
    return "Wait: it is tried again, for at most 24 hours. State of the system: bin/trackgate status {option}"


def _failed(why: str) -> str:
    again = "The app got an error and must send it again."
    if why in ("held", "deliveries are on hold"):
        return f"{again} If deliveries are still on hold: bin/trackgate resume --system {{system}} {{option}}"
    if why in _CREDENTIAL:
        return f"{again} Fix the credential: bin/trackgate secrets check --system {{system}} {{option}}"
    if why == "fault":
        return f"{again} It met a fault in the gateway: look for `fault` and this id in the log."
    return f"{again} For the state of the system: bin/trackgate status {{option}}"


def batch_advice(items: Iterable[Item], *, system: str, option: str) -> str:
    """A sentence or two for each kind of trouble that a batch's items are in."""
    number = Counter(filter(None, map(_trouble, items)))
    said = " ".join(
        f"{_many(count)} {text}" for trouble, text in _TROUBLES.items() if (count := number[trouble])
    )
    return (said or NOTHING).format(option=option, system=system)


def _trouble(item: Item) -> str:
    match item.outcome:
        case Outcome.QUEUED | Outcome.WAITING:
            if item.why == "held":
                return "held"
            return "credential" if item.why in _CREDENTIAL else "waiting"
        case Outcome.REFUSED:
            return Outcome.REJECTED
    return item.outcome if item.outcome in _TROUBLES else ""


def _many(items: int) -> str:
    return f"{items:,} item" if items == 1 else f"{items:,} items"
