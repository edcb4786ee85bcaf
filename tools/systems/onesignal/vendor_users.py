"""OneSignal's user model, the successor of its `players` calls: update user, update subscription, identity.

A subscription that begins with `00000000-` is known to nobody; any other has a user of its own.
"""

from __future__ import annotations

import re
import uuid

from tools.sandbox.reading import is_integer
from tools.systems.onesignal.app import APP_ID, NO_KEY, has_key, json_object
from tools.systems.vendor import Json, Request, Response, effect, json_response

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_USER = re.compile(rf"/apps/([^/]+)/users/by/onesignal_id/({_UUID})")
_SUBSCRIPTION = re.compile(rf"/apps/([^/]+)/subscriptions/({_UUID})(/user/identity)?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_SUBSCRIPTION_TEXTS = ("token", "device_os", "app_version", "sdk", "device_model")


def onesignal_id(subscription: str) -> str:
    """The user of a subscription (a player id); both are UUIDs."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, subscription.lower()))


def answer(request: Request) -> Response:
    """Success is 202, or 200 for the identity; every error is `{"errors": [{"code", "title"}]}`."""
    user, subscription = _USER.fullmatch(request.path), _SUBSCRIPTION.fullmatch(request.path)
    route = user or subscription
    if route is None:
        return _error(404, "not-found", "Not found")
    if request.method != ("GET" if subscription and subscription[3] else "PATCH"):
        return _error(405, "method-not-allowed", "Method not allowed")
    if route[1] != APP_ID:
        return _error(404, "app-not-found", "app_id not found")
    if user:
        return _update_user(request, user[2])
    if route[2].startswith("00000000-"):
        return json_response(404, {"errors": [{"code": "subscription-404", "title": "Not found"}]}, "refused")
    if route[3]:
        return json_response(200, {"identity": {"onesignal_id": onesignal_id(route[2])}})
    return _update_subscription(request)


def _update_user(request: Request, number: str) -> Response:
    if not has_key(request):
        return _error(403, "forbidden", NO_KEY)
    data = json_object(request)
    if data is None:
        return _error(400, "body", "body must be a JSON object")
    subscription = request.header("OneSignal-Subscription-Id")
    if "deltas" in data and (subscription is None or onesignal_id(subscription) != number.lower()):
        return _error(400, "subscription", "OneSignal-Subscription-Id must be a subscription of the user")
    properties = data.get("properties", {})
    if problem := _properties(properties) or _deltas(data.get("deltas", {})):
        return _error(400, "user", problem)
    return json_response(202, {"properties": properties}, effects=effect("update_user", request))


def _properties(properties: Json) -> str | None:
    if not isinstance(properties, dict):
        return "properties must be an object"
    if not isinstance(properties.get("language", ""), str):
        return "language must be a string"
    tags = properties.get("tags", {})
    if not isinstance(tags, dict) or not all(isinstance(tag, str | None) for tag in tags.values()):
        return "tags must be a flat object of strings"
    return None


def _deltas(deltas: Json) -> str | None:
    if not isinstance(deltas, dict):
        return "deltas must be an object"
    for name in ("session_count", "session_time"):
        if name in deltas and not is_integer(deltas[name]):
            return f"{name} must be an integer"
    purchases = deltas.get("purchases", [])
    if not isinstance(purchases, list) or not all(_is_purchase(purchase) for purchase in purchases):
        return "purchases must have sku, iso, amount and count"
    return None


def _is_purchase(purchase: Json) -> bool:
    return (
        isinstance(purchase, dict)
        and all(isinstance(purchase.get(name), str) for name in ("sku", "iso", "amount"))
        and _CURRENCY.fullmatch(purchase["iso"]) is not None
        and is_integer(purchase.get("count"))
    )


def _update_subscription(request: Request) -> Response:
    data = json_object(request)
    subscription = data.get("subscription") if data else None
    if not isinstance(subscription, dict):
        return _error(400, "subscription", "subscription must be an object")
    for name in _SUBSCRIPTION_TEXTS:
        if not isinstance(subscription.get(name, ""), str):
            return _error(400, "subscription", f"{name} must be a string")
    return json_response(202, {}, effects=effect("update_subscription", request))


def _error(status: int, code: str, title: str) -> Response:
    return json_response(status, {"errors": [{"code": code, "title": title}]}, "malformed")
