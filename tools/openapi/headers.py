"""The headers of answers and requests that belong to the gateway, not to a system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.openapi.simulate import EVENT_ID, Response
from tools.systems.page import Schema

_ABOUT: dict[str, tuple[str, Schema]] = {
    "Gateway-Event-Id": (
        "The event's id, a ULID created at receipt. Every log line of the call has it.",
        {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{26}$", "examples": [EVENT_ID]},
    ),
    "Gateway-Error": (
        "The reason for the error: at most 512 ASCII characters, with field names but never their values.",
        {"type": "string", "maxLength": 512},
    ),
    "Idempotency-Replayed": (
        "Present if this is the answer of an earlier call with the same `Idempotency-Key`.",
        {"const": "true"},
    ),
    "Retry-After": ("Seconds to wait before retrying, at most 86,400.", {"type": "string"}),
    "Allow": ("The methods that the path allows.", {"type": "string"}),
    "X-Content-Type-Options": ("Sent with a relayed body.", {"const": "nosniff"}),
    "Access-Control-Allow-Origin": (
        "The origins whose pages may read the answer, from the setting `CorsOrigins`.",
        {"type": "string"},
    ),
    "Access-Control-Expose-Headers": ("The headers that pages may read.", {"type": "string"}),
    "Access-Control-Allow-Methods": ("The methods that the path allows.", {"type": "string"}),
    "Access-Control-Allow-Headers": ("The requested headers.", {"type": "string"}),
    "Access-Control-Max-Age": ("Seconds for which a browser may cache this answer.", {"type": "string"}),
}
_DELIVERY = "Gateway-Delivery"
_DELIVERY_ABOUT = (
    "What happened to the event: `delivered`; `queued` (durably); `rejected` (nothing was kept); `unknown` "
    "(it may have arrived)."
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
            "A key that the client chooses per event. A second call with the same key within 24 hours gets "
            "the first answer, and nothing is done twice. Keys are scoped by endpoint, path parameters, "
            "client key and the person the event is about (player, user, profile). The same key with a "
            "different body is refused (422). UUIDs are compared case-insensitively."
        ),
        "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
        "example": "f8b1c0de-0000-4000-8000-000000000000",
    },
    "BatchIdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "A key that the client chooses per batch: item i gets the key `<key>:i`. All items are then "
            "queued and each key is delivered once, so the whole call may be repeated within 24 hours."
        ),
        "schema": {"type": "string", "pattern": "^[ -~]{1,251}$"},
        "example": "f8b1c0de-0000-4000-8000-000000000000",
    },
    "ContentEncoding": {
        "name": "Content-Encoding",
        "in": "header",
        "description": "`gzip` if the body is compressed.",
        "schema": {"$ref": "#/components/schemas/ContentEncoding"},
    },
}
ENCODING: Schema = {"type": "string", "enum": ["gzip", "identity"]}
