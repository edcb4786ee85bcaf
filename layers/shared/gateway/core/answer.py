"""What goes back to the app: an answer, and the words that a system has for each outcome."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.errors import DeliveryStatus, Problem, UpstreamError
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


class Dialect:
    """A system's words for errors. A subclass gives `error` and overrides what its contract words otherwise;
    the statuses here are those that the contracts share."""

    max_body = 512 * 1024
    """The cap on a body in bytes, unfolded."""

    def error(self, status: int, text: str) -> Answer:
        """The system's error envelope around a text."""
        raise NotImplementedError

    def unknown_path(self) -> Answer:
        """404."""
        return self.error(404, "Not found")

    def unknown_resource(self) -> Answer:
        """404: the app or project of the path is none of ours."""
        return self.unknown_path()

    def wrong_method(self) -> Answer:
        """405; the shell adds `Allow`."""
        return self.error(405, "Method not allowed")

    def key_refused(self) -> Answer:
        """401 or 403, as the contract says."""
        return self.error(403, "Forbidden")

    def key_not_allowed(self, resource: str) -> Answer:
        """403; some contracts name the resource."""
        del resource
        return self.key_refused()

    def too_large(self) -> Answer:
        """413."""
        return self.error(413, f"Request body is larger than {self.max_body} bytes")

    def empty_body(self) -> Answer:
        """400."""
        return self.unreadable("empty body")

    def unreadable(self, reason: str) -> Answer:
        """400: the body is not what the contract reads."""
        return self.error(400, f"Parsing payload failure: {reason}")

    def invalid(self, problems: tuple[Problem, ...]) -> Answer:
        """400: fields break the contract's rules."""
        return self.error(400, "; ".join(str(problem) for problem in problems))

    def key_in_flight(self) -> Answer:
        """409; the shell adds `Retry-After`."""
        return self.error(409, "A request with this idempotency key is being processed")

    def key_reused(self) -> Answer:
        """422."""
        return self.error(422, "This idempotency key was used for another request")

    def refused(self, reply: Reply) -> Answer:
        """The upstream's own 4xx: relayed unless the contract has an envelope for it."""
        return relayed(reply)

    def unavailable(self) -> Answer:
        """503: who may call cannot be known now. The shell adds `Retry-After`."""
        return self.error(503, "Service unavailable; try again later")

    def undeliverable(self, cause: UpstreamError) -> Answer:
        """Neither sent nor queued: 502, or 504 where no answer came in time. The shell adds `Retry-After`."""
        del cause
        return self.error(503, "The upstream cannot be reached; try again later")

    def upstream_failed(self, cause: UpstreamError) -> Answer:
        """The same of a call that may not be queued; a contract may relay `cause.reply`, and mark it."""
        return self.undeliverable(cause)

    def fault(self) -> Answer:
        """500."""
        return self.error(500, "Internal server error")
