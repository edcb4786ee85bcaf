"""Cross-origin rules: browsers call the gateway too, and read its errors."""

import re

from gateway.core.answer import Answer
from gateway.inbound.request import Request

EXPOSED = "Gateway-Delivery, Gateway-Event-Id, Gateway-Error, Idempotency-Replayed, Retry-After"

MAX_ECHO = 4096
"""Characters of a client's own text that a preflight echoes."""

# API Gateway answers 502 if it cannot write a header.
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAMES = re.compile(rf"{_NAME}(\s*,\s*{_NAME})*")
_METHOD = re.compile(r"[A-Za-z-]{1,64}")


def headers(request: Request, origins: str) -> dict[str, str]:
    """The headers of every answer. `origins`: `*`, or a comma-separated list of allowed origins."""
    found = {"Access-Control-Expose-Headers": EXPOSED}
    if origins.strip() == "*":
        return found | {"Access-Control-Allow-Origin": "*"}
    origin = request.header("origin")
    if origin and origin in [allowed.strip() for allowed in origins.split(",")]:
        found["Access-Control-Allow-Origin"] = origin
    return found | {"Vary": "Origin"}


def preflight(request: Request, methods: tuple[str, ...]) -> Answer:
    """204 with the route's methods, echoing the requested headers. Needs no client key."""
    allowed = {"Access-Control-Allow-Methods": ", ".join(methods), "Access-Control-Max-Age": "86400"}
    requested = request.header("access-control-request-headers")
    if len(requested) <= MAX_ECHO and _NAMES.fullmatch(requested):
        allowed["Access-Control-Allow-Headers"] = requested
    return Answer(status=204, content_type=None, headers=allowed)


def requested_method(request: Request) -> str:
    """The method that a preflight asks for; empty if it asks for none, or for something that is no method."""
    found = request.header("access-control-request-method")
    return found if _METHOD.fullmatch(found) else ""
