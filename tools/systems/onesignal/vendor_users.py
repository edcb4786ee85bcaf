"""OneSignal's users model: update user, update subscription, and whose a subscription is.

Paths, fields, types and statuses are those of OneSignal's OpenAPI description, which its clients carry
(`api/openapi.yaml` of github.com/OneSignal/onesignal-go-api, 5.12.0): every field is optional, unknown ones
are ignored. Stricter than that, as the reference's prose and the clients' types are: tags are strings or
null, integers have 32 bits, and a request changes at most 100 properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tools.sandbox.reading import is_integer, is_number
from tools.systems.onesignal.app import UUID, exists, has_key, json_object, no_key
from tools.systems.onesignal.limits import Use
from tools.systems.onesignal.people import MISSING, People
from tools.systems.vendor import Effect, Json, Request, Response, json_response

MOST_PROPERTIES = 100

_USER = re.compile(rf"/apps/([^/]+)/users/by/onesignal_id/({UUID})")
_SUBSCRIPTION = re.compile(rf"/apps/([^/]+)/subscriptions/({UUID})(/user/identity)?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")

_DELTAS = {"session_count": "on_session", "session_time": "on_focus", "purchases": "on_purchase"}
"""What each delta adds to a user, as the players' calls name it: an effect of one name in both models."""

_NOBODY = {
    MISSING: {"code": "user-0", "title": "User not found"},
    409: {"code": "user-2", "title": "One or more Aliases claimed by another User"},
    410: {"code": "user-0", "title": "User not found"},
}


def account(request: Request) -> str:
    """The app in the path."""
    parts = request.path.split("/")
    return parts[2] if len(parts) > 2 else ""


def answer(request: Request, people: People, refusal: Callable[[list[Use]], Response | None]) -> Response:
    """Success is 202 with the properties, 200 with nothing for a subscription, or 200 with the identity.

    An error is `{"errors": [{"code", "title"}]}`, but without a key `{"errors": [text]}`. `refusal`: see
    Limits.
    """
    user, subscription = _USER.fullmatch(request.path), _SUBSCRIPTION.fullmatch(request.path)
    route = user or subscription
    if route is None:
        return _error(404, "not-found", "Not found")
    is_view = subscription is not None and subscription[3] is not None
    if request.method != ("GET" if is_view else "PATCH"):
        return _error(405, "method-not-allowed", "Method not allowed")
    app, number = route[1], route[2].lower()
    if not has_key(request, app):
        return no_key()
    if not exists(app):
        return _error(404, "app-not-found", "app_id not found")
    if refused := refusal(_uses(app, number, is_view=is_view, is_user=user is not None)):
        return refused
    if user:
        return _update_user(request, app, number, people)
    if is_view:
        if not people.subscription(app, number):
            return _no_subscription()
        return json_response(200, {"identity": {"onesignal_id": people.user_of(number)}})
    return _update_subscription(request, app, number, people)


def _uses(app: str, number: str, *, is_view: bool, is_user: bool) -> list[Use]:
    if is_view:
        return [("views_per_app", f"{app} identity", "App ID")]
    whose = "OneSignal ID" if is_user else "Subscription ID"
    return [("updates_per_app", app, "App ID"), ("updates_per_user", number, whose)]


def _update_user(request: Request, app: str, number: str, people: People) -> Response:
    data = json_object(request)
    if data is None:
        return _error(400, "body", "body must be a JSON object")
    if problem := _problem(data):
        return _error(400, "user", problem)
    subscription = request.header("OneSignal-Subscription-Id")
    status = people.user(app, number, subscription)
    if status in _NOBODY:
        return json_response(status, {"errors": [_NOBODY[status]]}, "refused")
    if subscription is not None and people.user_of(subscription) != number:
        return _error(400, "subscription", "OneSignal-Subscription-Id must be a subscription of the user")
    added = [name for delta, name in _DELTAS.items() if delta in data.get("deltas", {})]
    effects = [Effect(name, subscription or number, request.body) for name in added]
    repeatable = [Effect("update_user", number, request.body, repeatable=True)]
    return json_response(
        202, {"properties": data.get("properties", {})}, effects=tuple(effects or repeatable)
    )


def _update_subscription(request: Request, app: str, number: str, people: People) -> Response:
    data = json_object(request)
    subscription = data.get("subscription", {}) if data is not None else None
    if not isinstance(subscription, dict):
        return _error(400, "subscription", "subscription must be an object")
    if problem := _wrong(subscription, _SUBSCRIPTION_FIELDS):
        return _error(400, "subscription", problem)
    if not people.subscription(app, number):
        return _no_subscription()
    update = Effect("update_subscription", number, request.body, repeatable=True)
    return Response(status=200, verdict="taken", effects=(update,))


def _problem(data: dict[str, Json]) -> str | None:
    properties, deltas = data.get("properties", {}), data.get("deltas", {})
    if problem := _wrong(data, {"properties": _is_object, "deltas": _is_object, **_REFRESH}):
        return problem
    tags = properties.get("tags", {})
    if problem := _wrong(properties, _PROPERTIES) or _wrong(deltas, _DELTA_FIELDS):
        return problem
    if len(properties.keys() - {"tags"}) + len(tags) > MOST_PROPERTIES:
        return f"a request may change {MOST_PROPERTIES} properties"
    return None


def _wrong(found: Mapping[str, Json], fields: Mapping[str, Callable[[Json], bool]]) -> str | None:
    for name, fits in fields.items():
        if name in found and not fits(found[name]):
            return f"{name} is not valid"
    return None


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)


def _is_int32(value: Json) -> bool:
    return is_integer(value) and -(2**31) <= value < 2**31


def _are_tags(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(tag, str | None) for tag in value.values())


def _are_purchases(value: Json) -> bool:
    return isinstance(value, list) and all(_is_purchase(purchase) for purchase in value)


def _is_purchase(purchase: Json) -> bool:
    return (
        isinstance(purchase, dict)
        and all(isinstance(purchase.get(name), str) for name in ("sku", "iso", "amount"))
        and _CURRENCY.fullmatch(purchase["iso"]) is not None
        and _is_int32(purchase.get("count", 1))
    )


_REFRESH: Mapping[str, Callable[[Any], bool]] = {"refresh_device_metadata": _is_flag}
_PROPERTIES: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("language", "timezone_id", "country", "ip"), _is_text),
    **dict.fromkeys(("lat", "long", "amount_spent"), is_number),
    **dict.fromkeys(("first_active", "last_active"), is_integer),
    "tags": _are_tags,
    "purchases": _are_purchases,
}
_DELTA_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("session_time", "session_count"), _is_int32),
    "purchases": _are_purchases,
}
_SUBSCRIPTION_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("id", "type", "token", "sdk", "device_model", "device_os", "app_version", "carrier"), _is_text
    ),
    **dict.fromkeys(("web_auth", "web_p256"), _is_text),
    **dict.fromkeys(
        ("notification_types", "session_time", "session_count", "test_type", "net_type"), _is_int32
    ),
    **dict.fromkeys(("enabled", "rooted"), _is_flag),
}


def _no_subscription() -> Response:
    return json_response(
        404, {"errors": [{"code": "subscription-0", "title": "Subscription not found"}]}, "refused"
    )


def _error(status: int, code: str, title: str) -> Response:
    return json_response(status, {"errors": [{"code": code, "title": title}]}, "malformed")
