"""What is noted of an event on its way, for the log line that reports it: its requests, claim and reason.

Only an event that was begun is noted, until it is told. A batch has one line for all of its events: it begins
none, and nothing is kept of them. Threads may note side by side.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Final, NotRequired, Self, TypedDict

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from gateway.core.reply import Reply

DIGITS: Final = 16
"""How many hexadecimal digits of a request's digest and of a record's key a log line has."""

DELIVERED: Final = "delivered"
ANSWERED: Final = "answered"
"""The outcome of a request that succeeded, but carried no event: a look-up before the send."""


class Try(TypedDict):
    """One request that left for the upstream. `status`: None if no answer came, or none has a status.

    `request`: its digest, in a local run only. `outcome`: `delivered`, `answered`, `transient`, `setup`,
    `refused`, or the failure in fixed words (`timeout`, `garbage`).
    """

    status: int | None
    milliseconds: float
    request: NotRequired[str]
    outcome: str


class _Here(threading.local):
    events: Sequence[str] = ()
    accepted: str = DELIVERED


_here = _Here()
_begun: dict[str, dict[str, Any]] = {}


def begin(event_id: str) -> None:
    """Note from now on what becomes of an event."""
    _begun[event_id] = {}


def note(event_id: str, **fields: str) -> None:
    """Note fields of its line; later ones replace earlier ones."""
    if (noted := _begun.get(event_id)) is not None:
        noted.update(fields)


def explain(event_id: str, reason: str) -> None:
    """Note why it was not delivered, unless that is known."""
    if (noted := _begun.get(event_id)) is not None:
        noted.setdefault("reason", reason)


def told(event_id: str) -> dict[str, Any]:
    """The fields that were noted, for its line; from now on nothing is."""
    return _begun.pop(event_id, {})


def names_guessable() -> bool:
    """Whether a line may name what it is about by a digest.

    Whoever reads a log on AWS could test guesses at a short user id with it. A local run knows no people.
    """
    return "AWS_ENDPOINT_URL" in os.environ


def digest(method: str, target: str, body: bytes) -> str:
    """The first digits of the SHA-256 of `METHOD target`, a line feed and the body as sent.

    `target` is the path and the query below the upstream's base URL.
    """
    return hashlib.sha256(f"{method} {target}\n".encode() + body).hexdigest()[:DIGITS]


def tried(
    method: str, target: str, body: bytes, *, status: int | None, since: float, error: Exception | None
) -> None:
    """Note a request that left, for the events that this thread sends; see `digest` for what it was.

    `since`: when it left, on the monotonic clock.
    """
    if not any(event in _begun for event in _here.events):
        return
    made = _made(status, since, _here.accepted if error is None else _word(error))
    if names_guessable():
        made["request"] = digest(method, target, body)
    for event in _here.events:
        _add(event, made)


class About:
    """A block in which the requests of this thread are for the events given.

    `accepted` is the outcome of those that succeed.
    """

    def __init__(self, *events: str, accepted: str = DELIVERED) -> None:
        """By their ids; none: the same as outside the block."""
        self._events: Sequence[str] = events or _here.events
        self._accepted = accepted

    def __enter__(self) -> Self:
        """Remember how many requests there were before."""
        self._outer = (_here.events, _here.accepted)
        _here.events, _here.accepted = self._events, self._accepted
        self._since = monotonic()
        self._before = [len(_tries(event)) for event in self._events]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Back to what was."""
        _here.events, _here.accepted = self._outer

    def ended(self, outcomes: Sequence[Reply | UpstreamError]) -> None:
        """How each send ended, in order, which an answer's later check may have decided.

        A send that noted no request is one without HTTP: it is noted as a whole.
        """
        for event, before, outcome in zip(self._events, self._before, outcomes, strict=True):
            error = outcome if isinstance(outcome, UpstreamError) else None
            if event not in _begun or (error is not None and not error.tried):
                continue
            made = _tries(event)[before:]
            if not made:
                _add(event, _made(None, self._since, _word(error) if error else DELIVERED))
            elif error is not None and made[-1]["outcome"] in (DELIVERED, ANSWERED):
                made[-1]["outcome"] = _word(error)


def _made(status: int | None, since: float, outcome: str) -> Try:
    return {"status": status, "milliseconds": round((monotonic() - since) * 1e3, 1), "outcome": outcome}


def _tries(event: str) -> list[Try]:
    noted = _begun.get(event)
    found: list[Try] = noted.get("tries", []) if noted else []
    return found


def _add(event: str, made: Try) -> None:
    if (noted := _begun.get(event)) is not None:
        noted.setdefault("tries", []).append(made)


def _word(error: Exception) -> str:
    if isinstance(error, Refused):
        return "refused"
    if isinstance(error, Setup):
        return "setup"
    if isinstance(error, Transient):
        return "transient" if error.reason.startswith("status ") else error.reason
    return "fault"
