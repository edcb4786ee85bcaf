"""MyTracker's S2S import: the eight documented methods, two that its SDK adds, its further families."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from tools.sandbox.reading import canonical, parse
from tools.systems.mytracker import vendor_fields
from tools.systems.vendor import Effect, Json, Request, Response, Vendor, effect, json_response

CREDENTIAL = "local-mytracker-credential"
MAX_BODY = 10_240
MAX_BATCH = 20

_PATH = re.compile(r"/v([0-9]+)/([A-Za-z-]+)/?")
_DOCUMENTED = re.compile(r"(registration|login|customEvent|customRevenue)(Batch)?")
_FURTHER = re.compile(r"(appStore|googlePlay|userInfo|order)[A-Za-z]*")
_APP = re.compile(r"[0-9]{1,19}")


class MyTracker(Vendor):
    """Success is 200 `{"message": "OK"}`; every error is `{"error": text}`.

    The vendor never says what is wrong with a parameter; here the header `Sandbox-Reason` does.
    """

    def answer(self, request: Request) -> Response:
        """See Vendor. The checks are in the order of the contract."""
        path = _PATH.fullmatch(request.path)
        if path is None:
            return _error(404, "Method not found")
        if path[1] != "1":
            return _error(400, "Bad api version")
        method = path[2]
        documented = _DOCUMENTED.fullmatch(method)
        if not (documented or _FURTHER.fullmatch(method) or method in ("version", "test-app-access")):
            return _error(404, "Method not found")
        if request.method != "POST":
            return _error(405, "Method not allowed")
        if method == "version":
            return json_response(200, {"version": "1.0.0"})
        app = _app(request.query)
        if app is None or request.header("Authorization") != CREDENTIAL:
            return _error(403, "Forbidden")
        if method == "test-app-access":
            return _OK
        if documented is None:  # no document says what a body is here
            return replace(_OK, effects=effect(method, request))
        if not request.body:
            return _error(400, "Empty post data")
        if len(request.body) > MAX_BODY:
            return _error(400, "Bad Request", f"more than {MAX_BODY} bytes")
        try:
            data = parse(request.body)
        except ValueError:
            return _error(400, "Bad json")
        return _imported(app, documented[1], data, is_batch=documented[2] is not None)

    def account(self, request: Request) -> str:
        """The app: `idApp`."""
        return _app(request.query) or ""

    def failure(self, status: int) -> object:
        """See Vendor."""
        return {"error": "Internal Server Error" if status >= 500 else "Bad Request"}

    def reset(self) -> None:
        """There is nothing to forget."""


_OK = json_response(200, {"message": "OK"})


def _imported(app: str, event: str, data: Json, *, is_batch: bool) -> Response:
    """One event or a batch of them, all or nothing; each is an effect of its own, however it came."""
    events = data if is_batch else [data]
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_BATCH:
        return _error(400, "Bad Request", f"not an array of 1 to {MAX_BATCH}")
    for element in events:
        if problem := vendor_fields.problem(event, element):
            return _error(400, "Bad Request", problem)
    return replace(_OK, effects=tuple(Effect(event, app, canonical(element)) for element in events))


def _app(query: str) -> str | None:
    values = [value for name, value in parse_qsl(query, keep_blank_values=True) if name == "idApp"]
    return values[0] if len(values) == 1 and _APP.fullmatch(values[0]) else None


def _error(status: int, text: str, reason: str = "") -> Response:
    answer = json_response(status, {"error": text}, "malformed")
    return replace(answer, headers=(*answer.headers, ("Sandbox-Reason", reason))) if reason else answer
