"""The OneSignal app of the local run: what identifies it, and how its requests are read."""

from __future__ import annotations

from tools.sandbox.exchange import Heard, Json
from tools.sandbox.reading import parse

APP_ID = "local-onesignal-app"
CREDENTIAL = "local-onesignal-credential"

NO_APP = "app_id not found. You may be missing a Content-Type: application/json header."
NO_KEY = (
    "Access denied.  Please include an 'Authorization: ...' header with a valid API key "
    "(https://documentation.onesignal.com/docs/en/keys-and-ids#api-keys)."
)


def has_key(heard: Heard) -> bool:
    """Whether the app's API key signs the request."""
    return heard.header("Authorization") == f"Key {CREDENTIAL}"


def json_object(heard: Heard) -> dict[str, Json] | None:
    """The body; None unless it is a JSON object and called one by its Content-Type."""
    kind = (heard.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return None
    try:
        data = parse(heard.body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
