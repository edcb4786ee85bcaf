"""Sample events as the HTTP requests that they represent."""

from __future__ import annotations

import base64
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tools.places import EVENTS
from tools.send.http1 import Request

_SET_ON_THE_WAY = frozenset({"host", "content-length", "connection", "accept-encoding"})
"""Headers of an event that the connection sets, or that ask for something we could not read."""


class UnknownEvent(Exception):
    """There is no such event. The text lists the known ones."""


def names(folder: Path = EVENTS) -> list[str]:
    """Every sample event's name: `acme/new_session`."""
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.json"))


def load(wanted: str, folder: Path = EVENTS) -> Request:
    """The request of `acme/new_session`. Raises UnknownEvent."""
    known = names(folder)
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.4)
        hint = f", did you mean {close[0]}?" if close else "."
        listed = "\n".join(f"  make send EVENT={one}" for one in known)
        raise UnknownEvent(f"There is no sample event {wanted}{hint} There are:\n{listed}")
    return request_of(json.loads((folder / f"{wanted}.json").read_text()))


def request_of(event: Mapping[str, Any]) -> Request:
    """The client's request from which API Gateway makes this event."""
    pairs = [
        (name, value)
        for name, values in (event["multiValueQueryStringParameters"] or {}).items()
        for value in values
    ]
    path = quote(event["path"], safe="/:@!$&'()*+,;=~%")
    body = event["body"] or ""
    return Request(
        method=event["httpMethod"],
        target=f"{path}?{urlencode(pairs)}" if pairs else path,
        headers=tuple(
            (name, value)
            for name, values in (event["multiValueHeaders"] or {}).items()
            for value in values
            if name.lower() not in _SET_ON_THE_WAY and not name.lower().startswith("x-forwarded-")
        ),
        body=base64.b64decode(body) if event["isBase64Encoded"] else body.encode(),
    )
