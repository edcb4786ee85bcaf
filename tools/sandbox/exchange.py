"""What a vendor hears and says: a request and an answer as plain values, and the shape of every vendor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Protocol

type Fields = tuple[tuple[str, str], ...]
"""Header fields in the order and the letter case of the wire."""

type Verdict = Literal["taken", "malformed", "refused"]
"""What a vendor made of a request.

`taken`: it did what was asked. `malformed`: a validator of its contract would refuse it (a wrong path,
method, credential, type or format), which a gateway must never send. `refused`: well formed, but what it
names is not there or was there before, which the vendor alone can know (an unknown store, a session that it
has already).
"""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A request. `path` is raw (still percent-encoded), without the vendor's base path; `query` is raw."""

    method: str
    path: str
    query: str = ""
    headers: Fields = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header field; values that are sent apart are joined, as RFC 9110 has it."""
        values = [value for field, value in self.headers if field.lower() == name.lower()]
        return ", ".join(values) if values else None


@dataclass(frozen=True)
class Effect:
    """One event that a vendor took: `scope` says whose it is (a path, an app), `content` what it was."""

    endpoint: str
    scope: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer, and what the vendor did before it."""

    status: int
    verdict: Verdict
    headers: Fields = ()
    body: bytes = b""
    effects: tuple[Effect, ...] = ()


class Vendor(Protocol):
    """One vendor: it judges requests, and remembers what its contract makes it remember."""

    name: str

    def answer(self, heard: Heard) -> Said:
        """What the vendor says to this request."""

    def failure(self, status: int) -> object:
        """The JSON body of the vendor's own error of this status, for faults that are scripted."""

    def reset(self) -> None:
        """Forget everything."""


JSON: Fields = (("Content-Type", "application/json"),)


def said(status: int, value: object, verdict: Verdict = "taken", effects: tuple[Effect, ...] = ()) -> Said:
    """An answer with a JSON body in ASCII."""
    return Said(
        status=status, verdict=verdict, headers=JSON, body=json.dumps(value).encode(), effects=effects
    )


def effect(endpoint: str, heard: Heard) -> tuple[Effect, ...]:
    """The one effect of a request that carries one event."""
    return (Effect(endpoint, heard.path, heard.body),)


type Json = Any
"""A parsed JSON value."""
