"""An API Gateway event as a request: path values, query, headers, bytes."""

import base64
import binascii
import hashlib
import json
import time
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Self
from urllib.parse import unquote

from gateway.core import strict_json
from gateway.core.data import dataclass
from gateway.core.errors import TooLarge, Unreadable
from gateway.core.task import new_event_id

MAX_BODY = 512 * 1024
"""The largest unpacked body in bytes, unless a contract has another limit."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the app sent.

    `resource` is the route's template (`/acme/new-session`). It identifies the route; `path` does not,
    because it may contain a stage or a base path. `path_values` are decoded once, `query` holds decoded
    pairs, `headers` have lower-case names and every value that was sent. `received_at` is in Unix seconds.
    """

    method: str
    resource: str
    path: str = ""
    path_values: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    received: bytes = b""
    source_ip: str = ""
    received_at: float
    event_id: str
    max_body: int = MAX_BODY

    @classmethod
    def of(cls, event: Mapping[str, Any], *, max_body: int) -> Self:
        """Read a Lambda proxy event (REST API, payload 1.0). Missing parts count as empty."""
        now = time.time()
        headers: dict[str, tuple[str, ...]] = {}
        for name, values in _pairs(event, "multiValueHeaders", "headers"):
            headers[name.lower()] = headers.get(name.lower(), ()) + values
        return cls(
            method=str(event.get("httpMethod") or "").upper(),
            resource=str(event.get("resource") or ""),
            path=str(event.get("path") or ""),
            # REST APIs pass path values encoded. A local API has already decoded them; decoding them again
            # changes no value that a contract accepts.
            path_values={
                name: _text(unquote(value)) for name, value in (event.get("pathParameters") or {}).items()
            },
            query=tuple(
                (name, value)
                for name, values in _pairs(event, "multiValueQueryStringParameters", "queryStringParameters")
                for value in values
            ),
            headers=headers,
            received=_bytes(event),
            source_ip=str(((event.get("requestContext") or {}).get("identity") or {}).get("sourceIp") or ""),
            received_at=round(now, 3),
            event_id=new_event_id(now),
            max_body=max_body,
        )

    def header(self, name: str) -> str:
        """The value of a header, stripped; empty if the header is absent or was sent more than once."""
        values = self.headers.get(name, ())
        return values[0].strip() if len(values) == 1 else ""

    @cached_property
    def body(self) -> bytes:
        """The body's bytes, unpacked. Raises TooLarge over the limit, Unreadable for an unknown encoding."""
        encoding = ",".join(self.headers.get("content-encoding", ())).strip().lower()
        if encoding in ("", "identity"):
            if len(self.received) > self.max_body:
                raise TooLarge(self.max_body)
            return self.received
        if encoding != "gzip":
            raise Unreadable("unsupported Content-Encoding")
        # Incompressible data grows by less than this. Anything beyond is empty gzip members, which take time
        # and unpack to nothing.
        if len(self.received) > self.max_body * 1.01 + 1024:
            raise TooLarge(self.max_body)
        try:
            return strict_json.gunzip(self.received, self.max_body)
        except strict_json.TooBig:
            raise TooLarge(self.max_body) from None
        except strict_json.Malformed as error:
            raise Unreadable(str(error)) from None

    @cached_property
    def document(self) -> bytes:
        """The body without a leading byte order mark, which Unity writes and vendors cannot read."""
        return self.body.removeprefix(BOM_UTF8)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, whatever its Content-Type. Raises Unreadable."""
        try:
            return strict_json.read(self.body)
        except strict_json.Malformed as error:
            raise Unreadable(str(error)) from None

    def digest(self, key_fields: frozenset[str] = frozenset()) -> str:
        """SHA-256 of method, path, query and body as received, without the query fields that hold keys."""
        query = [pair for pair in self.query if pair[0] not in key_fields]
        head = json.dumps([self.method, self.resource, sorted(self.path_values.items()), query])
        return hashlib.sha256(head.encode("utf-8", "surrogatepass") + b"\0" + self.received).hexdigest()


def _pairs(event: Mapping[str, Any], many: str, single: str) -> list[tuple[str, tuple[str, ...]]]:
    if event.get(many):
        return [(_text(name), tuple(map(_text, values or ("",)))) for name, values in event[many].items()]
    return [(_text(name), (_text(value or ""),)) for name, value in (event.get(single) or {}).items()]


def _text(value: object) -> str:
    """Text that can be encoded: a lone surrogate becomes `?`."""
    return str(value).encode("utf-8", "replace").decode()


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
