"""Trax: where it is, how we sign in, how its answers and errors are worded."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.answer import Answer, Dialect, json_answer, relayed
from gateway.core.errors import Problem, Unreadable, UpstreamError
from gateway.core.settings import Settings
from gateway.core.task import HttpRequest, Reply
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import HttpUpstream, json_object, judge
from gateway.outbound.secrets import SystemSecret
from gateway.system import Account, System, UnknownPaths

PROJECT = Account("project", "[A-Za-z0-9_-]{1,100}", "1 to 100 letters, digits, - or _")

_AUTH_TOKEN = re.compile(r"auth-token +(\S+)", re.IGNORECASE)


class TraxSettings(Settings):
    """`session_path` is the word in Trax's own path; `require_task_code` is for PUREAI projects."""

    session_path: str = "sessions"
    require_task_code: bool = False


settings = TraxSettings.of("trax")
secret = SystemSecret(settings.secret)


class TraxDialect(Dialect):
    """`{"description"}` with the document's texts."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"description": text})

    def key_refused(self) -> Answer:
        """401, as Trax says it."""
        return self.error(401, "Incorrect or expired token")

    def key_not_allowed(self, resource: str) -> Answer:
        """403, naming the project."""
        return self.error(403, f"A forbidden resource has been requested {resource}")

    def unreadable(self, reason: str) -> Answer:
        """The whole body is of the wrong form."""
        del reason
        return self.error(400, "Incorrect format field: body, the correct format: JSON")

    def invalid(self, problems: tuple[Problem, ...]) -> Answer:
        """All that is absent; then all that is null or empty; then the first that is of the wrong form."""
        absent = [problem.field for problem in problems if problem.kind == "absent"]
        # An element of a list is no field: one that is null or empty is of a wrong type.
        empty = [
            problem.field
            for problem in problems
            if problem.kind == "empty" and not problem.field.endswith("]")
        ]
        if absent:
            return self.error(400, f"missing attribute{_s(absent)} - {','.join(absent)}")
        if empty:
            return self.error(400, f"missing mandatory field{_s(empty)} - {','.join(empty)}")
        first = problems[0]
        return self.error(
            400, f"Incorrect format field: {first.field}, the correct format: {first.form or 'Object'}"
        )

    def undeliverable(self, cause: UpstreamError) -> Answer:
        """Trax's own 500 is relayed; what never was an answer of Trax's is 502, or 504 after a time-out."""
        if cause.reply is not None and cause.reply.status == 500:
            return relayed(cause.reply)
        return self.error(cause.status, "Trax Internal Error")

    def fault(self) -> Answer:
        """As Trax says it."""
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


def _judge(reply: Reply) -> None:
    judge(reply)
    # The document shows no success body: nothing, or JSON. A page of HTML is some proxy's.
    if reply.body.strip():
        json_object(reply)


trax = System(
    name="trax",
    settings=settings,
    secret=secret,
    upstream=HttpUpstream(url=settings.url, secret=secret, sign=_sign, judge=_judge),
    dialect=TraxDialect(),
    read=_read,
    presented=_presented,
    resource=lambda request: request.path_values.get("project_name", ""),
    account=PROJECT,
    subject_fields=frozenset({"client_session_uid", "email_address"}),
    settled=lambda reply: reply.status == 409,
    idempotent=frozenset({"session"}),
    unknown_paths=(UnknownPaths(re.compile(r"api(/|$)"), TraxDialect()),),
)
