"""The headers of answers and requests that belong to the gateway, not to a system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.openapi.simulate import EVENT_ID, Response
from tools.systems.page import Schema

_ABOUT: dict[str, tuple[str, Schema]] = {
    "Gateway-Event-Id": (
        "The event's id, a ULID made at receipt; it is in every log line of the call.",
        {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{26}$", "examples": [EVENT_ID]},
    ),
    "Gateway-Error": (
        "Why it is an error: names of fields and never their values, at most 512 ASCII characters.",
        {"type": "string", "maxLength": 512},
    ),
    "Idempotency-Replayed": ("The answer is that of the first call with this key.", {"const": "true"}),
    "Retry-After": ("Seconds after which another try makes sense, at most 86,400.", {"type": "string"}),
    "Allow": ("The path's methods.", {"type": "string"}),
    "X-Content-Type-Options": ("Beside a relayed body.", {"const": "nosniff"}),
    "Access-Control-Allow-Origin": (
        "Who may read the answer in a browser: `CorsOrigins`.",
        {"type": "string"},
    ),
    "Access-Control-Expose-Headers": ("What a browser lets them read of it.", {"type": "string"}),
    "Access-Control-Allow-Methods": ("The path's methods.", {"type": "string"}),
    "Access-Control-Allow-Headers": ("Those that were asked for.", {"type": "string"}),
    "Access-Control-Max-Age": ("Seconds for which a browser need not ask again.", {"type": "string"}),
}
_DELIVERY = "Gateway-Delivery"
_DELIVERY_ABOUT = (
    "What became of the event: `delivered`; `queued`, durably; `rejected`: nothing was kept; `unknown`: it "
    "may or may not have arrived."
)
_OWN = frozenset({_DELIVERY, "Content-Type"})


def components() -> dict[str, Schema]:
    """Every header by name."""
    return {name: {"description": text, "schema": schema} for name, (text, schema) in _ABOUT.items()}


def of(answers: Iterable[Response]) -> dict[str, Schema]:
    """The headers of the answers of one status. Raises KeyError for one that nothing is said about."""
    answers = list(answers)
    names = sorted({name for one in answers for name in one.headers})
    found = {
        name: {"$ref": f"#/components/headers/{name}"} for name in names if name not in _OWN and _ABOUT[name]
    }
    values = sorted({one.headers[_DELIVERY] for one in answers if _DELIVERY in one.headers})
    if values:
        about: dict[str, Any] = {"description": _DELIVERY_ABOUT, "schema": {"type": "string", "enum": values}}
        found[_DELIVERY] = about
    return found


PARAMETERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "The client's own name for this call, unique per endpoint, path values, client key and the "
            "person the call is about (player, user, profile). Sent again within a day, it gets the first "
            "answer and nothing is done twice. With another person it names another event; with the same "
            "person and another body it is refused (422). UUIDs are compared without case."
        ),
        "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
        "example": "f8b1c0de-0000-4000-8000-000000000000",
    },
    "BatchIdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "The client's own name for this batch: item i gets the key `<key>:i`. Every item is then queued, "
            "and the worker delivers each key once, so the whole call may be repeated within a day."
        ),
        "schema": {"type": "string", "pattern": "^[ -~]{1,251}$"},
        "example": "f8b1c0de-0000-4000-8000-000000000000",
    },
    "ContentEncoding": {
        "name": "Content-Encoding",
        "in": "header",
        "description": "`gzip` where the body is compressed.",
        "schema": {"$ref": "#/components/schemas/ContentEncoding"},
    },
}
ENCODING: Schema = {"type": "string", "enum": ["gzip", "identity"]}
