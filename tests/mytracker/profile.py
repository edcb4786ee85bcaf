"""What the generic tests know of MyTracker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from tests.profiles import CLIENT_KEY, Answers, Document, Profile, Requests, Vendor, VendorRequest
from tests.proofs.faults.kinds import Asked, Kind, person, post
from tests.proofs.fuzz.bodies import one_text, parsed, typed
from tests.proofs.fuzz.http1 import Response
from tests.sample_events import Event, with_header, with_query

APP, OTHER_APP = "6660001", "6660002"

_RELAYED = frozenset({"test_app_access", "other_method"})


def _import(method: str, body: Callable[[str, str], Any]) -> Callable[[str, int, int], Asked]:
    def asked(mark: str, number: int, subject: int) -> Asked:
        # Without its own time an event would get that of its receipt, and a repeat would be another event.
        sent = body(mark, person(subject))
        return post(
            f"/v1/{method}/?idApp=666",
            sent,
            ("666",) if isinstance(sent, list) else ("666", person(subject)),
            headers={"Authorization": CLIENT_KEY},
            client="local",
        )

    return asked


def _login(mark: str, user: str) -> dict[str, Any]:
    return {"customUserId": user, "instanceId": mark, "eventTimestamp": 1580213208}


def _custom(mark: str, user: str) -> dict[str, Any]:
    return {**_login(mark, user), "customEventName": "levelUp"}


def _paid(mark: str, user: str) -> dict[str, Any]:
    return {**_login(mark, user), "idTransaction": mark, "currency": "USD", "total": 1.99}


def _kind(
    endpoint: str,
    method: str,
    body: Callable[[str, str], dict[str, Any]],
    batch: int = 0,
    naturally_once: bool = False,
) -> Kind:
    sent = (lambda mark, user: [body(mark, user)] * batch) if batch else body
    return Kind("mytracker", endpoint, _import(method, sent), naturally_once, adds=True)


def _present(event: Event, key: str) -> None:
    with_header(event, "Authorization", key)
    if event["queryStringParameters"]:
        with_query(event, [("idApp", APP)])


def _other_app(endpoint: str, *pairs: tuple[str, str]) -> tuple[str, Callable[[Event], object]]:
    return endpoint, lambda event: with_query(event, list(pairs))


def _judge(endpoint: str, response: Response) -> Iterator[str]:
    if response.status >= 300:
        yield from one_text(response, "error")
        return
    yield from typed(response)
    wanted = {"version": "1.0.0"} if endpoint == "version" else {"message": "OK"}
    if response.status != 200 or parsed(response) != wanted:
        yield "not its success"


def _problems(request: VendorRequest) -> Iterator[str]:
    """One idApp, the one that the key is for, however the reader of the query spells names."""
    if request.account is None:
        return
    query = parse_qsl(request.query, keep_blank_values=True)
    spelt = [(re.sub(r"[^a-z]", "", re.split(r"[\[\0]", name)[0].lower()), value) for name, value in query]
    apps = [value for name, value in spelt if name == "idapp"]
    if request.endpoint == "version":
        if (apps, request.body) != ([], b""):
            yield "an app or a body for `version`"
    elif apps != [request.account]:
        yield "another app than the client's"


PROFILE = Profile(
    name="mytracker",
    client_keys="default",
    present=_present,
    account=APP,
    foreign=(
        _other_app("login", ("idApp", OTHER_APP)),
        _other_app("login", ("idApp", APP), ("idApp", OTHER_APP)),
        _other_app("other_method", ("idApp", APP), (" idApp", OTHER_APP)),
        _other_app("other_method", ("idApp", APP), ("idApp[]", OTHER_APP)),
        _other_app("test_app_access", ("idApp", APP), ("IDAPP", OTHER_APP)),
    ),
    typical="custom_revenue",
    credentialed=("login", "other_method"),
    untracked=frozenset({"version", "test_app_access"}),
    keyless=frozenset({"version"}),
    unqueued=frozenset({"version", "test_app_access", "other_method"}),
    kinds=(
        _kind("registration", "registration", _login),
        _kind("registration_batch", "registrationBatch", _login, batch=2),
        _kind("login", "login", _login),
        _kind("login_batch", "loginBatch", _login, batch=1),
        _kind("custom_event", "customEvent", _custom),
        _kind("custom_event_batch", "customEventBatch", _custom, batch=3),
        _kind("custom_revenue", "customRevenue", _paid, naturally_once=True),
        _kind("custom_revenue_batch", "customRevenueBatch", _paid, batch=1, naturally_once=True),
    ),
    requests=Requests(max_body=10_240, too_large=400, unread=_RELAYED, bodyless=frozenset({"version"})),
    answers=Answers(
        statuses=frozenset({200, 400, 403, 404, 405, 409, 422}), judge=_judge, unknown=r"/v[0-9]+(/|$)"
    ),
    vendor=Vendor(
        paths=r"/v1/(?:[A-Za-z0-9]{1,64}|test-app-access)/?",
        authorization=lambda path: None if path == "/v1/version" else "{}",
        problems=_problems,
    ),
    document=Document(
        statuses=frozenset({200, 400, 405, 500}),
        optional_bodies=_RELAYED,
        unvalidated=_RELAYED | {"version"},
        looser=lambda value: isinstance(value, str) and value.lstrip("+-").isdecimal(),
    ),
)
