"""The sample events, and parts of one replaced in place: a header, the query."""

from __future__ import annotations

import json
from typing import Any

from tools.places import EVENTS

type Event = dict[str, Any]
"""A Lambda proxy event of a REST API."""


def load_event(name: str) -> dict[str, Any]:
    """The sample event `events/<name>.json`, the same that `sam local invoke -e` takes."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def with_header(event: Event, name: str, value: str) -> None:
    """Replace a header, whatever its case was."""
    for kind in ("headers", "multiValueHeaders"):
        event[kind] = {known: old for known, old in event[kind].items() if known.lower() != name.lower()}
    event["headers"][name] = value
    event["multiValueHeaders"][name] = [value]


def with_query(event: Event, pairs: list[tuple[str, str]]) -> None:
    """Replace the query."""
    many: dict[str, list[str]] = {}
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    event["queryStringParameters"] = dict(pairs) or None
    event["multiValueQueryStringParameters"] = many or None
