"""Whether a vendor accepts a credential, asked so that nothing is changed there.

| system | the question | accepted | refused |
|---|---|---|---|
| onesignal | `GET /notifications?app_id=…&limit=1`, its documented "View messages" | 2xx | 401, 403 |
| trax | `PUT` of a session `{}`, which lacks every required field | 400 | 401, 403 |
| mytracker | `POST /v1/test-app-access?idApp=…`, made for this | 2xx | 401, 403 |
| track | a connection to the database, and nothing sent on it | connected | refused by the database |
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from sqlalchemy.exc import DBAPIError

from gateway.core.errors import Transient, UpstreamError
from gateway.core.task import Reply
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import path
from tools.errors import CommandError
from tools.operator.accounts import EVERY
from tools.operator.stack import Stack

SECONDS = 10.0


@dataclass(frozen=True)
class Verdict:
    """What the vendor says of a credential: `accepted`, `refused`, or `unknown` with a reason.

    It is not asked about one that is `absent`, nor about one that is `unusable`: functions would not send it.
    """

    word: Literal["accepted", "refused", "unknown", "absent", "unusable"]
    reason: str = ""


def onesignal(stack: Stack, account: str, credential: str) -> Verdict:
    """Raises Trouble without an app id."""
    del account  # one app a stack
    app_id = stack.parameter("onesignal", "AppId")
    if not app_id:
        raise CommandError("OneSignalAppId is empty: OneSignal is asked about an app")
    query = urlencode({"app_id": app_id, "limit": 1})
    return _judged(
        _ask(stack, "onesignal", "GET", f"/notifications?{query}", {"Authorization": f"Key {credential}"}),
        accepted=range(200, 300),
    )


def trax(stack: Stack, account: str, credential: str) -> Verdict:
    """`account` is a project."""
    target = path("api", "v4", _named(account, "project"), "sessions", "credential-check")
    return _judged(
        _ask(stack, "trax", "PUT", target, {"Authorization": f"Auth-Token {credential}"}, b"{}"),
        accepted=range(400, 401),
    )


def mytracker(stack: Stack, account: str, credential: str) -> Verdict:
    """`account` is an idApp."""
    target = f"/v1/test-app-access?{urlencode({'idApp': _named(account, 'idApp')})}"
    return _judged(
        _ask(stack, "mytracker", "POST", target, {"Authorization": credential}, b"true"),
        accepted=range(200, 300),
    )


def track(stack: Stack, account: str, credential: str) -> Verdict:
    """For a stack that `needs_credential`s for track."""
    del account
    url = stack.parameters["EventStore"]
    from track.stores.mysql import MySqlStore  # here, as a driver takes its time

    try:
        store = MySqlStore(url, secret=lambda _: json.dumps({"credentials": {EVERY: credential}}))
    except UpstreamError as error:
        return _database_says(error)
    try:
        store.budget = SECONDS
        with store.engine.connect():
            return Verdict("accepted")
    except DBAPIError as error:
        return _database_says(store.meaning(error, sent=False))
    except UpstreamError as error:
        return _database_says(error)
    finally:
        store.close()


CHECKS: dict[str, Callable[[Stack, str, str], Verdict]] = {
    "onesignal": onesignal,
    "trax": trax,
    "mytracker": mytracker,
    "track": track,
}


def needs_credential(stack: Stack, system: str) -> bool:
    """Whether a system signs in anywhere: push.express does not, track only to a database."""
    if system == "track":
        return "secret=own" in stack.parameters.get("EventStore", "")
    return stack.has_secret(system)


def _ask(
    stack: Stack, system: str, method: str, target: str, headers: dict[str, str], body: bytes = b""
) -> Reply | Transient:
    url = stack.parameter(system, "Url").rstrip("/")
    kind = {"Content-Type": "application/json"} if body else {}
    try:
        return HttpClient().send(method, f"{url}{target}", headers=headers | kind, body=body, seconds=SECONDS)
    except Transient as error:
        return error


def _judged(reply: Reply | Transient, *, accepted: range) -> Verdict:
    if isinstance(reply, Transient):
        return Verdict("unknown", f"no answer: {reply.reason}")
    if reply.status in accepted:
        return Verdict("accepted")
    if reply.status in (401, 403):
        return Verdict("refused", f"status {reply.status}")
    return Verdict("unknown", f"status {reply.status}")


def _database_says(error: UpstreamError) -> Verdict:
    word: Literal["refused", "unknown"] = "refused" if "refused" in error.reason else "unknown"
    return Verdict(word, error.reason)


def _named(account: str, what: str) -> str:
    if account == EVERY:
        raise CommandError(f"This credential is for every {what}: name one to ask about with --account")
    return account
