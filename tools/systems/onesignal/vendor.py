"""OneSignal's `players` calls and its `notifications`, as its REST documentation worded them.

A player id that begins with `00000000-` is known to nobody. A device_type outside 0…17 is refused.
Null is as good as absent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from tools.sandbox.reading import is_integer, is_number
from tools.systems.onesignal import vendor_users
from tools.systems.onesignal.app import APP_ID, NO_APP, NO_KEY, has_key, json_object
from tools.systems.vendor import Json, Request, Response, effect, json_response

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_AMOUNT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_ROUTE = re.compile(r"/(players)/([^/]+)/(on_session|on_purchase|on_focus)|/(notifications)/([^/]+)")
_SESSION_TEXTS = ("identifier", "language", "game_version", "device_os", "ad_id", "sdk")


class OneSignal:
    """Success is 200 `{"success": true}`; every error is `{"errors": [text]}`.

    Paths under `/apps/` are the user model's.
    """

    def answer(self, request: Request) -> Response:
        """See Vendor."""
        if request.path.startswith("/apps/"):
            return vendor_users.answer(request)
        if request.path == "/notifications":
            return _messages(request)
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return _error(404, "Not found")
        if request.method != ("PUT" if route[4] else "POST"):
            return _error(405, "Method not allowed")
        endpoint = route[3] or "notifications"
        if route[4] and not has_key(request):
            return _error(403, NO_KEY)
        data = json_object(request)
        if data is None or data.get("app_id") != APP_ID:
            return _error(400, NO_APP)
        if problem := _problem(endpoint, route[2] or route[5], data):
            return _error(400, problem)
        if (route[2] or "").startswith("00000000-"):
            return json_response(400, {"errors": ["No user with this id found"]}, "refused")
        if endpoint == "on_session" and not 0 <= (data.get("device_type") or 0) <= 17:
            return json_response(400, {"errors": ["not a valid device_type"]}, "refused")
        return json_response(200, {"success": True}, effects=effect(endpoint, request))

    def failure(self, status: int) -> object:
        """See Vendor."""
        if status == 429:
            return {"errors": ["API rate limit exceeded"], "limit": "App ID"}
        return {"errors": ["Service temporarily unavailable" if status >= 500 else "Bad request"]}

    def reset(self) -> None:
        """There is nothing to forget."""


def _messages(request: Request) -> Response:
    """ "View messages", which is how an operator asks whether a key is good: there are none here."""
    if request.method != "GET":
        return _error(405, "Method not allowed")
    if not has_key(request):
        return _error(403, NO_KEY)
    if dict(parse_qsl(request.query)).get("app_id") != APP_ID:
        return _error(400, NO_APP)
    return json_response(200, {"total_count": 0, "offset": 0, "limit": 1, "notifications": []})


def _problem(endpoint: str, number: str, data: dict[str, Json]) -> str | None:
    """What is wrong with the form of the request, in the vendor's words where it has some."""
    if not _UUID.fullmatch(number):
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
