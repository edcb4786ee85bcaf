"""OneSignal's `players` calls and `PUT /notifications`, as its REST documentation worded them.

A device_type outside 0…17 is refused. Null is as good as absent. No call but the notifications' needs a key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from tools.sandbox.reading import is_integer, is_number
from tools.systems.onesignal.app import NO_APP, UUID, exists, has_key, json_object, no_key
from tools.systems.onesignal.limits import Use
from tools.systems.onesignal.people import People
from tools.systems.vendor import Json, Request, Response, effect, json_response

_AMOUNT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_ROUTE = re.compile(r"/(players)/([^/]+)/(on_session|on_purchase|on_focus)|/(notifications)/([^/]+)")
_SESSION_TEXTS = ("identifier", "language", "game_version", "device_os", "ad_id", "sdk")


def account(request: Request) -> str:
    """The app in the body."""
    app = (json_object(request) or {}).get("app_id")
    return app if isinstance(app, str) else ""


def answer(request: Request, people: People, refusal: Callable[[list[Use]], Response | None]) -> Response:
    """Success is 200 `{"success": true}`; every error is `{"errors": [text]}`. `refusal`: see Limits."""
    route = _ROUTE.fullmatch(request.path)
    if route is None:
        return _error(404, "Not found")
    if request.method != ("PUT" if route[4] else "POST"):
        return _error(405, "Method not allowed")
    endpoint, number = route[3] or "notifications", route[2] or route[5]
    data = json_object(request)
    app = (data or {}).get("app_id")
    if route[4] and not has_key(request, app):
        return no_key()
    if data is None or not exists(app):
        return _error(400, NO_APP)
    per_user: list[Use] = [("updates_per_user", number, "Player ID")] if route[2] else []
    if refused := refusal([("updates_per_app", app, "App ID"), *per_user]):
        return refused
    if problem := _problem(endpoint, number, data):
        return _error(400, problem)
    if route[2] and not people.has(app, number):
        return json_response(400, {"errors": ["No user with this id found"]}, "refused")
    if endpoint == "on_session" and not 0 <= (data.get("device_type") or 0) <= 17:
        return json_response(400, {"errors": ["not a valid device_type"]}, "refused")
    return json_response(200, {"success": True}, effects=effect(endpoint, request))


def _problem(endpoint: str, number: str, data: dict[str, Json]) -> str | None:
    """What is wrong with the form of the request, in the vendor's words where it has some."""
    if not re.fullmatch(UUID, number):
        return "No user with this id found" if endpoint != "notifications" else "Notification not found"
    return _RULES[endpoint](data)


def _session(data: dict[str, Json]) -> str | None:
    for name in _SESSION_TEXTS:
        if not isinstance(data.get(name), str | None):
            return f"{name} must be a string"
    if data.get("timezone") is not None and not is_integer(data["timezone"]):
        return "timezone must be an integer"
    if data.get("device_type") is not None and not is_integer(data["device_type"]):
        return "not a valid device_type"
    tags = data.get("tags") or {}
    if not isinstance(tags, dict) or not all(isinstance(tag, str | None) for tag in tags.values()):
        return "tags must be a flat object of strings"
    return None


def _purchase(data: dict[str, Json]) -> str | None:
    purchases = data.get("purchases")
    if not isinstance(purchases, list) or not purchases:
        return "purchases must be a list"
    if not isinstance(data.get("existing"), bool | None):
        return "existing must be a boolean"
    for purchase in purchases:
        if not isinstance(purchase, dict) or not isinstance(purchase.get("sku"), str):
            return "purchases must have a sku"
        if not _is_amount(purchase.get("amount")):
            return "Invalid amount spend"
        if not isinstance(purchase.get("iso"), str) or not _CURRENCY.fullmatch(purchase["iso"]):
            return "purchases must have an iso currency code"
    return None


def _is_amount(amount: Json) -> bool:
    if not is_number(amount) and not (isinstance(amount, str) and _AMOUNT.fullmatch(amount)):
        return False
    try:
        return math.isfinite(float(amount))
    except OverflowError:
        return False


def _focus(data: dict[str, Json]) -> str | None:
    if data.get("state") != "ping":
        return 'state must be "ping"'
    seconds = data.get("active_time")
    if not is_integer(seconds) or not 0 <= seconds < 2**63:
        return "active_time must be a number of seconds"
    return None


def _open(data: dict[str, Json]) -> str | None:
    return None if data.get("opened") is True else "opened must be true"


_RULES: dict[str, Callable[[dict[str, Json]], str | None]] = {
    "on_session": _session,
    "on_purchase": _purchase,
    "on_focus": _focus,
    "notifications": _open,
}


def _error(status: int, text: str) -> Response:
    return json_response(status, {"errors": [text]}, "malformed")
