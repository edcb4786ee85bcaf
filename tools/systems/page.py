"""What of a contract no code says: a system's page of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

SAMPLE_KEY = "local-client-key"

type Schema = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClientKeys:
    """How a system's clients present their key.

    `schemes` are security schemes by name, any one of which will do; `sample` are the headers that carry
    SAMPLE_KEY; `required` says whether one is asked for unless a setting says otherwise.
    """

    schemes: Mapping[str, Schema]
    sample: Mapping[str, str]
    required: bool

    def headers(self, key: str) -> dict[str, str]:
        """The headers that carry this key."""
        return {name: value.replace(SAMPLE_KEY, key) for name, value in self.sample.items()}


@dataclass(frozen=True, kw_only=True)
class Page:
    """`about` says what a reader must know of the system.

    `envelope` is the schema of its error bodies, `successes` those of its successes by endpoint (an endpoint
    without one promises no body). `media` are the types of bodies that it reads, the usual one first.
    `unknown_paths` are paths without a route that the system answers, by the names of their examples.
    `refused_values` are values of the right form that it refuses, by field: what the example says, and the
    value. `queries` are query parameters by endpoint, `*` for those of every other. `refusals` are the
    vendor's own documented errors, which are relayed: status, body and meaning; with `wraps_refusals` in the
    system's own envelope.
    """

    about: str
    envelope: Schema
    successes: Mapping[str, Schema]
    keys: ClientKeys | None = None
    unknown_paths: Mapping[str, str] = field(default_factory=dict)
    refused_values: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    media: tuple[str, ...] = (JSON,)
    queries: Mapping[str, tuple[Schema, ...]] = field(default_factory=dict)
    refusals: tuple[tuple[int, Any, str], ...] = ()
    wraps_refusals: bool = False

    def query(self, endpoint: str) -> tuple[Schema, ...]:
        """The query parameters of an endpoint."""
        return self.queries.get(endpoint, self.queries.get("*", ()))


def anything(name: str, about: str) -> Schema:
    """Query fields of any name."""
    return {
        "name": name,
        "in": "query",
        "style": "form",
        "explode": True,
        "description": about,
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    }


def record(title: str, required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object with these members at least; its title is its name among the schemas."""
    members = {**required, **optional}
    return {"title": title, "type": "object", "properties": members, "required": list(required)}


TEXT: Schema = {"type": "string"}
