"""Which requests are one: the names that their records have, now and in 0.1.0."""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress

from gateway.core.errors import BadIdempotencyKey, Unreadable
from gateway.core.identifiers import without_case
from gateway.core.identity import RequestIdentity, key_of
from gateway.core.task import OutboundMessage
from gateway.inbound.form import is_multipart, multipart_fields
from gateway.inbound.request import Request

type Written = Callable[[str], str]
"""How a text counts."""


def as_received(text: str) -> str:
    """The text itself; so every text counted in 0.1.0."""
    return text


def idempotency_key(request: Request) -> str | None:
    """The client's `Idempotency-Key`, None where it sends none. Raises BadIdempotencyKey."""
    values = request.headers.get("idempotency-key", ())
    if not values:
        return None
    if len(values) > 1 or re.fullmatch(r"[ -~]{1,255}", values[0]) is None:
        raise BadIdempotencyKey
    return values[0]


def names(
    endpoint: tuple[str, str],
    request: Request,
    message: OutboundMessage,
    *,
    own_key: str | None,
    client: str,
    key_fields: frozenset[str],
) -> tuple[RequestIdentity, RequestIdentity | None]:
    """The name of a request's record, and the one that 0.1.0 gave it if that was another.

    `endpoint` is its system and its name; `own_key` the client's key and `client` the id of the client key
    that it belongs to; `key_fields` are the query fields that hold a client's key.
    """
    if own_key is None and message.key is None:
        # A task of no other's name: only its own copies in the queue have it.
        key = key_of(*endpoint, message.scope, "event", request.event_id)
        return RequestIdentity(key, key), None

    def name(message: OutboundMessage, written: Written, digest: Callable[[], str]) -> RequestIdentity:
        values = sorted(request.path_values.items()) if message.by_path else []
        within = (
            *endpoint,
            [(name, written(value)) for name, value in values],
            [written(one) for one in message.scope],
        )
        if own_key is not None:
            return RequestIdentity(key_of(*within, "client", client, written(own_key)), digest())
        # A key that is not the client's names the request itself: the same key is the same request.
        key = key_of(*within, "natural", written(message.key or ""))
        return RequestIdentity(key, key)

    now = name(message, without_case, lambda: fingerprint(request, key_fields, by_path=message.by_path))
    former = name(message.formerly or message, as_received, lambda: request.digest(key_fields))
    return now, former if former != now else None


def content(request: Request) -> str:
    """SHA-256 of what the body says; see `_said`."""
    return hashlib.sha256(_said(request)).hexdigest()


def _said(request: Request) -> bytes:
    """The body unfolded, after a byte order mark, UUIDs without case; of a multipart form the fields, since
    each try has a boundary of its own."""
    if is_multipart(request):
        with suppress(Unreadable):  # it only says so
            return without_case(json.dumps(multipart_fields(request))).encode()
    return without_case(request.document.decode("latin-1")).encode("latin-1")


def fingerprint(request: Request, key_fields: frozenset[str] = frozenset(), *, by_path: bool = True) -> str:
    """What tells a repeat from another request: `Request.digest`, where there is nothing to message apart, so
    that 0.1.0 knows most records after a rollback."""
    route = (request.resource, sorted(request.path_values.items())) if by_path else ("", [])
    query = [pair for pair in request.query if pair[0] not in key_fields]
    told = without_case(json.dumps([request.method, *route, query]))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass") + b"\0" + _said(request)).hexdigest()
