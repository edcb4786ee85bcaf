"""What the apps send: an event of every endpoint, each with an identity that shows wherever it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from gateway.core.identity import key_of
from gateway.system import System
from tools.local.credentials import CLIENT_KEY

PROJECT, APP = "prove", "20523-1212"
TABLES = {
    "SessionEvent": "Message",
    "UserEvent": "Message",
    "ItemEvent": "ItemName",
    "PurchaseEvent": "Product",
}
"""track's tables, and the column of each that holds an event's mark."""

_FIRST_SECOND = 1_000_000_000
"""`increment-session-length` has no room for a mark: its seconds count up from here."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request: `scope` and, with `by_path`, `path_values` are what the endpoint's idempotency keys are
    unique within."""

    method: str
    target: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    path_values: Mapping[str, str] = field(default_factory=dict)
    by_path: bool = True
    scope: tuple[str, ...] = ()
    client: str = ""


@dataclass(frozen=True)
class Kind:
    """An endpoint and how an app asks it. `naturally_once`: its contract has a key that the API itself heeds
    (push.express's for notifications counts in the queue alone)."""

    system: str
    endpoint: str
    asked: Callable[[str, int, int], Asked]
    naturally_once: bool = False

    @property
    def name(self) -> str:
        """`onesignal.new_session`."""
        return f"{self.system}.{self.endpoint}"

    @property
    def adds(self) -> bool:
        """Whether the upstream counts a repeat once more, so that the gateway bounds its own.

        A lifecycle event is bounded by its 120 seconds.
        """
        system: System = getattr(import_module(f"{self.system}.system"), self.system)
        return self.endpoint not in {*system.idempotent, "lifecycle_event"}


@dataclass(frozen=True)
class Event:
    """One event of a run. `subject` numbers whose it is: a player, an instance, a user; `key` is what the app
    sends as `Idempotency-Key`, if it sends one."""

    run: int
    number: int
    kind: Kind
    subject: int
    key: str | None

    @property
    def mark(self) -> str:
        """Its identity, in the form of a UUID."""
        return f"{self.run:08x}-0000-4000-8000-{self.number:012x}"

    @property
    def asked(self) -> Asked:
        """The request; the same whenever it is asked for."""
        return self.kind.asked(self.mark, self.number, self.subject)

    @property
    def record(self) -> str | None:
        """The name of its record, where the key is the client's."""
        if self.key is None:
            return None
        asked = self.asked
        values = sorted(asked.path_values.items()) if asked.by_path else []
        return key_of(
            self.kind.system, self.kind.endpoint, values, asked.scope, "client", asked.client, self.key
        )


class Marks:
    """Finds the events of one run in what others hold: a ledger, a queue's messages, a table."""

    def __init__(self, run: int) -> None:
        self._mark = re.compile(rb"%08x-0000-4000-8000-([0-9a-f]{12})" % run)

    def of(self, *texts: bytes) -> set[int]:
        """The numbers of the events that are marked in these texts."""
        return {int(found, 16) for text in texts for found in self._mark.findall(text)}

    def sent_upstream(self, path: str, content: bytes) -> set[int]:
        """The same in a request to an upstream, whose event may be marked by its seconds."""
        if path.endswith("/on_focus"):
            seconds = json.loads(content)["active_time"]
            return {seconds - _FIRST_SECOND} if seconds >= _FIRST_SECOND else set()
        return self.of(path.encode(), content)


def _person(subject: int) -> str:
    return f"5ab1ec75-0000-4000-9000-{subject:012x}"


def _post(target: str, body: Any, scope: tuple[str, ...] = (), **more: Any) -> Asked:
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    return Asked(
        method=more.pop("method", "POST"),
        target=target,
        body=json.dumps(body).encode(),
        headers=headers,
        scope=scope,
        **more,
    )


def _new_session(mark: str, number: int, subject: int) -> Asked:
    player = _person(subject)
    data = {"language": "en", "tags": {"mark": mark}}
    return _post("/onesignal/new-session", {"player_id": player, "sessionData": data}, (player,))


def _new_purchase(mark: str, number: int, subject: int) -> Asked:
    player = _person(subject)
    data = {"purchases": [{"sku": mark, "iso": "USD", "amount": "0.99"}]}
    return _post("/onesignal/new-purchase/", {"player_id": player, "purchaseData": data}, (player,))


def _increment(mark: str, number: int, subject: int) -> Asked:
    player = _person(subject)
    body = {"player_id": player, "state": "ping", "active_time": _FIRST_SECOND + number}
    return _post("/onesignal/increment-session-length", body, (player,))


def _track_open(mark: str, number: int, subject: int) -> Asked:
    return _post("/onesignal/track-open", {"id": mark, "opened": True})


def _visit(mark: str, number: int, subject: int) -> Asked:
    body = {
        "client_session_uid": _person(subject),
        "store_number": "100050000000008",
        "visit_date": "2017-06-02",
        "session_start_time": 1496587649,
        "scenes": [{"scene_uid": mark}],
    }
    return _post(
        f"/api/v4/{PROJECT}/session/{mark}",
        body,
        (PROJECT, mark),
        method="PUT",
        headers={"Authorization": f"Auth-Token {CLIENT_KEY}"},
        path_values={"version_number": "v4", "project_name": PROJECT, "session_uid": mark},
        by_path=False,
        client="local",
    )


def _create(mark: str, number: int, subject: int) -> Asked:
    target = f"/api/r/v2/apps/{APP}/instances?origin=droid"
    return _post(target, {"ic_token": mark, "ext_id": ""}, (APP, mark), path_values={"app_id": APP})


def _of_instance(what: str, body: Callable[[str, int], Any], method: str = "POST") -> Any:
    def asked(mark: str, number: int, subject: int) -> Asked:
        instance = _person(subject)
        return _post(
            f"/api/r/v2/apps/{APP}/instances/{instance}/{what}",
            body(mark, number),
            (APP, instance),
            method=method,
            path_values={"app_id": APP, "ic_id": instance},
        )

    return asked


def _import(method: str, body: Callable[[str, str], Any]) -> Any:
    def asked(mark: str, number: int, subject: int) -> Asked:
        # Without its own time an event would get that of its receipt, and a repeat would be another event.
        told = body(mark, _person(subject))
        return _post(
            f"/v1/{method}/?idApp=666",
            told,
            ("666",) if isinstance(told, list) else ("666", _person(subject)),
            headers={"Authorization": CLIENT_KEY},
            client="local",
        )

    return asked


def _login(mark: str, person: str) -> dict[str, Any]:
    return {"customUserId": person, "instanceId": mark, "eventTimestamp": 1580213208}


def _custom(mark: str, person: str) -> dict[str, Any]:
    return {**_login(mark, person), "customEventName": "levelUp"}


def _paid(mark: str, person: str) -> dict[str, Any]:
    return {**_login(mark, person), "idTransaction": mark, "currency": "USD", "total": 1.99}


def _row(endpoint: str, column: str, more: Mapping[str, Any]) -> Any:
    def asked(mark: str, number: int, subject: int) -> Asked:
        body = {"ProfileID": subject + 1, "Region": "BR", **more, column: mark}
        scope: tuple[str, ...] = (str(subject + 1),)
        if endpoint == "session":
            body["SessionID"] = f"session-{subject}"
            scope = (body["SessionID"], *scope)
        return _post(f"/api/1.0/track/{endpoint}/", body, scope)

    return asked


KINDS: tuple[Kind, ...] = (
    Kind("onesignal", "new_session", _new_session),
    Kind("onesignal", "new_purchase", _new_purchase),
    Kind("onesignal", "increment_session_length", _increment),
    Kind("onesignal", "track_open", _track_open),
    Kind("trax", "session", _visit, naturally_once=True),
    Kind("pushexpress", "create_instance", _create),
    Kind(
        "pushexpress",
        "update_instance",
        _of_instance(
            "info",
            lambda mark, number: {
                "transport_type": "fcm",
                "platform_type": "android",
                "tags": {"mark": mark},
            },
            method="PUT",
        ),
    ),
    Kind(
        "pushexpress",
        "notification_event",
        _of_instance("events/notification", lambda mark, number: {"msg_id": mark, "event": "clicked"}),
    ),
    Kind(
        "pushexpress",
        "lifecycle_event",
        _of_instance("events/lifecycle", lambda mark, number: {"event": "onscreen", "mark": mark}),
    ),
    Kind("pushexpress", "deactivate_instance", _of_instance("deactivate", lambda mark, _: {"mark": mark})),
    Kind("mytracker", "registration", _import("registration", _login)),
    Kind("mytracker", "registration_batch", _import("registrationBatch", lambda m, p: [_login(m, p)] * 2)),
    Kind("mytracker", "login", _import("login", _login)),
    Kind("mytracker", "login_batch", _import("loginBatch", lambda m, p: [_login(m, p)])),
    Kind("mytracker", "custom_event", _import("customEvent", _custom)),
    Kind("mytracker", "custom_event_batch", _import("customEventBatch", lambda m, p: [_custom(m, p)] * 3)),
    Kind("mytracker", "custom_revenue", _import("customRevenue", _paid), naturally_once=True),
    Kind(
        "mytracker",
        "custom_revenue_batch",
        _import("customRevenueBatch", lambda m, p: [_paid(m, p)]),
        naturally_once=True,
    ),
    Kind("track", "session", _row("session", "Message", {"RemoteIP": "192.0.2.7", "SessionType": "start"})),
    Kind("track", "user", _row("user", "Message", {"Referrer": "newsletter"})),
    Kind("track", "item", _row("item", "ItemName", {"ItemType": "wear", "IsUGC": False})),
    Kind(
        "track",
        "purchase",
        _row(
            "purchase",
            "Product",
            {"Currency": "BRL", "GrossAmount": "1.99", "NetAmount": "1.50", "PaymentProvider": "card"},
        ),
    ),
)
SYSTEMS = ("onesignal", "trax", "pushexpress", "mytracker", "track")


def events_of(run: int, numbers: range, subjects: range, kinds: Sequence[Kind] = KINDS) -> list[Event]:
    """Events for the systems in turn, and in each for its endpoints in turn; two in five have a key."""
    made = []
    for number in numbers:
        system = SYSTEMS[number % len(SYSTEMS)]
        own = [kind for kind in kinds if kind.system == system]
        turn = number // len(SYSTEMS)
        key = f"key-{run}-{number}" if turn % 5 < 2 else None
        subject = subjects[number % len(subjects)]
        made.append(Event(run, number, own[turn % len(own)], subject, key))
    return made
