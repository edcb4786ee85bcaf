"""Paths without a route: 404, in the dialect of the system whose client most likely sent the request."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.core.answer import Answer, json_answer
from gateway.core.errors import UnknownPath
from gateway.core.settings import Settings
from gateway.core.telemetry import log
from gateway.inbound import cors
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import MAX_BODY, Request
from gateway.system import System, UnknownPaths

FUNCTIONS = Path(__file__).parents[1]
"""The deployed folders, one per system."""


class PlainDialect(Dialect):
    """`{"message"}`: for paths that no system's client requests."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"message": text})


def _unknown_paths() -> Iterator[UnknownPaths]:
    for file in sorted(FUNCTIONS.glob("*/system.py")):
        system = System.named(file.parent.name)
        yield from system.unknown_paths
        yield UnknownPaths(re.compile(rf"batch/{system.name}(/|$)"), system.dialect)


UNKNOWN_PATHS = tuple(_unknown_paths())

settings = Settings.of()


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
    """Answer an API Gateway event of `/{proxy+}` or `/`."""
    request = Request.of(event, max_body=MAX_BODY)
    headers = cors.headers(request, settings.cors_origins)
    method = cors.requested_method(request)
    if request.method == "OPTIONS" and method:
        # Otherwise a page would see a network error instead of our 404.
        return cors.preflight(request, (method, "OPTIONS")).event(headers)
    answer = _dialect(request.path_values.get("proxy", "")).answer(UnknownPath())
    log.info("unknown path", event_id=request.event_id, method=request.method, status=answer.status)
    return answer.event(headers)


def _dialect(path: str) -> Dialect:
    """The dialect of the longest match, the plain one if nothing matches."""
    matches = [(match.end(), one.dialect) for one in UNKNOWN_PATHS if (match := one.pattern.match(path))]
    return max(matches, key=lambda match: match[0])[1] if matches else PlainDialect()
