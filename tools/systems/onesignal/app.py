"""OneSignal's apps: what identifies them, what signs their requests, and how requests are read.

There is the app of the local run, and every app whose id is a UUID in lower case. The key of such an app is
the local one with `-<app id>` behind it.
"""

from __future__ import annotations

import re
from typing import TypeGuard

from tools.sandbox.reading import parse
from tools.systems.vendor import Json, Request, Response, json_response

APP_ID = "local-onesignal-app"
CREDENTIAL = "local-onesignal-credential"

NO_APP = "app_id not found. You may be missing a Content-Type: application/json header."
NO_KEY = (
    "Access denied.  Please include an 'Authorization: ...' header with a valid API key "
    "(https://documentation.onesignal.com/docs/en/keys-and-ids#api-keys)."
)

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""The form of every id but an app's."""

_APP = re.compile(rf"{APP_ID}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def exists(app: Json) -> TypeGuard[str]:
    """Whether there is such an app."""
    return isinstance(app, str) and _APP.fullmatch(app) is not None


def credential(app: Json) -> str:
    """The API key of an app; an app that does not exist is looked for with the local one."""
    return f"{CREDENTIAL}-{app}" if exists(app) and app != APP_ID else CREDENTIAL


def has_key(request: Request, app: Json) -> bool:
    """Whether the app's own API key signs the request: another app's is as good as none."""
    return request.header("Authorization") == f"Key {credential(app)}"


def no_key() -> Response:
    """What every call that needs a key answers without the right one."""
    return json_response(403, {"errors": [NO_KEY]}, "malformed")


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
