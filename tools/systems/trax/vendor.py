"""Trax's Sessions Input, with the validations and texts of its document.

What it does not know: a store_number, task_code or email_address that begins with `unknown-`. A project
that begins with `forbidden-` is not this token's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import unquote

from tools.sandbox.reading import is_number, is_whole, parse
from tools.systems.vendor import Json, Request, Response, Vendor, effect, json_response

CREDENTIAL = "local-trax-credential"

_ROUTE = re.compile(r"/api/[vV][0-9]+/([^/]+)/sessions?/([^/]+)")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_REQUIRED = ("store_number", "visit_date", "session_start_time", "scenes")


class Trax(Vendor):
    """Success is 200 with an empty body; every error is `{"description": text}`."""

    def __init__(self) -> None:
        """No session has been received."""
        self._received: set[tuple[str, str]] = set()

    def answer(self, request: Request) -> Response:
        """See Vendor."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return _error(404, "Not found")
        if request.method != "PUT":
            return _error(405, "Method not allowed")
        if request.header("Authorization") != f"Auth-Token {CREDENTIAL}":
            return _error(401, "Incorrect or expired token")
        project, uid = unquote(route[1]), unquote(route[2])
        if problem := _problem(project, uid, request.body):
            return _error(400, problem)
        if project.startswith("forbidden-"):
            return _refusal(403, f"A forbidden resource has been requested {project}")
        if problem := _unknown(parse(request.body)):
            return _refusal(400, problem)
        if (project, uid) in self._received:
            return _refusal(409, "Session has already been received")
        self._received.add((project, uid))
        return Response(status=200, verdict="taken", effects=effect("sessions", request))

    def account(self, request: Request) -> str:
        """The project."""
        route = _ROUTE.fullmatch(request.path)
        return unquote(route[1]) if route else ""

    def failure(self, status: int) -> object:
        """See Vendor."""
        return {"description": "Trax Internal Error" if status >= 500 else "Bad Request"}

    def reset(self) -> None:
        """See Vendor."""
        self._received.clear()


def _problem(project: str, uid: str, body: bytes) -> str | None:
    """What is wrong with the form of the request, in the document's words and order."""
    try:
        session = parse(body)
    except ValueError:
        session = None
    if not isinstance(session, dict):
        return _wrong("body", "JSON")
    if absent := _without(session, lambda holder, name: name not in holder):
        return f"missing attribute{'s' if absent[1:] else ''} - {','.join(absent)}"
    if empty := _without(session, lambda holder, name: holder.get(name) in (None, "")):
        return f"missing mandatory field{'s' if empty[1:] else ''} - {','.join(empty)}"
    return next(_formats(project, uid, session), None)


def _without(session: dict[str, Json], lacks: Callable[[dict[str, Json], str], bool]) -> list[str]:
    scenes = session.get("scenes")
    return [name for name in _REQUIRED if lacks(session, name)] + [
        f"scenes[{index}].scene_uid"
        for index, scene in enumerate(scenes if isinstance(scenes, list) else ())
        if isinstance(scene, dict) and lacks(scene, "scene_uid")
    ]


def _formats(project: str, uid: str, session: dict[str, Json]) -> Iterator[str]:
    if not _NAME.fullmatch(project):
        yield _wrong("project_name", "string (100)")
    if not _NAME.fullmatch(uid):
        yield _wrong("session_uid", "UUID v.4")
    for name, is_right, form in _FIELDS:
        value = session.get(name)
        if value not in (None, "") and not is_right(value):
            yield _wrong(name, form)
    if not isinstance(session["scenes"], list):
        yield _wrong("scenes", "Object[]")
        return
    for index, scene in enumerate(session["scenes"]):
        if not isinstance(scene, dict):
            yield _wrong(f"scenes[{index}]", "Object")
            continue
        if not _is_text(scene["scene_uid"], 100):
            yield _wrong(f"scenes[{index}].scene_uid", "string (100)")
        if not isinstance(scene.get("task_code"), str | None):
            yield _wrong(f"scenes[{index}].task_code", "string")


def _unknown(session: Json) -> str | None:
    if session["store_number"].startswith("unknown-"):
        return f"Unknown Store {session['store_number']}"
    named = [scene.get("task_code") for scene in session["scenes"]] + [session.get("email_address")]
    for value in named:
        if value and value.startswith("unknown-"):
            return f"Lookup value does not exist: {value}"
    return None


def _is_text(value: Json, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _is_date(value: Json) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_email(value: Json) -> bool:
    return _is_text(value, 255) and _EMAIL.fullmatch(value) is not None


_FIELDS: tuple[tuple[str, Callable[[Json], bool], str], ...] = (
    ("client_session_uid", lambda value: _is_text(value, 100), "string (100)"),
    ("store_number", lambda value: _is_text(value, 100), "string (100)"),
    ("visit_date", _is_date, "YYYY-MM-DD"),
    ("session_start_time", is_number, "Epoch Unix Time timestamp"),
    ("visit_type_id", is_whole, "number (255)"),
    ("session_end_time", is_number, "Epoch Unix Time timestamp"),
    ("email_address", _is_email, "string (255)"),
)


def _wrong(field: str, form: str) -> str:
    return f"Incorrect format field: {field}, the correct format: {form}"


def _error(status: int, text: str) -> Response:
    return json_response(status, {"description": text}, "malformed")


def _refusal(status: int, text: str) -> Response:
    return json_response(status, {"description": text}, "refused")
