"""Requests and responses as plain values, and the interface of every vendor that the sandbox plays."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

type Json = Any
"""A parsed JSON value."""

type Fields = tuple[tuple[str, str], ...]
"""Header fields in the order and the case in which they were sent."""

type Verdict = Literal["taken", "malformed", "refused"]
"""What a vendor decided about a request.

`taken`: it did what was asked. `malformed`: the request breaks the vendor's contract (a wrong path, method,
credential, type or format); a gateway must never send one. `refused`: well formed, but it names something
that does not exist or already exists, which only the vendor can know (an unknown store, a known session).
"""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request. `path` is raw (still percent-encoded), without the vendor's base path; `query` is raw."""

    method: str
    path: str
    query: str = ""
    headers: Fields = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header field; repeated fields are joined, as RFC 9110 defines."""
        values = [value for field, value in self.headers if field.lower() == name.lower()]
        return ", ".join(values) if values else None


@dataclass(frozen=True)
class Effect:
    """One event that a vendor took: `scope` is its owner (a path, an app), `content` its bytes.

    `repeatable`: to take it twice is to take it once, so that a repeat is no duplicate.
    """

    endpoint: str
    scope: str
    content: bytes
    repeatable: bool = False


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response, and what the vendor did before it."""

    status: int
    verdict: Verdict
    headers: Fields = ()
    body: bytes = b""
    effects: tuple[Effect, ...] = ()


class Vendor(ABC):
    """One vendor: it answers requests, and keeps the state that its contract implies."""

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """The vendor's response to this request."""

    @abstractmethod
    def failure(self, status: int) -> object:
        """The JSON body of the vendor's own error with this status, for scripted faults."""

    @abstractmethod
    def reset(self) -> None:
        """Return to the initial state, which knows nobody and keeps no rate limit."""

    def account(self, request: Request) -> str:
        """The account (an app, a project) that a request names, "" if none."""
        del request
        return ""

    def limit(self) -> None:  # noqa: B027 - most vendors document no rate limit
        """Start to keep the rate limits that the vendor documents."""

    def state(self) -> dict[str, Json]:
        """The part of its state that a test may change, by name."""
        return {}

    def change(self, state: dict[str, Json]) -> None:
        """Change some of it. Raises ValueError, and has then changed nothing."""
        if state:
            raise ValueError(f"`{next(iter(state))}` is no state of this vendor that can be changed")


JSON: Fields = (("Content-Type", "application/json"),)


def json_response(
    status: int, value: object, verdict: Verdict = "taken", effects: tuple[Effect, ...] = ()
) -> Response:
    """A response with a JSON body in ASCII."""
    return Response(
        status=status, verdict=verdict, headers=JSON, body=json.dumps(value).encode(), effects=effects
    )


def effect(endpoint: str, request: Request) -> tuple[Effect, ...]:
    """The one effect of a request that carries one event."""
    return (Effect(endpoint, request.path, request.body),)
