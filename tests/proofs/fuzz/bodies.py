"""Parts of the judgement of an answer's body, for the systems' own judges in their test profiles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.proofs.fuzz.http1 import Response

JSON_TYPE = "application/json"

type Judge = Callable[[str, Response], Iterator[str]]
"""Takes the endpoint (`new_session`, empty for an unknown path) and its answer; yields what is wrong."""


def typed(response: Response, wanted: str = JSON_TYPE) -> Iterator[str]:
    """The answer has this Content-Type."""
    if response.header("content-type") != wanted:
        yield f"{response.status} with Content-Type {response.header('content-type')!r}"


def one_text(response: Response, name: str) -> Iterator[str]:
    """The answer is `{name: text}` and nothing else, with the type of JSON."""
    yield from typed(response)
    body = parsed(response)
    if not (isinstance(body, dict) and list(body) == [name] and isinstance(body[name], str) and body[name]):
        yield "not the envelope"


def parsed(response: Response) -> Any:
    """The body as JSON; None if it is not JSON."""
    try:
        return json.loads(response.body)
    except ValueError:
        return None
