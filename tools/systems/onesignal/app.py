"""The OneSignal app of the local run: what identifies it, and how its requests are read."""

from __future__ import annotations

from tools.sandbox.reading import parse
from tools.systems.vendor import Json, Request

APP_ID = "local-onesignal-app"
CREDENTIAL = "local-onesignal-credential"

NO_APP = "app_id not found. You may be missing a Content-Type: application/json header."
NO_KEY = (
    "Access denied.  Please include an 'Authorization: ...' header with a valid API key "
    "(https://documentation.onesignal.com/docs/en/keys-and-ids#api-keys)."
)


def has_key(request: Request) -> bool:
    """Whether the app's API key signs the request."""
    return request.header("Authorization") == f"Key {CREDENTIAL}"


def json_object(request: Request) -> dict[str, Json] | None:
    """The body; None unless it is a JSON object and called one by its Content-Type."""
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return None
    try:
        data = parse(request.body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
