"""Paths without a route: 404, in the dialect of the system whose client most likely asked."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.core.answer import Answer, Dialect, json_answer
from gateway.core.errors import UnknownPath
from gateway.core.settings import Settings
from gateway.core.telemetry import log
from gateway.endpoint import error_answer
from gateway.inbound import cors
from gateway.inbound.request import Request
from mytracker.system import OtherVersionDialect, mytracker
from onesignal.system import onesignal
from pushexpress.system import pushexpress
from track.system import track
from trax.system import trax


class PlainDialect(Dialect):
    """`{"message"}`: for paths that no system's client asks for."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"message": text})


# The first match wins. A final slash may have been removed before the function sees the path.
DIALECTS: tuple[tuple[re.Pattern[str], Dialect], ...] = (
    (re.compile(r"onesignal|v[23]/instances"), onesignal.dialect),
    (re.compile(r"api/r(/|$)"), pushexpress.dialect),
    (re.compile(r"(api/1\.0|v1)/track"), track.dialect),
    (re.compile(r"api(/|$)"), trax.dialect),
    (re.compile(r"v1(/|$)"), mytracker.dialect),
    (re.compile(r"v[0-9]+(/|$)"), OtherVersionDialect()),
    (re.compile(r""), PlainDialect()),
)

settings = Settings.of("edge")


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
    """Answer an API Gateway event of `/{proxy+}` or `/`."""
    request = Request.of(event, max_body=Dialect.max_body)
    headers = cors.headers(request, settings.cors_origins)
    method = cors.requested_method(request)
    if request.method == "OPTIONS" and method:
        # Else a page would hear of a network error, and never of our 404.
        return cors.preflight(request, (method, "OPTIONS")).event(headers)
    asked = request.path_values.get("proxy", "")
    dialect = next(dialect for pattern, dialect in DIALECTS if pattern.match(asked))
    answer = error_answer(UnknownPath(), dialect)
    log.info("unknown path", event_id=request.event_id, method=request.method, status=answer.status)
    return answer.event(headers)
