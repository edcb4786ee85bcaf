"""What the generic tests know of OneSignal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.onesignal.models import MODELS
from tests.onesignal.proof_events import KINDS, PROOF, numbered
from tests.profiles import STATUSES, Answers, Document, Profile, Requests, Variant, Vendor, VendorRequest
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
_OPENED = f"/notifications/{_UUID}"
_CHANGES = {
    "properties": {"language", "tags"},
    "deltas": {"session_count", "session_time", "purchases"},
    "subscription": {"token", "device_os", "app_version", "sdk"},
}
"""What an event changes of a user and of a subscription; `refresh_device_metadata` would tell our address."""

_MESSAGES = {
    "new_session": "session updated",
    "new_purchase": "new purchase added",
    "increment_session_length": "increment session success",
    "track_open": "track open success",
}


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
    """One app id, ours."""
    pairs = json.loads(request.body, object_pairs_hook=list)
    if [value for name, value in pairs if name == "app_id"] != [APP_ID]:
        yield "another app id than ours"
    if request.query:
        yield "a query"


def _problems_of_users(request: VendorRequest) -> Iterator[str]:
    """The app id stands in the path, and a body changes what an event may change."""
    if request.path.startswith("/notifications/"):
        yield from _problems(request)
        return
    if request.query:
        yield "a query"
    named = request.headers.get("onesignal-subscription-id")
    if (named is not None) != ("/users/by/" in request.path):
        yield "a subscription named in the wrong place"
    if request.path.endswith("/identity"):
        if request.body:
            yield "a look-up with a body"
        return
    for part, changed in json.loads(request.body).items():
        if part not in _CHANGES:
            yield f"{part} is not sent"
        elif further := set(changed) - _CHANGES[part]:
            yield f"{part}: {sorted(further)}"


_USERS = Vendor(
    paths=rf"/apps/{APP_ID}/(users/by/onesignal_id/{_UUID}|subscriptions/{_UUID}(/user/identity)?)|{_OPENED}",
    method=lambda path: (
        "PUT" if path.startswith("/notifications/") else "GET" if path.endswith("/identity") else "PATCH"
    ),
    authorization=lambda path: "Key {}",
    headers=frozenset({"onesignal-subscription-id"}),
    problems=_problems_of_users,
    asked={"/user/identity$": json.dumps({"identity": {"onesignal_id": PLAYER}}).encode()},
    further=(
        ("PATCH", f"/apps/{APP_ID}/users/by/onesignal_id/{onesignal_id(PLAYER)}", _AS_A_PLAYER),
        ("PATCH", f"/apps/{APP_ID}/subscriptions/{PLAYER}", _AS_A_PLAYER),
    ),
)

PROFILE = Profile(
    name="onesignal",
    settings={"APP_ID": APP_ID},
    typical="new_purchase",
    credentialed=("track_open",),
    kinds=KINDS,
    numbered=numbered,
    proof=PROOF,
    requests=Requests(forms=True),
    answers=Answers(
        statuses=STATUSES | {200, 202, 403}, judge=_judge, unknown=r"/(onesignal|v[23]/instances)"
    ),
    vendor=Vendor(
        paths=rf"/players/{_UUID}/on_(session|purchase|focus)|{_OPENED}",
        method=lambda path: "PUT" if path.startswith("/notifications/") else "POST",
        authorization=lambda path: None if path.startswith("/players/") else "Key {}",
        problems=_problems,
    ),
    variants={"users": Variant(settings=MODELS["users"].settings, vendor=_USERS)},
    document=Document(
        statuses=frozenset({200, 202, 400, 403, 405, 409, 413, 422, 500, 502, 503, 504}),
        looser=lambda value: isinstance(value, str) and value.lstrip("+-").isdecimal(),
    ),
)
