"""What goes back to the app."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.errors import DeliveryStatus
from gateway.core.task import Reply

JSON = "application/json"

_JSON_OR_TEXT = re.compile(r"application/json|text/[a-z0-9.+-]{1,64}")
_HEADER = re.compile(r"[ -~]{1,255}")
"""What API Gateway can write as a header's value; for others it answers 502."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer before CORS. `content_type` stands apart from `headers`: None means none on the wire."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: DeliveryStatus | None = None

    def with_headers(self, **headers: str) -> Self:
        """The same answer with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def marked(self, delivery: DeliveryStatus) -> Self:
        """The same answer, saying what became of the event."""
        return replace(self, delivery=delivery)

    def data(self) -> dict[str, Any]:
        """The answer as JSON values; the body in base64, as it may be any bytes."""
        return asdict(self) | {"headers": dict(self.headers), "body": base64.b64encode(self.body).decode()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The answer that `data` wrote."""
        return cls(**{**data, "body": base64.b64decode(data["body"])})

    def event(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """What a Lambda proxy integration returns; `headers` are the shell's own (CORS, event id).

        Base64 only for a body that is not UTF-8: everything else stays readable in logs and consoles.
        """
        sent: dict[str, Any] = {**self.headers, **headers, "Content-Type": self.content_type}
        if self.delivery is not None:
            sent["Gateway-Delivery"] = self.delivery
        try:
            return {
                "statusCode": self.status,
                "headers": sent,
                "body": self.body.decode(),
                "isBase64Encoded": False,
            }
        except UnicodeDecodeError:
            return {
                "statusCode": self.status,
                "headers": sent,
                "body": base64.b64encode(self.body).decode(),
                "isBase64Encoded": True,
            }


def json_answer(status: int, value: Any) -> Answer:
    """An answer with a JSON body."""
    return Answer(status=status, body=strict_json.write(value))


def relayed(reply: Reply) -> Answer:
    """The upstream's own answer: status, body bytes, type, `Retry-After`, and nothing else of it.

    A type other than JSON or text would let an upstream choose what a browser does with the bytes.
    """
    content_type = reply.headers.get("content-type")
    if content_type is not None:
        kind = content_type.partition(";")[0].strip().lower()
        if _JSON_OR_TEXT.fullmatch(kind) is None:
            content_type = "application/octet-stream"
        elif _HEADER.fullmatch(content_type) is None:
            content_type = kind
    headers = {"X-Content-Type-Options": "nosniff"}
    if reply.retry_after is not None:
        headers["Retry-After"] = str(reply.retry_after)
    return Answer(status=reply.status, body=reply.body, content_type=content_type, headers=headers)


@dataclass(frozen=True, kw_only=True)
class Success:
    """How an endpoint words success: `delivered` from the upstream's own answer, `queued` while there is
    none. An endpoint without `queued` is not deferrable: its contract leaves the answer to the upstream."""

    delivered: Callable[[Reply], Answer] = relayed
    queued: Answer | None = None
