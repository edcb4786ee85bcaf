"""Every route of the template with the request of its sample event: what the fuzz starts from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from tests.architecture.house import TEMPLATE
from tests.profiles import CLIENT_KEY
from tools.openapi.sample_event import sample_body
from tools.places import ROOT
from tools.systems.door import door_event
from tools.template.reader import Route

DOOR = "batch of "
"""How the name of a door's sample begins."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A route and a request that it takes. `values` are those of its path; `body` is parsed where it is
    JSON or a form; `key_headers` are what presents the client key; a door's requests are batches."""

    route: str
    endpoint: str
    system: str
    method: str
    values: dict[str, str]
    query: str
    body: Any
    is_form: bool
    key_headers: tuple[tuple[bytes, bytes], ...]
    is_door: bool = False

    @property
    def name(self) -> str:
        """The endpoint without its system; of a door, with a mark that no endpoint's name has."""
        return (DOOR if self.is_door else "") + self.endpoint.partition(".")[2]

    def target(self, values: Mapping[str, str] = {}, query: str | None = None, slash: bool = False) -> bytes:
        """The request's target; `values` (percent-encoded already) replace those of the sample."""
        path = re.sub(r"\{(\w+)\+?\}", lambda m: values.get(m[1], self.values.get(m[1], "x")), self.route)
        query = self.query if query is None else query
        return f"{path}{'/' if slash else ''}{'?' + query if query else ''}".encode("latin-1")


@cache
def samples() -> tuple[Sample, ...]:
    """One for every route, in the template's order; the two of unknown paths come last."""
    return tuple(_sample(route) for route in TEMPLATE.routes)


def _sample(route: Route) -> Sample:
    path, endpoint = route.path, route.endpoint
    system = endpoint.partition(".")[0]
    event = json.loads((ROOT / "events" / f"{endpoint.replace('.', '/')}.json").read_text())
    if route.is_door:
        event = door_event(event, path, [sample_body(event)] * 2)
    body = event["body"] or ""
    is_form = not body.startswith(("{", "[")) and "=" in body
    return Sample(
        route=path,
        endpoint=endpoint,
        system=system,
        method=event["httpMethod"],
        values={name: quote(value) for name, value in (event["pathParameters"] or {}).items()},
        query=urlencode(event["queryStringParameters"] or {}),
        body=dict(parse_qsl(body)) if is_form else json.loads(body) if body else None,
        is_form=is_form,
        key_headers=tuple(
            (name.encode(), value.encode()) for name, value in event["headers"].items() if CLIENT_KEY in value
        ),
        is_door=route.is_door,
    )
