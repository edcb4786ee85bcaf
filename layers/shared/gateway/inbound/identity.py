"""Which requests count as one: the identities of their idempotency records, now and in 0.1.0."""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress

from gateway.core.errors import BadIdempotencyKey, Unreadable
from gateway.core.identifiers import without_case
from gateway.core.identity import RequestIdentity, event_key, key_of
from gateway.core.message import OutboundMessage
from gateway.inbound.form import is_multipart, multipart_fields
from gateway.inbound.request import Request

MAX_KEY = 255
"""Characters of an `Idempotency-Key`."""

type Spelling = Callable[[str], str]
"""The form in which a text is compared."""


def as_received(text: str) -> str:
    """The text itself: 0.1.0 compared all texts as they were."""
    return text


def idempotency_key(request: Request, *, longest: int = MAX_KEY) -> str | None:
    """The client's `Idempotency-Key`, None if it sent none. Raises BadIdempotencyKey."""
    values = request.headers.get("idempotency-key", ())
    if not values:
        return None
    if len(values) > 1 or re.fullmatch(f"[ -~]{{1,{longest}}}", values[0]) is None:
        raise BadIdempotencyKey(longest)
    return values[0]


def identities(
    endpoint: tuple[str, str],
    request: Request,
    message: OutboundMessage,
    *,
    own_key: str | None,
    client: str,
    key_fields: frozenset[str],
) -> tuple[RequestIdentity, RequestIdentity | None]:
    """The identity of a request, and the one that 0.1.0 would have given it, if that differs.

    `endpoint` is its system and its name; `own_key` is the request's idempotency key, which is unique within
    the client key whose id is `client`; `key_fields` are the query fields that hold a client key.
    """
    if own_key is None and message.key is None:
        key = event_key(*endpoint, message.scope, request.event_id)
        return RequestIdentity(key, key), None

    def identity(message: OutboundMessage, spelling: Spelling, digest: Callable[[], str]) -> RequestIdentity:
        values = sorted(request.path_values.items()) if message.by_path else []
        within = (
            *endpoint,
            [(name, spelling(value)) for name, value in values],
            [spelling(part) for part in message.scope],
        )
        if own_key is not None:
            return RequestIdentity(key_of(*within, "client", client, spelling(own_key)), digest())
        # A natural key identifies the request itself: the same key is the same request.
        key = key_of(*within, "natural", spelling(message.key or ""))
        return RequestIdentity(key, key)

    now = identity(message, without_case, lambda: fingerprint(request, key_fields, by_path=message.by_path))
    former = identity(message.formerly or message, as_received, lambda: request.digest(key_fields))
    return now, former if former != now else None


def content(request: Request) -> str:
    """SHA-256 of the body's content; see `_normalized`."""
    return hashlib.sha256(_normalized(request)).hexdigest()


def _normalized(request: Request) -> bytes:
    """The body unpacked, without a byte order mark, with UUIDs in lower case. Of a multipart form only the
    fields count, as each try has its own boundary."""
    if is_multipart(request):
        with suppress(Unreadable):  # then it counts as bytes
            return without_case(json.dumps(multipart_fields(request))).encode()
    return without_case(request.document.decode("latin-1")).encode("latin-1")


def fingerprint(request: Request, key_fields: frozenset[str] = frozenset(), *, by_path: bool = True) -> str:
    """What distinguishes a repeat from a reused key. It equals `Request.digest` if there is nothing to
    normalize, so that 0.1.0 finds most records after a rollback."""
    route = (request.resource, sorted(request.path_values.items())) if by_path else ("", [])
    query = [pair for pair in request.query if pair[0] not in key_fields]
    head = without_case(json.dumps([request.method, *route, query]))
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + b"\0" + _normalized(request)).hexdigest()
