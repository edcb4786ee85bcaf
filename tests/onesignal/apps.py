"""Three OneSignal apps and AWS in a few lines, for tests of one stack that serves all three."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from gateway.system import System
from onesignal.upstream import Model, OneSignalUpstream
from tests.safety.outside import RECORDS, Outside, SentRequest, deploy, sample
from tests.sample_events import with_header, with_query

OWN = "local-onesignal-app"
IOS = "5eb5a37e-b458-11e3-ac11-000c2940e62c"
ANDROID = "92911750-242d-4260-9e00-9d9034f139ce"
APPS = (OWN, IOS, ANDROID)
PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
ENDPOINTS = ("new_session", "new_purchase", "increment_session_length", "track_open")
OWN_QUEUE, DEAD_LETTERS = "https://sqs.test/our-queue", "https://sqs.test/our-dead-letters"

CREDENTIALS = {"*": "key-of-our-own", IOS: "key-of-ios", ANDROID: "key-of-android"}
KEYS = {
    "own": ["*"],
    "other systems'": ["123", "my-project"],
    "ios": [IOS],
    "android": ["*", ANDROID, "123"],
    "both": [IOS, ANDROID],
}
"""Client keys by name, with what they allow."""

NAMED = {"own": OWN, "other systems'": OWN, "ios": IOS, "android": ANDROID}
"""The app that each key names; "both" names none."""


@dataclass
class OneSignal(Outside):
    """OneSignal with three apps; `away` are those that it does not answer for now. And AWS: `secret` is the
    secret's document, `queues` hold what was sent to them."""

    secret: dict[str, Any] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    refusing: bool = False
    queues: dict[str, list[str]] = field(default_factory=dict)

    def send(self, method: str, url: str, *, headers: Any, body: bytes, **_: Any) -> Reply:
        """See Outside."""
        reply = super().send(method, url, headers=headers, body=body)
        if "X-Amz-Target" in headers:
            return reply
        apps = apps_of(self.sent[-1])
        if apps & self.away:
            return Reply(status=503, body=b"{}")
        if self.refusing:
            return Reply(status=400, body=b'{"errors": ["no"]}')
        if method == "GET":
            (app,) = apps
            return Reply(status=200, body=json.dumps({"identity": {"onesignal_id": user_of(app)}}).encode())
        return Reply(status=200, body=b'{"success": true}')

    def _GetSecretValue(self, asked: Any) -> tuple[int, Any]:
        keys = [
            {"id": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), "allows": allows}
            for name, allows in KEYS.items()
        ]
        return 200, {"SecretString": json.dumps({"client_keys": keys} | self.secret)}

    def _PutItem(self, asked: Any) -> tuple[int, Any]:
        item = asked["Item"]
        if "state" in item:
            return super()._PutItem(asked)
        self.items[item["key"]["S"]] = item  # who a player is, or the next look-up's turn
        return 200, {}

    def _SendMessage(self, asked: Any) -> tuple[int, Any]:
        self.queues.setdefault(asked["QueueUrl"], []).append(asked["MessageBody"])
        return 200, {"MessageId": "m-1"}

    @property
    def queued(self) -> list[str]:
        """The messages in the queue."""
        return self.queues.setdefault(OWN_QUEUE, [])

    @property
    def dead(self) -> list[str]:
        """The texts of the dead letters."""
        return self.queues.setdefault(DEAD_LETTERS, [])


def user_of(app: str) -> str:
    """Whom an app's every player belongs to."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, app))


def apps_of(sent: SentRequest) -> set[str]:
    """The apps that a request to OneSignal names anywhere."""
    text = sent.url + sent.body.decode() + "".join(sent.headers.values())
    return {app for app in APPS if app in text}


def credential_of(sent: SentRequest) -> str | None:
    """What signs a request."""
    found = sent.headers.get("Authorization")
    return found and found.removeprefix("Key ")


def model_of(sent: SentRequest) -> str:
    """The model whose call it is; track-open is the same in both."""
    return "users" if "/apps/" in sent.url else "players" if "/players/" in sent.url else "either"


def stack(
    endpoint: str, outside: OneSignal, patch: pytest.MonkeyPatch, model: str = "players", **settings: Any
) -> Endpoint[Any, Any]:
    """An endpoint as it stands after a deployment, in a process of its own, with this OneSignalModel."""
    handler = deploy(f"onesignal.{endpoint}", outside, patch, dead_letters=DEAD_LETTERS, **settings)
    upstream = handler.system.upstream
    assert isinstance(upstream, OneSignalUpstream)
    upstream = replace(upstream, model=Model(model), records=RECORDS, lookups_per_second=1e6)
    patch.setattr(handler, "system", replace(handler.system, upstream=upstream))
    return handler


def ask(endpoint: str, client: str | None, *, idempotency_key: str = "") -> dict[str, Any]:
    """An endpoint's sample event, by a client that would rather have it go to another app."""
    event = sample(f"onesignal.{endpoint}")
    body = json.loads(event["body"]) | {"app_id": ANDROID if client == "ios" else IOS}
    for name in ("sessionData", "purchaseData"):
        if name in body:
            body[name] = body[name] | {"app_id": body["app_id"]}
    event["body"] = json.dumps(body)
    with_query(event, [("app_id", body["app_id"])])
    with_header(event, "X-Api-Key", client or "nobody's")
    if idempotency_key:
        with_header(event, "Idempotency-Key", idempotency_key)
    return event


def redelivered(system: System, *messages: str, sent_at: float | None = None) -> list[int]:
    """A batch of the queue's messages, queued now or at `sent_at`; the numbers of those that stay."""
    sent_at = time.time() if sent_at is None else sent_at
    records = [
        {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": message,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": f"{sent_at * 1000:.0f}"},
        }
        for number, message in enumerate(messages)
    ]
    answer: dict[str, Any] = system.redelivery({"Records": records})
    return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def arrivals(onesignal: OneSignal) -> list[tuple[str, str, str | None]]:
    """Of each request with an effect: its app, its model, what signed it."""
    return [
        (", ".join(sorted(apps_of(sent))), model_of(sent), credential_of(sent))
        for sent in onesignal.vendor_requests
        if sent.method != "GET"
    ]
