"""The world outside of a handler, at the one place where it talks to it: AWS and the vendors, in memory."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.core.task import Reply
from gateway.endpoint import Endpoint
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import HttpUpstream
from gateway.outbound.secrets import SystemSecret
from gateway.system import System
from tests.architecture.house import ALL, Function
from track.store import EventStore

AWS = "http://aws.test"
VENDORS = "vendors.test"
AWS_SECRET = "secret-of-the-role-0123456789"
STREAM = "our-stream"
QUEUE = "https://sqs.test/our-queue"
RECORDS = "our-records"

CLIENT_KEY = "tg_known_0123456789abcdef"
OTHER_KEY = "tg_other_fedcba9876543210"
PROJECT = "my-project"
APP = "6660001"
OTHER_APP = "6660002"
ONESIGNAL_APP = "test-onesignal-app"
PUSH_APPS = "20523-1212,alias-of-app=20523-1213"

CREDENTIALS = {
    "*": "credential-of-everybody",
    PROJECT: "credential-of-my-project",
    APP: "credential-of-app-1",
    OTHER_APP: "credential-of-app-2",
}

ENDPOINTS: dict[str, Function] = {
    function.module: function for function in ALL if function.routes and function.system is not None
}
"""Every endpoint of every system, by its module: `onesignal.new_session`."""

PROMISED = {
    "pushexpress.create_instance": b'{"id": "i-1", "just_created": true}',
    "pushexpress.update_instance": b'{"id": "i-1", "update_interval_sec": 120}',
}
"""Successes that their contracts say more about than that they are JSON."""


@dataclass(frozen=True)
class Sent:
    """One request on its way out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def service(self) -> str:
        """AWS's service and action, empty for a vendor: `AmazonSQS.SendMessage`."""
        return self.headers.get("X-Amz-Target", "")


@dataclass
class Outside:
    """What was sent, and what is answered: `vendor` by a vendor, `down` are AWS's services without answer."""

    vendor: Reply | Exception = field(default_factory=lambda: Reply(status=200, body=b'{"success": true}'))
    down: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> list[Sent]:
        """What the vendors were told."""
        return [one for one in self.sent if not one.service]

    def of_aws(self, action: str) -> list[Any]:
        """The bodies of calls of an action, such as `SendMessage`."""
        return [json.loads(one.body) for one in self.sent if one.service.endswith(f".{action}")]

    def send(self, method: str, url: str, *, headers: Any, body: bytes, **_: Any) -> Reply:
        """Stands for Exchange.send."""
        sent = Sent(method, url, dict(headers), body)
        self.sent.append(sent)
        if not sent.service:
            if isinstance(self.vendor, Exception):
                raise self.vendor
            return self.vendor
        action = sent.service.rpartition(".")[2]
        if action in self.down:
            raise Transient("timeout", may_have_arrived=True)
        status, answer = getattr(self, f"_{action}")(json.loads(body))
        return Reply(status=status, body=json.dumps(answer).encode())

    def _GetSecretValue(self, asked: Any) -> tuple[int, Any]:
        keys = [
            {
                "id": "known",
                "sha256": hashlib.sha256(CLIENT_KEY.encode()).hexdigest(),
                "allows": [PROJECT, APP],
            }
        ]
        return 200, {"SecretString": json.dumps({"credentials": CREDENTIALS, "client_keys": keys})}

    def _SendMessage(self, asked: Any) -> tuple[int, Any]:
        return 200, {"MessageId": "m-1"}

    _ChangeMessageVisibility = _SendMessage

    def _PutRecordBatch(self, asked: Any) -> tuple[int, Any]:
        return 200, {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"} for _ in asked["Records"]]}

    def _GetItem(self, asked: Any) -> tuple[int, Any]:
        found = self.items.get(asked["Key"]["key"]["S"])
        return 200, {"Item": found} if found else {}

    def _PutItem(self, asked: Any) -> tuple[int, Any]:
        key = asked["Item"]["key"]["S"]
        if "attribute_not_exists" in asked["ConditionExpression"] and key in self.items:
            return 400, {"__type": "com.amazonaws#ConditionalCheckFailedException"}
        self.items[key] = asked["Item"]
        return 200, {}

    def _DeleteItem(self, asked: Any) -> tuple[int, Any]:
        self.items.pop(asked["Key"]["key"]["S"], None)
        return 200, {}


def base(system: str) -> str:
    """The base URL of a vendor, with a prefix that a request must not leave."""
    return f"https://{system}.{VENDORS}/base"


def deploy(module: str, outside: Outside, patch: pytest.MonkeyPatch, **settings: Any) -> Endpoint[Any, Any]:
    """An endpoint as it stands after a deployment: client keys asked for, credentials, a queue, records."""
    handler: Endpoint[Any, Any] = ENDPOINTS[module].load()
    patch.setenv("AWS_ENDPOINT_URL", AWS)
    patch.setenv("AWS_ACCESS_KEY_ID", "an-access-key")
    patch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    patch.setattr(HttpClient, "send", lambda _, *given, **further: outside.send(*given, **further))
    patch.setattr("pushexpress.system.apps", type(_apps()).of(PUSH_APPS))
    system = _deployed(handler.system, settings)
    patch.setattr(handler, "system", system)
    return handler


def _apps() -> Any:
    from pushexpress.system import apps

    return apps


def _deployed(system: System, further: Mapping[str, Any]) -> System:
    name = system.name
    keys = "off" if name == "pushexpress" else "required"
    own = {
        "client_keys": keys,
        "queue": QUEUE,
        "dead_letters": QUEUE,
        "records": RECORDS,
        "delivery": "direct",
    }
    secret = SystemSecret("our-secret")
    upstream: Any = EventStore(f"firehose://{STREAM}")
    if isinstance(system.upstream, HttpUpstream):
        upstream = replace(system.upstream, url=base(name), secret=secret)
    return replace(
        system,
        secret=secret,
        upstream=upstream,
        settings=system.settings.model_copy(update=own | dict(further)),
    )


def sample(module: str) -> dict[str, Any]:
    """The endpoint's sample event, by a caller whose key is known."""
    event: dict[str, Any] = copy.deepcopy(json.loads(ENDPOINTS[module].event.read_text()))
    system = module.partition(".")[0]
    if system == "trax":
        event["pathParameters"]["project_name"] = PROJECT
        with_header(event, "Authorization", f"Auth-Token {CLIENT_KEY}")
    elif system == "mytracker":
        with_header(event, "Authorization", CLIENT_KEY)
        if event["queryStringParameters"]:
            with_query(event, [("idApp", APP)])
    else:
        with_header(event, "X-Api-Key", CLIENT_KEY)
    return event


def with_header(event: dict[str, Any], name: str, value: str) -> None:
    """Replace a header, whatever its case was."""
    for kind in ("headers", "multiValueHeaders"):
        event[kind] = {known: old for known, old in event[kind].items() if known.lower() != name.lower()}
    event["headers"][name] = value
    event["multiValueHeaders"][name] = [value]


def with_query(event: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    """Replace the query."""
    many: dict[str, list[str]] = {}
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    event["queryStringParameters"] = dict(pairs) or None
    event["multiValueQueryStringParameters"] = many or None


def success(module: str) -> Reply:
    """The vendor's success for an endpoint."""
    return Reply(
        status=200,
        headers={"content-type": "application/json"},
        body=PROMISED.get(module, b'{"success": true}'),
    )
