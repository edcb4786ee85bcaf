"""What the generic tests know of OneSignal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.profiles import STATUSES, Answers, Document, Profile, Requests, Vendor, VendorRequest
from tests.proofs.faults.kinds import Asked, Kind, person, post
from tests.proofs.fuzz.bodies import parsed, typed
from tests.proofs.fuzz.http1 import Response
from tools.systems.onesignal.people import onesignal_id

APP_ID = "local-onesignal-app"
PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"

_AS_A_PLAYER = (
    ("Authorization", "Key local-onesignal-credential"),
    ("OneSignal-Subscription-Id", PLAYER),
)
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_FIRST_SECOND = 1_000_000_000
"""`increment-session-length` has no room for a mark: its seconds count up from here."""

_NAMES = {
    "properties": {"language", "tags"},
    "deltas": {"session_count", "session_time", "purchases"},
    "subscription": {"token", "device_os", "app_version", "sdk"},
}
"""All that is sent in the users model; to ask for more (`refresh_device_metadata`) would tell our address."""

_MESSAGES = {
    "new_session": "session updated",
    "new_purchase": "new purchase added",
    "increment_session_length": "increment session success",
    "track_open": "track open success",
}


def _new_session(mark: str, number: int, subject: int) -> Asked:
    player = person(subject)
    data = {"language": "en", "tags": {"mark": mark}}
    return post("/onesignal/new-session", {"player_id": player, "sessionData": data}, (player,))


def _new_purchase(mark: str, number: int, subject: int) -> Asked:
    player = person(subject)
    data = {"purchases": [{"sku": mark, "iso": "USD", "amount": "0.99"}]}
    return post("/onesignal/new-purchase/", {"player_id": player, "purchaseData": data}, (player,))


def _increment(mark: str, number: int, subject: int) -> Asked:
    player = person(subject)
    body = {"player_id": player, "state": "ping", "active_time": _FIRST_SECOND + number}
    return post("/onesignal/increment-session-length", body, (player,))


def _track_open(mark: str, number: int, subject: int) -> Asked:
    return post("/onesignal/track-open", {"id": mark, "opened": True})


def _numbered(path: str, body: bytes) -> int | None:
    if path.endswith("/on_focus"):
        seconds: int = json.loads(body)["active_time"]
    elif "/users/by/" in path:
        seconds = json.loads(body).get("deltas", {}).get("session_time", 0)
    else:
        return None
    return seconds - _FIRST_SECOND if seconds >= _FIRST_SECOND else None


def _judge(endpoint: str, response: Response) -> Iterator[str]:
    yield from typed(response)
    body = parsed(response)
    if (
        not isinstance(body, dict)
        or list(body) != ["message", "response"]
        or not isinstance(body["message"], str)
    ):
        yield "not the envelope"
    elif response.status < 300 and (
        body["message"] != _MESSAGES.get(endpoint) or not body["response"].get("success")
    ):
        yield f"{response.status} {body}"
    elif response.status >= 400 and not body["message"]:
        yield "an error without a text"


def _problems(request: VendorRequest) -> Iterator[str]:
    """One app id, ours: in the body, or in the path of the users model, which takes no unknown name."""
    if request.query:
        yield "a query"
    if request.path.endswith("/identity"):
        return
    if request.path.startswith("/apps/"):
        yield from _unknown(json.loads(request.body))
        return
    pairs = json.loads(request.body, object_pairs_hook=list)
    if [value for name, value in pairs if name == "app_id"] != [APP_ID]:
        yield "another app id than ours"


def _unknown(body: dict[str, Any]) -> Iterator[str]:
    for part, found in body.items():
        if part not in _NAMES:
            yield f"{part} is not sent"
        elif further := set(found) - _NAMES[part]:
            yield f"{part}: {sorted(further)}"


def _method(path: str) -> str:
    if path.startswith("/apps/"):
        return "GET" if path.endswith("/identity") else "PATCH"
    return "PUT" if path.startswith("/notifications/") else "POST"


PROFILE = Profile(
    name="onesignal",
    settings={"APP_ID": APP_ID},
    typical="new_purchase",
    credentialed=("track_open",),
    kinds=(
        Kind("onesignal", "new_session", _new_session, adds=True),
        Kind("onesignal", "new_purchase", _new_purchase, adds=True),
        Kind("onesignal", "increment_session_length", _increment, adds=True),
        Kind("onesignal", "track_open", _track_open),
    ),
    numbered=_numbered,
    requests=Requests(forms=True),
    answers=Answers(
        statuses=STATUSES | {200, 202, 403}, judge=_judge, unknown=r"/(onesignal|v[23]/instances)"
    ),
    vendor=Vendor(
        paths=rf"/players/{_UUID}/on_(session|purchase|focus)|/notifications/{_UUID}"
        rf"|/apps/{APP_ID}/(users/by/onesignal_id/{_UUID}|subscriptions/{_UUID}(/user/identity)?)",
        method=_method,
        headers=frozenset({"onesignal-subscription-id"}),
        authorization=lambda path: None if path.startswith("/players/") else "Key {}",
        problems=_problems,
        further=(
            ("PATCH", f"/apps/{APP_ID}/users/by/onesignal_id/{onesignal_id(PLAYER)}", _AS_A_PLAYER),
            ("PATCH", f"/apps/{APP_ID}/subscriptions/{PLAYER}", _AS_A_PLAYER),
        ),
    ),
    document=Document(
        statuses=frozenset({200, 202, 400, 403, 405, 409, 413, 422, 500, 502, 503, 504}),
        looser=lambda value: isinstance(value, str) and value.lstrip("+-").isdecimal(),
    ),
)
