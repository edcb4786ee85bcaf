"""track: its event store, how requests are read, its answers and errors."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gateway.core.answer import Answer, Success
from gateway.core.errors import Invalid, Undeliverable, UnknownPath, Unreadable, WrongMethod
from gateway.core.problem import Problem, ProblemKind
from gateway.core.settings import Settings
from gateway.inbound.dialect import Dialect
from gateway.inbound.form import is_multipart, urlencoded_fields
from gateway.inbound.request import Request
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System, UnknownPaths
from track.row import Row
from track.store import EventStore
from track.stores.record import TABLES

TEXT = "text/plain; charset=utf-8"
MAX_NAME = 64
"""Characters of an unknown field's name that an error repeats."""

_JSON_TYPE = re.compile(r"[\w.+-]+/([\w.-]+\+)?json\b", re.IGNORECASE)
_OWN_SECRET = re.compile(r"(?<=[?&]secret=)own(?=&|$)")
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_NAMES = {column.name.lower(): column.name for columns in TABLES.values() for column in columns}


class TrackSettings(Settings):
    """`event_store` is the store's URL; `stream` is the stack's own Firehose stream, empty if it has none."""

    event_store: str = ""
    stream: str = ""


def store_url(settings: TrackSettings) -> str:
    """The store's URL, with the names that exist only after the deployment filled in.

    `firehose://` means the stack's stream, `?secret=own` track's own secret.
    """
    if settings.event_store == "firehose://":
        return f"firehose://{settings.stream}"
    return _OWN_SECRET.sub(lambda _: settings.secret, settings.event_store)


settings = TrackSettings.of()
secret = SystemSecret(settings.secret)


class TrackDialect(Dialect):
    """Plain text, the original service's own wherever it has one."""

    def error(self, status: int, text: str) -> Answer:
        """The text alone."""
        return Answer(status=status, body=text.encode(), content_type=TEXT)

    def unknown_path(self, error: UnknownPath) -> Answer:
        """404 with the text of Go's server."""
        return self.error(404, "404 page not found")

    def wrong_method(self, error: WrongMethod) -> Answer:
        """405 without a text."""
        return self.error(405, "")

    def unreadable(self, error: Unreadable) -> Answer:
        """The reason alone."""
        return self.error(400, error.reason)

    def invalid(self, error: Invalid) -> Answer:
        """In the contract's order: names and conversions, the Region, absent fields, lengths."""
        problems = error.problems
        unconverted = [_unconverted(p) for p in problems if p.kind is ProblemKind.UNKNOWN or p.form]
        if unconverted:
            return self.error(400, _with_the_number_of_others(unconverted))
        if any(problem.field == "Region" for problem in problems):
            return self.error(400, "Invalid Region")
        for problem in problems:
            if problem.kind is ProblemKind.ABSENT:
                return self.error(400, f"Required Field {problem.model}.{problem.field} was empty")
        return self.error(400, _with_the_number_of_others([_unconverted(problem) for problem in problems]))

    def undeliverable(self, error: Undeliverable) -> Answer:
        """503: nothing was stored, or the outcome is unknown."""
        return self.error(503, "The event store cannot be reached; try again later")


def _unconverted(problem: Problem) -> str:
    name = json.dumps(problem.field[:MAX_NAME], ensure_ascii=False)
    if problem.kind is ProblemKind.UNKNOWN:
        return f"schema: invalid path {name}"
    return f"schema: error converting value for {name}"


def _with_the_number_of_others(texts: Sequence[str]) -> str:
    others = len(texts) - 1
    if others == 0:
        return texts[0]
    return f"{texts[0]} (and {others} other error{'s' if others > 1 else ''})"


created = Answer(status=201, content_type=TEXT)

stored = Success(delivered=lambda reply: created, queued=created)
"""The row is durable: in the store, or in the queue."""


def _read(request: Request) -> dict[str, Any]:
    """The fields as text, by their documented names; the last of several values of a name."""
    return {_NAMES.get(name.lower(), name): value for name, value in _pairs(request)}


def _read_with_caller(request: Request) -> dict[str, Any]:
    """The same for events with a RemoteIP: with `FillClientIp`, a missing one is the caller's address."""
    values = _read(request)
    if settings.fill_client_ip and not values.get("RemoteIP"):
        values["RemoteIP"] = request.source_ip
    return values


def _pairs(request: Request) -> Iterable[tuple[str, Any]]:
    # The original service finds no fields in a multipart body.
    if not request.document or is_multipart(request):
        return []
    if not (request.document.startswith(b"{") or _JSON_TYPE.match(request.header("content-type"))):
        return urlencoded_fields(request.body)
    if not isinstance(request.json, dict):
        raise Unreadable("not a JSON object")
    return [(name, _as_in_a_form(value)) for name, value in request.json.items()]


def _as_in_a_form(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, dict | list | None) else str(value)


def _presented(request: Request) -> Sequence[str]:
    bearer = _BEARER.fullmatch(request.header("authorization"))
    return [*request.headers.get("x-api-key", ()), *([bearer[1]] if bearer else [])]


# A row carries its event id, which a store takes once (Athena's view shows it once).
_CONTRACT = Contract(read=_read, idempotent=True, takes_once=True)

track = System(
    name="track",
    settings=settings,
    secret=secret,
    upstream=EventStore(store_url(settings)),
    dialect=TrackDialect(),
    contract=_CONTRACT,
    by_endpoint={"session": replace(_CONTRACT, read=_read_with_caller)},
    presented=_presented,
    subject_fields=frozenset({"ProfileID", "SessionID"}),
    payload=Row.of,
    unknown_paths=(UnknownPaths(re.compile(r"(api/1\.0|v1)/track"), TrackDialect()),),
)
