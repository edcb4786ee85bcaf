"""Trax: its URL, authentication, answers and errors."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.account import Account
from gateway.core.answer import Answer, json_answer, relayed
from gateway.core.errors import (
    ClientKeyNotAllowed,
    ClientKeyRefused,
    Fault,
    Invalid,
    Undeliverable,
    Unreadable,
)
from gateway.core.message import HttpRequest
from gateway.core.problem import ProblemKind
from gateway.core.settings import Settings
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import HttpUpstream, json_object_or_nothing
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System, UnknownPaths

PROJECT = Account("project", "[A-Za-z0-9_-]{1,100}", "1 to 100 letters, digits, - or _")

_AUTH_TOKEN = re.compile(r"auth-token +(\S+)", re.IGNORECASE)


class TraxSettings(Settings):
    """`session_path` is the segment in Trax's own path; `require_task_code` is for PUREAI projects."""

    session_path: str = "sessions"
    require_task_code: bool = False


settings = TraxSettings.of()
secret = SystemSecret(settings.secret, PROJECT)


class TraxDialect(Dialect):
    """`{"description"}` with the document's texts."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"description": text})

    def key_refused(self, error: ClientKeyRefused) -> Answer:
        """401 with Trax's text."""
        return self.error(401, "Incorrect or expired token")

    def key_not_allowed(self, error: ClientKeyNotAllowed) -> Answer:
        """403, naming the project."""
        return self.error(403, f"A forbidden resource has been requested {error.resource}")

    def unreadable(self, error: Unreadable) -> Answer:
        """The document's text for a field, applied to the whole body."""
        return self.error(400, "Incorrect format field: body, the correct format: JSON")

    def invalid(self, error: Invalid) -> Answer:
        """All absent fields; if there are none, all null or empty ones; else the first malformed one."""
        absent = [problem.field for problem in error.problems if problem.kind is ProblemKind.ABSENT]
        # An element of a list is not a field: a null or empty one has the wrong type.
        empty = [
            problem.field
            for problem in error.problems
            if problem.kind is ProblemKind.EMPTY and not problem.field.endswith("]")
        ]
        if absent:
            return self.error(400, f"missing attribute{_s(absent)} - {','.join(absent)}")
        if empty:
            return self.error(400, f"missing mandatory field{_s(empty)} - {','.join(empty)}")
        first = error.problems[0]
        return self.error(
            400, f"Incorrect format field: {first.field}, the correct format: {first.form or 'Object'}"
        )

    def undeliverable(self, error: Undeliverable) -> Answer:
        """Trax's own 500 is relayed. Without an answer from Trax it is 502, or 504 after a timeout."""
        reply = error.cause.reply
        if reply is not None and reply.status == 500:
            return relayed(reply)
        return self.error(error.cause.status, "Trax Internal Error")

    def fault(self, error: Fault) -> Answer:
        """500 with Trax's text."""
        return self.error(500, "Trax Internal Error")


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) > 1 else ""


def _read(request: Request) -> dict[str, Any]:
    if not isinstance(request.json, dict):
        raise Unreadable("not a JSON object")
    return request.json


def _presented(request: Request) -> Sequence[str]:
    found = _AUTH_TOKEN.fullmatch(request.header("authorization"))
    return [found[1]] if found else []


def _sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
    token = secret.credential(request.account)
    return replace(request, headers={**request.headers, "Authorization": f"Auth-Token {token}"})


trax = System(
    name="trax",
    settings=settings,
    secret=secret,
    upstream=HttpUpstream(url=settings.url, secret=secret, sign=_sign),
    dialect=TraxDialect(),
    contract=Contract(read=_read, check=json_object_or_nothing, idempotent=True),
    presented=_presented,
    resource=lambda request: request.path_values.get("project_name", ""),
    subject_fields=frozenset({"client_session_uid", "email_address"}),
    settled=lambda reply: reply.status == 409,
    unknown_paths=(UnknownPaths(re.compile(r"api(/|$)"), TraxDialect()),),
)
