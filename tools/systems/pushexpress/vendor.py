"""push.express's SDK API v2: it gives out ids, and takes infos and events for them.

An app or instance id that begins with `unknown-` is known to nobody; any other one is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeGuard

from tools.sandbox.reading import is_integer, parse
from tools.systems.vendor import Json, Request, Response, Vendor, effect, json_response

_ID = r"[A-Za-z0-9_-]{1,64}"
_ROUTE = re.compile(
    rf"/api/r/v2/apps/({_ID})/instances(?:/({_ID})/(info|events/notification|events/lifecycle|deactivate))?"
)
_FIRST_ID = 737112
_INFO_TEXTS = ("transport_token", "platform_name", "ext_id", "lang", "country", "agent_name")
_INFO_INTEGERS = ("tz_sec", "onscreen_count", "onscreen_sec")


class PushExpress(Vendor):
    """Success is 200 with JSON, or 202 with nothing; every error is `{"message": text}`.

    Values that the mobile SDKs send although no list has them (`fcm.data`, a country in lower case, a
    lifecycle call without a body) are taken, as the vendor takes them.
    """

    def __init__(self) -> None:
        """No instance exists."""
        self._ids: dict[tuple[str, str, str], str] = {}
        self._given = 0

    def answer(self, request: Request) -> Response:
        """See Vendor."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return _error(404, "not found")
        app, instance, endpoint = route[1], route[2] or "", route[3] or "instances"
        if request.method != ("PUT" if endpoint == "info" else "POST"):
            return _error(405, "method not allowed")
        try:
            data: Json = None if endpoint == "deactivate" or not request.body else parse(request.body)
        except ValueError:
            return _error(400, "validation error: body is not JSON")
        if problem := _RULES[endpoint](data):
            return _error(400, f"validation error: {problem}")
        if app.startswith("unknown-") or instance.startswith("unknown-"):
            return json_response(404, {"message": "not found"}, "refused")
        effects = effect(endpoint, request)
        if endpoint.startswith("events/"):
            return Response(status=202, verdict="taken", effects=effects)
        if endpoint == "instances":
            number, created = self._instance(app, data["ic_token"], data.get("ext_id") or "")
            return json_response(200, {"id": number, "just_created": created}, effects=effects)
        if endpoint == "deactivate":
            return json_response(200, {"id": instance, "just_created": False}, effects=effects)
        return json_response(200, {"id": instance, "update_interval_sec": 120}, effects=effects)

    def account(self, request: Request) -> str:
        """The app."""
        route = _ROUTE.fullmatch(request.path)
        return route[1] if route else ""

    def failure(self, status: int) -> object:
        """See Vendor."""
        return {"message": "internal error" if status >= 500 else "request refused"}

    def reset(self) -> None:
        """See Vendor."""
        self._ids.clear()
        self._given = 0

    def _instance(self, app: str, ic_token: str, ext_id: str) -> tuple[str, bool]:
        """The id for a token or an external id, and whether it is new."""
        token, external = (app, "ic_token", ic_token), (app, "ext_id", ext_id)
        number = (self._ids.get(external) if ext_id else None) or self._ids.get(token)
        created = number is None
        if number is None:
            number = str(_FIRST_ID + self._given)
            self._given += 1
        self._ids.setdefault(token, number)
        if ext_id:
            self._ids[external] = number
        return number, created


def _instances(data: Json) -> str | None:
    if not isinstance(data, dict):
        return "body is not an object"
    token = data.get("ic_token")
    if not _is_filled(token):
        return "ic_token is required"
    if len(token) > 255 or not token.isprintable():
        return "ic_token is not 1 to 255 printable characters"
    return None if isinstance(data.get("ext_id"), str | None) else "ext_id is not a string"


def _info(data: Json) -> str | None:
    if not isinstance(data, dict):
        return "body is not an object"
    for name in ("transport_type", "platform_type"):
        if not _is_filled(data.get(name)):
            return f"{name} is required"
    for name in _INFO_TEXTS:
        if not isinstance(data.get(name), str | None):
            return f"{name} is not a string"
    for name in _INFO_INTEGERS:
        if data.get(name) is not None and not is_integer(data[name]):
            return f"{name} is not an integer"
    tags = data.get("tags")
    if tags is not None and not (
        isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())
    ):
        return "tags is not a map of strings"
    return None


def _notification(data: Json) -> str | None:
    if not isinstance(data, dict):
        return "body is not an object"
    for name in ("msg_id", "event"):
        if not _is_filled(data.get(name)):
            return f"{name} is required"
    return None


def _lifecycle(data: Json) -> str | None:
    # One SDK's heartbeat has no body at all.
    if data is None:
        return None
    return None if isinstance(data, dict) and _is_filled(data.get("event")) else "event is required"


def _anything(data: Json) -> str | None:
    del data
    return None


_RULES: dict[str, Callable[[Json], str | None]] = {
    "instances": _instances,
    "info": _info,
    "events/notification": _notification,
    "events/lifecycle": _lifecycle,
    "deactivate": _anything,
}


def _is_filled(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and value != ""


def _error(status: int, text: str) -> Response:
    return json_response(status, {"message": text}, "malformed")
