"""What an operator should do about an event, by how it ended and why."""

from __future__ import annotations

from tools.operator.life.life import Outcome

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
    "key refused": "The client key is missing, unknown, expired or revoked: trackgate keys list {option}",
    "key not allowed": "The client key does not allow this account: trackgate keys list {option}",
    "keys unreadable": "The client keys could not be read; the app must try again: trackgate doctor {option}",
    "unknown path": "No endpoint has this path: compare the app's base URL and path with docs/endpoints.md.",
    "unknown resource": "This gateway does not serve the app or project in the path.",
    "wrong method": "The path exists for other methods: see docs/endpoints.md.",
    "key in flight": "The app sent one idempotency key twice at once: it must wait for the first answer.",
    "key reused": "The app used one idempotency key for two requests: each needs its own.",
    "too large": "The body is larger than the contract allows: the app must send less.",
}

_DEAD = {
    "refused": "The vendor refuses it. Read why, fix the cause and redrive it, or drop it: {show} --body",
    "outcome unknown": "It may have arrived: look for it in the vendor's reports, drop it if it is there, "
    "redrive it if it is not: {show}",
    "window over": "It failed for 24 hours. If the vendor has recovered, redrive it: {redrive}",
    "key reused": "Its idempotency key was used for another request: see whether both are needed: {show}",
    "newer version": "A newer release queued it: deploy that release, then redrive it: {redrive}",
}


def advice(outcome: Outcome, why: str, *, event_id: str, system: str, option: str) -> str:
    """One or two sentences. `why`: the reason or the error of the last line; `option` names the stack."""
    said = _said(outcome, why, system)
    letters = "trackgate deadletters"
    return said.format(
        option=option,
        system=system,
        show=f"{letters} show {event_id} {option}",
        redrive=f"{letters} redrive {event_id} {option}",
    )


def _said(outcome: Outcome, why: str, system: str) -> str:
    match outcome:
        case Outcome.QUEUED | Outcome.WAITING:
            return _waiting(outcome, why)
        case Outcome.DEAD_LETTER:
            return _DEAD.get(why, "Read it, then redrive or drop it: {show}")
        case Outcome.REJECTED:
            fix = "The app must fix the request; Gateway-Error in its answer says what is wrong."
            return _REJECTED.get(why, fix)
        case Outcome.REFUSED:
            return "The app got the vendor's own refusal, and must fix the request."
        case Outcome.FAILED:
            return _failed(why.removeprefix("upstream: "))
        case Outcome.EXPIRED:
            return "Nothing can be done: by its contract it was no longer useful."
        case Outcome.UNKNOWN:
            return (
                "No log line names it. Check id and stack. There is no line with LogLevel=WARN, after "
                "LogRetentionDays, within a minute of the call, or for what a batch delivered at once."
            )
    return NOTHING


def _waiting(outcome: Outcome, why: str) -> str:
    if why == "held":
        return "Deliveries are on hold. To start them again: trackgate resume --system {system} {option}"
    if why in _CREDENTIAL:
        return "Fix the credential, and it is sent: trackgate secrets check --system {system} {option}"
    if why == "no idempotency records":
        return "It waits until the idempotency records can be read again: trackgate doctor {option}"
    if outcome is Outcome.QUEUED:
        return "Wait: a worker takes it within seconds. If it stays queued: trackgate status {option}"
    return "Wait: it is tried again, for 24 hours. For the state of the system: trackgate status {option}"


def _failed(why: str) -> str:
    again = "The app got an error and must send it again."
    if why in ("held", "deliveries are on hold"):
        return f"{again} Deliveries are on hold: trackgate resume --system {{system}} {{option}}"
    if why in _CREDENTIAL:
        return f"{again} Fix the credential: trackgate secrets check --system {{system}} {{option}}"
    if why == "fault":
        return f"{again} It met a fault in the gateway: look for `fault` and this id in the log."
    return f"{again} For the state of the system: trackgate status {{option}}"
