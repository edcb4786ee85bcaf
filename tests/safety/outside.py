"""The world outside of a handler, at the one place where it talks to it: AWS and the vendors, in memory."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import HttpUpstream
from gateway.outbound.secrets import SystemSecret
from gateway.system import System
from tests.architecture.house import ALL, Function
from tests.imported import imported, replaced
from tests.profiles import Profile, Vendor, profiles, vendors
from tests.table import carried_out

AWS = "http://aws.test"
VENDORS = "vendors.test"
AWS_SECRET = "secret-of-the-role-0123456789"
STREAM = "our-stream"
QUEUE = "https://sqs.test/our-queue"
RECORDS = "our-records"

CLIENT_KEY = "tg_known_0123456789abcdef"
OTHER_KEY = "tg_other_fedcba9876543210"
ACCOUNTS = [profile.account for profile in profiles().values() if profile.account]
"""All that the known client may use."""

CREDENTIALS = {
    "*": "credential-of-everybody",
    **{account: f"credential-of-{account}" for account in ACCOUNTS},
}

OWN_SETTINGS = {
    text for profile in profiles().values() for text in profile.settings.values() if len(text) > 3
}
"""Settings, such as an app id, that only the vendor receives."""


@dataclass(frozen=True)
class Deployable:
    """An endpoint, with its system in one of its variants; the empty one is that of the defaults."""

    function: Function
    variant: str

    @property
    def profile(self) -> Profile:
        """Its system's."""
        return profiles()[self.function.folder]

    @property
    def vendor(self) -> Vendor | None:
        """What its vendor may be sent."""
        return vendors(self.variant).get(self.function.folder)

    def load(self) -> Endpoint[Any, Any]:
        """Its handler."""
        if not self.variant:
            found: Endpoint[Any, Any] = self.function.load()
            return found
        return imported(self.function.module, self.profile.variants[self.variant].settings)


ENDPOINTS: dict[str, Deployable] = {
    f"{function.module}, {variant}" if variant else function.module: Deployable(function, variant)
    for function in ALL
    if function.routes and function.system is not None
    for variant in ("", *profiles()[function.system].variants)
}
"""Every endpoint of every system, by its module: `<system>.new_session`; also in each variant of the system,
whose name then follows a comma."""


@dataclass(frozen=True)
class SentRequest:
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
    """What was sent, and what is answered: `vendor` by a vendor, except to what it is `asked` first, by what
    the URL of the question matches; `down` are AWS's services without answer."""

    vendor: Reply | Exception = field(default_factory=lambda: Reply(status=200, body=b'{"success": true}'))
    asked: Mapping[str, bytes] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    sent: list[SentRequest] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)

    @property
    def vendor_requests(self) -> list[SentRequest]:
        """What the vendors were told, without what they were asked first."""
        return [one for one in self.sent if not one.service and self._answer(one) is None]

    def of_aws(self, action: str) -> list[Any]:
        """The bodies of calls of an action, such as `SendMessage`."""
        return [json.loads(one.body) for one in self.sent if one.service.endswith(f".{action}")]

    def send(self, method: str, url: str, *, headers: Any, body: bytes, **_: Any) -> Reply:
        """Stands for HttpClient.send."""
        sent = SentRequest(method, url, dict(headers), body)
        self.sent.append(sent)
        if not sent.service:
            if answer := self._answer(sent):
                return answer
            if isinstance(self.vendor, Exception):
                raise self.vendor
            return self.vendor
        action = sent.service.rpartition(".")[2]
        if action in self.down:
            raise Transient("timeout", may_have_arrived=True)
        status, said = getattr(self, f"_{action}")(json.loads(body))
        return Reply(status=status, body=json.dumps(said).encode())

    def _answer(self, sent: SentRequest) -> Reply | None:
        bodies = (body for pattern, body in self.asked.items() if re.search(pattern, sent.url))
        return next((Reply(status=200, body=body) for body in bodies), None)

    def _GetSecretValue(self, asked: Any) -> tuple[int, Any]:
        keys = [
            {
                "id": "known",
                "sha256": hashlib.sha256(CLIENT_KEY.encode()).hexdigest(),
                "allows": ACCOUNTS,
            }
        ]
        return 200, {"SecretString": json.dumps({"credentials": CREDENTIALS, "client_keys": keys})}

    def _SendMessage(self, asked: Any) -> tuple[int, Any]:
        return 200, {"MessageId": "m-1"}

    _ChangeMessageVisibility = _SendMessage

    def _SendMessageBatch(self, asked: Any) -> tuple[int, Any]:
        taken = [{"Id": entry["Id"], "MessageId": "m-1"} for entry in asked["Entries"]]
        return 200, {"Successful": taken, "Failed": []}

    def _PutRecordBatch(self, asked: Any) -> tuple[int, Any]:
        return 200, {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"} for _ in asked["Records"]]}

    def _GetItem(self, asked: Any) -> tuple[int, Any]:
        return carried_out(self.items, "GetItem", asked)

    def _PutItem(self, asked: Any) -> tuple[int, Any]:
        return carried_out(self.items, "PutItem", asked)

    def _DeleteItem(self, asked: Any) -> tuple[int, Any]:
        return carried_out(self.items, "DeleteItem", asked)


def base(system: str) -> str:
    """The base URL of a vendor, with a prefix that a request must not leave."""
    return f"https://{system}.{VENDORS}/base"


def deploy(module: str, outside: Outside, patch: pytest.MonkeyPatch, **settings: Any) -> Endpoint[Any, Any]:
    """An endpoint as it stands after a deployment: client keys asked for, credentials, a queue, records."""
    handler = ENDPOINTS[module].load()
    vendor = ENDPOINTS[module].vendor
    outside.asked = vendor.asked if vendor else {}
    patch.setenv("AWS_ENDPOINT_URL", AWS)
    patch.setenv("AWS_ACCESS_KEY_ID", "an-access-key")
    patch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    patch.setattr(HttpClient, "send", lambda _, *given, **further: outside.send(*given, **further))
    # The pause before another call to AWS is not what these tests are about.
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None)
    patch.setattr("gateway.outbound.aws.time", clock)
    profile = ENDPOINTS[module].profile
    profile.prepare(patch)
    system = _deployed(handler.system, profile, settings)
    patch.setattr(handler, "system", system)
    return handler


def _deployed(system: System, profile: Profile, further: Mapping[str, Any]) -> System:
    keys = "off" if profile.client_keys == "never" else "required"
    own = {
        "client_keys": keys,
        "queue": QUEUE,
        "dead_letters": QUEUE,
        "records": RECORDS,
        "delivery": "direct",
    }
    secret = SystemSecret("our-secret", system.account)
    upstream: Any = profile.store(f"firehose://{STREAM}") if profile.store else None
    if isinstance(system.upstream, HttpUpstream):
        theirs = {"url": base(system.name), "secret": secret, "records": RECORDS}
        upstream = replaced(system.upstream, **theirs)
    return replace(
        system,
        secret=secret,
        upstream=upstream,
        settings=system.settings.model_copy(update=own | dict(further)),
    )


def sample(module: str) -> dict[str, Any]:
    """The endpoint's sample event, by a caller whose key is known."""
    event: dict[str, Any] = copy.deepcopy(json.loads(ENDPOINTS[module].function.event.read_text()))
    profiles()[module.partition(".")[0]].present(event, CLIENT_KEY)
    return event


def success(module: str) -> Reply:
    """The vendor's success for an endpoint."""
    vendor = ENDPOINTS[module].vendor
    body = vendor.successes.get(ENDPOINTS[module].function.name) if vendor else None
    return Reply(
        status=200,
        headers={"content-type": "application/json"},
        body=body or b'{"success": true}',
    )
