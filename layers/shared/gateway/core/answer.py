"""What goes back to the app."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, field, replace
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.data import dataclass
from gateway.core.errors import DeliveryStatus
from gateway.core.reply import Reply

JSON = "application/json"

_JSON_OR_TEXT = re.compile(r"application/json|text/[a-z0-9.+-]{1,64}")
_HEADER = re.compile(r"[ -~]{1,255}")
"""The header values that API Gateway can write; for others it answers 502."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer before CORS. `content_type` is not in `headers`: None means that none is sent."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: DeliveryStatus | None = None

    def with_headers(self, **headers: str) -> Self:
        """The same answer with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def marked(self, delivery: DeliveryStatus) -> Self:
        """The same answer with `Gateway-Delivery`."""
        return replace(self, delivery=delivery)

    def data(self) -> dict[str, Any]:
        """The answer as JSON values; the body is in base64, since it may be any bytes."""
        return asdict(self) | {"headers": dict(self.headers), "body": base64.b64encode(self.body).decode()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The answer that `data` returned."""
        return cls(**{**data, "body": base64.b64decode(data["body"])})

    def event(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """The result of a Lambda proxy integration; `headers` are further ones (CORS, event id).

        Only a body that is not UTF-8 is in base64; all others stay readable in logs and consoles.
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
    """The upstream's own answer: its status, body, type and `Retry-After`, and nothing else.

    Only JSON and text keep their type: any other would let the upstream choose what a browser does with it.
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
    """How an endpoint words success: `delivered` turns the upstream's own answer into the app's; `queued` is
    the answer while there is none. Without `queued`, only the upstream can answer, so nothing is queued."""

    delivered: Callable[[Reply], Answer] = relayed
    queued: Answer | None = None
