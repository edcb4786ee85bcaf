"""OneSignal's users model and its table in a few lines: calls end as a test says, and effects are counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound import aws
from gateway.outbound.http_client import HttpClient
from gateway.outbound.secrets import SystemSecret
from onesignal import identities, lookups
from onesignal.system import APP, onesignal, player_message
from onesignal.upstream import Model, OneSignalUpstream

PLAYER = "FE3BCC9F-3289-4651-ad15-3b995718badd"
USER = "0d5a3c3e-7f1c-4a55-9d53-2a4c3f9f0a11"
MOVED_TO = "1e6b4d4f-7f1c-4a55-9d53-2a4c3f9f0a22"
APP_ID = "stacks-own-app"

NOW = 1_800_000_000.0
"""When a test begins, in Unix seconds."""
NAMED = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

TOKEN: dict[str, Any] = {"identifier": "token-1", "game_version": "1.0"}
"""A session's data about the device."""

ACCEPTED = Reply(status=202, body=b'{"properties":{}}')


def found(onesignal_id: str = USER) -> Reply:
    """What the look-up of a known player answers."""
    return Reply(status=200, body=json.dumps({"identity": {"onesignal_id": onesignal_id}}).encode())


def error(status: int, title: str = "gone", **headers: str) -> Reply:
    """An error in the users model's form; headers in lower case."""
    body = json.dumps({"errors": [{"code": "c", "title": title}]}).encode()
    return Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Sent:
    """A request that OneSignal received."""

    call: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    seconds: float


_CALLS = {
    "look-up": r"/apps/[^/]+/subscriptions/[^/]+/user/identity",
    "subscription": r"/apps/[^/]+/subscriptions/[^/]+",
    "user": r"/apps/[^/]+/users/by/onesignal_id/[^/]+",
    "player": r"/players/[^/]+/on_(session|purchase|focus)",
    "notification": r"/notifications/[^/]+",
}


@dataclass
class OneSignal(HttpClient):
    """Stands for the HTTP client. `script`: how the next calls of a kind end; after those, all is well."""

    table: Table
    script: dict[str, list[Reply | BaseException]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    takes: float = 0
    clock: Clock = field(default_factory=lambda: Clock())

    def send(self, method: str, url: str, *, headers: Any, body: bytes, seconds: float, **_: Any) -> Reply:
        """See HttpClient."""
        path = urlsplit(url).path
        call = next(name for name, form in _CALLS.items() if re.fullmatch(form, path))
        self.sent.append(Sent(call, method, path, headers, json.loads(body) if body else None, seconds))
        self.clock.now += self.takes
        scripted = self.script.get(call)
        end = scripted.pop(0) if scripted else found() if call == "look-up" else ACCEPTED
        if call in ("player", "notification") and end is ACCEPTED:
            end = Reply(status=200, body=b'{"success": true}')
        if isinstance(end, Reply):
            return end
        raised = end.__class__.__new__(end.__class__)  # a caller may change what it catches
        raised.__dict__.update(end.__dict__)
        raise raised

    @property
    def calls(self) -> list[str]:
        """The calls, in order."""
        return [one.call for one in self.sent]


@dataclass
class Clock:
    """Seconds since the test began, which only the test moves."""

    now: float = 0.0

    def time(self) -> float:
        """Unix seconds."""
        return NOW + self.now

    def monotonic(self) -> float:
        """Seconds of no particular beginning."""
        return self.now


@dataclass
class Table:
    """DynamoDB and Secrets Manager; a condition is evaluated as it is written. `down`: actions that fail."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda action, key: None
    secret: dict[str, Any] = field(default_factory=lambda: {"credentials": {"*": "own-key"}})

    def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        """Stands for aws.post."""
        if action == "GetSecretValue":
            return {"SecretString": json.dumps(self.secret)}
        assert (service, body["TableName"]) == ("dynamodb", "records")
        assert seconds > 0
        assert body.get("ConsistentRead", action != "GetItem")
        self.limits.append(seconds)
        key = (body.get("Item") or body["Key"])["key"]["S"]
        self.asked.append(action)
        self.before(action, key)
        if action in self.down:
            raise aws.AwsError("ProvisionedThroughputExceededException", passing=True)
        stands = self.items.get(key, {})
        if action == "GetItem":
            return {"Item": stands} if stands else {}
        assert action == "PutItem"
        if not _holds(body, stands):
            raise aws.AwsError("ConditionalCheckFailedException", passing=False, item=stands)
        self.items[key] = body["Item"]
        return {}


def _holds(body: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether an item meets the condition of a write."""
    names: Mapping[str, str] = body.get("ExpressionAttributeNames", {})
    values: Mapping[str, Any] = body.get("ExpressionAttributeValues", {})

    def absent(match: re.Match[str]) -> str:
        return str(names.get(match[1], match[1]) not in item)

    def compared(match: re.Match[str]) -> str:
        (kind, value), *_ = values[match[3]].items()
        attribute = item.get(names.get(match[1], match[1]), {}).get(kind)
        if attribute is None:
            return "False"
        return str(attribute == value if match[2] == "=" else float(attribute) <= float(value))

    text = re.sub(r"attribute_not_exists\((#?\w+)\)", absent, body.get("ConditionExpression", "True"))
    text = re.sub(r"(#?\w+) (=|<=) (:\w+)", compared, text)
    assert re.fullmatch(r"(True|False|AND|OR|[() ])+", text), text
    return bool(eval(text.replace("AND", "and").replace("OR", "or")))  # noqa: S307 - just checked


@dataclass
class Stage:
    """The table, OneSignal, the clock, and what was counted."""

    table: Table
    vendor: OneSignal
    clock: Clock
    counted: dict[str, int] = field(default_factory=dict)

    def process(self, **settings: Any) -> OneSignalUpstream:
        """A function's upstream, with nothing in its memory."""
        own = {"model": Model.USERS, "app_id": APP_ID, "records": "records", "lookups_per_second": 1.0}
        upstream = onesignal.upstream
        assert isinstance(upstream, OneSignalUpstream)
        secret = SystemSecret("secret", APP)
        return replace(
            upstream, url="https://onesignal.test", secret=secret, client=self.vendor, **{**own, **settings}
        )

    def identity(self, player: str = PLAYER, app: str = APP_ID) -> dict[str, str]:
        """The attributes of a player's item."""
        item = self.table.items.get(identities.item_key(app, player), {})
        return {name: next(iter(value.values())) for name, value in item.items() if name != "key"}

    def known(self, onesignal_id: str = USER, *, sent: str = "", days: float = 1, app: str = APP_ID) -> None:
        """Somebody looked the player up before."""
        key = identities.item_key(app, PLAYER)
        item = {
            "key": {"S": key},
            "onesignal_id": {"S": onesignal_id},
            "expires": {"N": f"{NOW + days * 86400:.0f}"},
        }
        self.table.items[key] = item | ({"sent": {"S": sent}} if sent else {})

    def turn(self, seconds: float, app: str = APP_ID) -> None:
        """The next look-up may be made in `seconds`."""
        key = lookups.item_key(app)
        number = {"N": f"{(NOW + seconds) * 1000:.0f}"}
        self.table.items[key] = {"key": {"S": key}, "next": number}


def task(action: str = "on_session", *, age: float = 0, account: str = "", **body: Any) -> DeliveryTask:
    """A player's task, received `age` seconds ago."""
    if action == "on_focus" and not body:
        body = {"state": "ping", "active_time": 60}
    payload = player_message(PLAYER, action, body, account=account).payload
    return _task(payload, age)


def queued(one: DeliveryTask) -> DeliveryTask:
    """The task as its queue gives it back."""
    return DeliveryTask.loads(one.dumps(), HttpRequest.of)


def _task(payload: Any, age: float) -> DeliveryTask:
    return DeliveryTask(
        system="onesignal",
        endpoint="new_session",
        event_id="e",
        received_at=NOW - age,
        payload=payload,
    )
