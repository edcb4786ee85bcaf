"""OneSignal: its URL, authentication, and the answers and errors of its Syncano-style socket."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from gateway.core import strict_json
from gateway.core.account import Account
from gateway.core.answer import Answer, Success, json_answer
from gateway.core.errors import ClientError, Invalid, Refused, Undeliverable, Unreadable
from gateway.core.message import HttpRequest, OutboundMessage
from gateway.core.settings import Settings
from gateway.inbound.dialect import Dialect
from gateway.inbound.form import is_multipart, multipart_fields, urlencoded_fields
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import path
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System, UnknownPaths
from onesignal.upstream import PLAYERS_PATH, Model, OneSignalUpstream, judge, texts

KEY_FIELDS = ("user_key", "_user_key", "api_key", "_api_key")
"""The fields, in body or query, in which the platform's clients send their key."""

NEVER_FORWARDED = frozenset({*KEY_FIELDS, "_method"})


APP = Account(
    "app",
    "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "a UUID in lower case",
    named_by_key=True,
    own_credential=True,
    settings={"model": tuple(Model)},
)
"""An app at OneSignal, if it is another than the stack's own, OneSignalAppId."""


class OneSignalSettings(Settings):
    """`app_id` is the stack's own app at OneSignal, never the client's.

    The others are about the users model: `lookups_per_second` bounds the look-ups of players' users in all
    functions together, `identity_days` is how long a player's user is remembered.
    """

    app_id: str = ""
    model: Model = Model.PLAYERS
    lookups_per_second: float = Field(default=1, gt=0)
    identity_days: float = Field(default=7, gt=0)


settings = OneSignalSettings.of()
secret = SystemSecret(settings.secret, APP)


class SocketDialect(Dialect):
    """`{"message", "response"}`. `message` comes first and is complete: a client shows the first key."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope around an error's text."""
        return json_answer(status, {"message": text, "response": {}})

    def unreadable(self, error: Unreadable) -> Answer:
        """The platform's own text."""
        return self.error(400, "Parsing payload failure: invalid JSON.")

    def invalid(self, error: Invalid) -> Answer:
        """Every problem, as text and as data."""
        listed = [{"field": problem.field, "problem": problem.text} for problem in error.problems]
        text = "validation failed: " + "; ".join(map(str, error.problems))
        return json_answer(400, {"message": text, "response": {"errors": listed}})

    def refused(self, error: Refused) -> Answer:
        """OneSignal's own 4xx: its status, its JSON as `response`, and its errors in `message`."""
        try:
            found = strict_json.read(error.reply.body)
        except strict_json.Malformed:
            found = {}
        errors = "; ".join(texts(found.get("errors"))) if isinstance(found, dict) else ""
        return json_answer(
            error.reply.status, {"message": f"OneSignal: {errors or 'request refused'}", "response": found}
        )

    def undeliverable(self, error: Undeliverable) -> Answer:
        """502, or 504 if no answer came in time."""
        return self.error(error.cause.status, "OneSignal cannot be reached; try again later")


def envelope(message: str) -> Success:
    """Success: the documented message, with OneSignal's own JSON or a note that the event is queued."""
    return Success(
        delivered=lambda reply: json_answer(
            200, {"message": message, "response": strict_json.read(reply.body)}
        ),
        queued=json_answer(202, {"message": message, "response": {"success": True, "queued": True}}),
    )


def player_message(player_id: str, action: str, body: Mapping[str, Any], *, account: str) -> OutboundMessage:
    """`POST /players/{player_id}/{action}`; the app id is added when it is sent, never the client's."""
    fields = {name: value for name, value in body.items() if name not in ("app_id", "player_id")}
    return OutboundMessage(
        payload=HttpRequest(
            method="POST",
            path=path("players", player_id, action),
            headers={"Content-Type": "application/json"},
            body=fields,
            account=account,
        ),
        scope=(player_id, account) if account else (player_id,),
    )


def _read(request: Request) -> dict[str, Any]:
    """Query fields, overridden by body fields, in every format that the platform accepted, without keys."""
    fields = {name: _value(text) for name, text in request.query} | _body(request)
    return {name: value for name, value in fields.items() if name not in NEVER_FORWARDED}


def _body(request: Request) -> dict[str, Any]:
    if is_multipart(request):
        return {name: _value(text) for name, text in multipart_fields(request)}
    if not request.document:
        return {}
    content_type = request.header("content-type").lower()
    # `curl -d '{…}'` sends JSON with a urlencoded Content-Type.
    if (
        content_type.startswith("application/x-www-form-urlencoded")
        and request.document.lstrip()[:1] not in b'{["'
    ):
        return {name: _value(text) for name, text in urlencoded_fields(request.body)}
    if not isinstance(request.json, dict):
        raise Unreadable("not a JSON object")
    return request.json


def _value(text: str) -> Any:
    """A field's JSON object or list, otherwise its text."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return strict_json.read(text.encode())
        except strict_json.Malformed:
            pass
    return text


def _presented(request: Request) -> Sequence[str]:
    try:
        body = _body(request)
    except ClientError:
        body = {}
    fields = [value for name, value in (*request.query, *body.items()) if name in KEY_FIELDS]
    headers = [*request.headers.get("x-api-key", ()), *request.headers.get("x-user-key", ())]
    return [key for key in (*headers, *fields) if isinstance(key, str)]


def _sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
    headers = dict(request.headers)
    needs_key = not request.path.startswith(PLAYERS_PATH)
    # Calls about players need no key, but a named app is served only while the secret knows it.
    if needs_key or request.account:
        credential = secret.credential(request.account)
        headers |= {"Authorization": f"Key {credential}"} if needs_key else {}
    if request.path.startswith("/apps/"):  # the path names the app
        return replace(request, headers=headers)
    return replace(
        request, headers=headers, body={**request.fields, "app_id": request.account or settings.app_id}
    )


onesignal = System(
    name="onesignal",
    settings=settings,
    secret=secret,
    upstream=OneSignalUpstream(
        url=settings.url,
        secret=secret,
        sign=_sign,
        judge=judge,
        app_id=settings.app_id,
        model=settings.model,
        records=settings.records,
        lookups_per_second=settings.lookups_per_second,
        identity_days=settings.identity_days,
        retry_scale=settings.retry_scale,
    ),
    dialect=SocketDialect(),
    contract=Contract(read=_read),
    by_endpoint={"track_open": Contract(read=_read, idempotent=True)},
    presented=_presented,
    key_fields=frozenset(KEY_FIELDS),
    subject_fields=frozenset({"identifier", "ad_id", "external_user_id"}),
    unknown_paths=(UnknownPaths(re.compile(r"onesignal|v[23]/instances"), SocketDialect()),),
)
