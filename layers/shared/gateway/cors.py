"""Cross-origin rules: browsers call the gateway too, and read its errors."""

from gateway.answer import Answer
from gateway.request import Request

EXPOSED = "Gateway-Delivery, Gateway-Event-Id, Gateway-Error, Idempotency-Replayed, Retry-After"


def headers(request: Request, origins: str) -> dict[str, str]:
    """The headers of every answer. `origins`: `*`, or a comma-separated list of those that may read it."""
    found = {"Access-Control-Expose-Headers": EXPOSED}
    if origins.strip() == "*":
        return found | {"Access-Control-Allow-Origin": "*"}
    origin = request.header("origin")
    if origin and origin in [allowed.strip() for allowed in origins.split(",")]:
        found["Access-Control-Allow-Origin"] = origin
    return found | {"Vary": "Origin"}


def preflight(request: Request, methods: tuple[str, ...]) -> Answer:
    """204 with the route's methods; the requested headers are echoed. Needs no client key."""
    asked = {"Access-Control-Allow-Methods": ", ".join(methods), "Access-Control-Max-Age": "86400"}
    requested = request.header("access-control-request-headers")
    if requested:
        asked["Access-Control-Allow-Headers"] = requested
    return Answer(status=204, content_type=None, headers=asked)
