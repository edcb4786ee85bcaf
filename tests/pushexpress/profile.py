"""What the generic tests know of push.express."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.profiles import STATUSES, Answers, Document, Profile, Vendor
from tests.proofs.faults.kinds import Asked, Kind, person, post
from tests.proofs.fuzz.bodies import one_text, parsed, typed
from tests.proofs.fuzz.http1 import Response
from tests.sample_events import Event

APP = "20523-1212"
ALIASES = f"{APP},alias-of-app=20523-1213"


def _create(mark: str, number: int, subject: int) -> Asked:
    target = f"/api/r/v2/apps/{APP}/instances?origin=droid"
    return post(target, {"ic_token": mark, "ext_id": ""}, (APP, mark), path_values={"app_id": APP})


def _of_instance(what: str, body: Callable[[str], Any], method: str = "POST") -> Any:
    def asked(mark: str, number: int, subject: int) -> Asked:
        instance = person(subject)
        return post(
            f"/api/r/v2/apps/{APP}/instances/{instance}/{what}",
            body(mark),
            (APP, instance),
            method=method,
            path_values={"app_id": APP, "ic_id": instance},
        )

    return asked


def _info(mark: str) -> Any:
    return {"transport_type": "fcm", "platform_type": "android", "tags": {"mark": mark}}


def _judge(endpoint: str, response: Response) -> Iterator[str]:
    if endpoint in ("notification_event", "lifecycle_event") and response.status < 300:
        if response.status != 202 or response.body or "content-type" in response.headers:
            yield "an event's answer is not an empty 202 without a type"
    elif response.status < 300:
        yield from typed(response)
        body = parsed(response)
        if response.status != 200 or not isinstance(body, dict) or not isinstance(body.get("id"), str):
            yield "a success without an id in text"
    else:
        yield from one_text(response, "message")


def _two_apps(patch: pytest.MonkeyPatch) -> None:
    """After a deployment two apps may be relayed, one of them by another name."""
    from pushexpress.system import apps

    patch.setattr("pushexpress.system.apps", type(apps).of(ALIASES))


def _app(name: str) -> Callable[[Event], object]:
    return lambda event: event["pathParameters"].update(app_id=name)


PROFILE = Profile(
    name="pushexpress",
    settings={"APP_IDS": "*"},
    client_keys="never",
    accounts="20523-121[23]",
    foreign=tuple(("create_instance", _app(name)) for name in ("20523-9999", "20523-1213", "*")),
    prepare=_two_apps,
    typical="notification_event",
    unqueued=frozenset({"create_instance", "update_instance", "deactivate_instance"}),
    kinds=(
        Kind("pushexpress", "create_instance", _create, adds=True),
        Kind("pushexpress", "update_instance", _of_instance("info", _info, "PUT"), adds=True),
        Kind(
            "pushexpress",
            "notification_event",
            # The contract's own key counts in the queue alone.
            _of_instance("events/notification", lambda mark: {"msg_id": mark, "event": "clicked"}),
            adds=True,
        ),
        Kind(
            "pushexpress",
            "lifecycle_event",
            # Its 120 seconds bound its repeats.
            _of_instance("events/lifecycle", lambda mark: {"event": "onscreen", "mark": mark}),
            expires=True,
        ),
        Kind(
            "pushexpress",
            "deactivate_instance",
            _of_instance("deactivate", lambda mark: {"mark": mark}),
            adds=True,
        ),
    ),
    expiring="events/lifecycle",
    answers=Answers(statuses=STATUSES | {200, 202}, judge=_judge, unknown=r"/api/r(/|$)"),
    vendor=Vendor(
        paths=r"/api/r/v2/apps/{account}/instances"
        r"(?:/[A-Za-z0-9_-]{1,64}/(?:info|deactivate|events/(?:notification|lifecycle)))?",
        method=lambda path: "PUT" if path.endswith("/info") else "POST",
        successes={
            "create_instance": b'{"id": "i-1", "just_created": true}',
            "update_instance": b'{"id": "i-1", "update_interval_sec": 120}',
        },
    ),
    document=Document(
        statuses=frozenset({400, 404, 405, 409, 413, 422, 500, 503}),
        optional_bodies=frozenset({"lifecycle_event", "deactivate_instance"}),
        unvalidated=frozenset({"deactivate_instance"}),
    ),
)
