"""push.express: its URL, the apps that may reach it, its answers and errors."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from gateway.core.answer import Answer, Success, json_answer, relayed
from gateway.core.errors import Invalid, Setup, UnknownResource, Unreadable, UpstreamFailed
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.settings import Settings
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import HttpUpstream, json_object, json_object_or_nothing, judge, path
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System, UnknownPaths
from pushexpress.apps import Apps
from pushexpress.response_checks import has_id, has_id_and_interval, repaired

# Header values are one line of ASCII; a browser's own are far shorter.
_USER_AGENT = re.compile(r"[ -~]{1,1024}")


class PushExpressSettings(Settings):
    """`app_ids` lists the allowed apps; see Apps."""

    app_ids: str = ""


settings = PushExpressSettings.of()
apps = Apps.of(settings.app_ids)
secret = SystemSecret(settings.secret)


class PushExpressDialect(Dialect):
    """`{"message"}`; a client's mistake is a `validation error`."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"message": text})

    def unknown_resource(self, error: UnknownResource) -> Answer:
        """404: the app is not on the list."""
        return self.error(404, "Unknown app_id")

    def unreadable(self, error: Unreadable) -> Answer:
        """The reason, in the document's form."""
        return self.error(400, f"validation error: {error.reason}")

    def invalid(self, error: Invalid) -> Answer:
        """Every problem, in the document's order."""
        return self.error(400, f"validation error: {'; '.join(map(str, error.problems))}")

    def upstream_failed(self, error: UpstreamFailed) -> Answer:
        """push.express's own answer, if it gave one; else 503."""
        reply = error.cause.reply
        if reply is None:
            return self.undeliverable(error)
        answer = relayed(reply)
        return answer.marked("rejected") if reply.status < 500 else answer


ACCEPTED = Answer(status=202, content_type=None)
"""The answer to an event has neither a body nor a type."""

accepted = Success(delivered=lambda reply: ACCEPTED, queued=ACCEPTED)
"""The success of an event."""

answered = Success(delivered=lambda reply: replace(relayed(repaired(reply)), status=200))
"""The success of a call that only push.express can answer. Its clients accept no status other than 200."""


def forwarded(request: Request, app_id: str, *segments: str) -> HttpRequest:
    """The request as received, for `/instances/{segments}` of an app, which is added when it is sent."""
    headers = {"Content-Type": "application/json"} if request.document else {}
    return HttpRequest(
        method=request.method,
        path=path("instances", *segments),
        query=urlencode(request.query, quote_via=quote, safe="", errors="replace"),
        headers=headers | (_caller_headers(request) if settings.fill_client_ip else {}),
        body=request.document,
        account=app_id,
    )


def _caller_headers(request: Request) -> dict[str, str]:
    found = {"X-Forwarded-For": request.source_ip, "User-Agent": request.header("user-agent")}
    return {name: value for name, value in found.items() if _USER_AGENT.fullmatch(value)}


def _read(request: Request) -> dict[str, Any] | None:
    """The body's object, None if there is no body: one SDK's heartbeat has none."""
    if not request.document:
        return None
    if not isinstance(request.json, dict):
        raise Unreadable("not a JSON object")
    return request.json


def _app(request: Request) -> str:
    app_id = request.path_values.get("app_id", "")
    if apps.real(app_id) is None:
        raise UnknownResource
    return app_id


def _sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
    del secret  # there is no credential: the app's id is the identity
    app_id = apps.real(request.account)
    if app_id is None:
        raise Setup("unknown app id", tried=False)
    return replace(request, path=path("api", "r", "v2", "apps", app_id) + request.path)


def _judge(reply: Reply) -> None:
    # We send no credential that could be refused: 401 and 403 concern the app.
    judge(reply, setup=frozenset())


pushexpress = System(
    name="pushexpress",
    settings=settings,
    secret=secret,
    upstream=HttpUpstream(url=settings.url, secret=secret, sign=_sign, judge=_judge),
    dialect=PushExpressDialect(),
    contract=Contract(read=_read, check=json_object_or_nothing),
    by_endpoint={
        "create_instance": Contract(read=_read, check=has_id),
        "update_instance": Contract(read=_read, check=has_id_and_interval),
        "deactivate_instance": Contract(read=_read, check=json_object),
    },
    resource=_app,
    subject_fields=frozenset({"ic_token", "ext_id", "transport_token", "ad_id"}),
    unknown_paths=(UnknownPaths(re.compile(r"api/r(/|$)"), PushExpressDialect()),),
)
