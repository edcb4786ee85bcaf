"""A sample event's body as a value, and the event with another body or other headers."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import parse_qsl

from tools.openapi.simulate import Event
from tools.systems.page import FORM


def sample_body(event: Event) -> Any:
    """The body of a sample event as JSON, a form's fields too; None if there is none."""
    if not event["body"]:
        return None
    form = {name.lower(): value for name, value in event["headers"].items()}.get("content-type") == FORM
    return dict(parse_qsl(event["body"])) if form else json.loads(event["body"])


def with_body(event: Event, body: str | None) -> Event:
    """The event with another body, which is JSON by its type."""
    changed = {**event, "body": body, "isBase64Encoded": False}
    return with_headers(changed, **{"Content-Type": "application/json"}) if body else changed


def with_headers(event: Event, **headers: str | None) -> Event:
    """The event with other headers; None removes one."""
    changed = copy.deepcopy(event)
    taken = {name.lower() for name in headers}
    for kind in ("headers", "multiValueHeaders"):
        changed[kind] = {name: value for name, value in changed[kind].items() if name.lower() not in taken}
    for name, value in headers.items():
        if value is not None:
            changed["headers"][name] = value
            changed["multiValueHeaders"][name] = [value]
    return changed
