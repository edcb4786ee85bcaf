"""Waiting events that leave together: what MyTracker gets, and what is known of each event afterwards."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.core import history
from gateway.core.errors import Refused, Setup, TimedOut, Transient, UpstreamError
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from mytracker.system import mytracker
from mytracker.upstream import MyTrackerUpstream
from tests.mytracker.test_joining import single
from tools.systems.mytracker.vendor import CREDENTIAL, MyTracker
from tools.systems.vendor import Request

REFUSED = {"age": 200}
"""What the vendor refuses in an event."""

type Fault = Callable[[list[Any]], UpstreamError | Reply | None]


@dataclass
class Vendor:
    """An HTTP client whose other end is the sandbox's MyTracker; `fault` looks at a call's events first."""

    fault: Fault = lambda events: None
    calls: list[tuple[str, int]] = field(default_factory=list)
    """The path of each call, and the number of its events."""
    taken: list[str] = field(default_factory=list)
    """The users of the imported events."""

    def send(self, method: str, url: str, *, headers: Any, body: bytes, seconds: float) -> Reply:
        assert seconds > 0
        path, _, query = url.removeprefix("http://vendor").partition("?")
        found = json.loads(body)
        events = found if isinstance(found, list) else [found]
        self.calls.append((path, len(events)))
        fault = self.fault(events)
        if isinstance(fault, UpstreamError):
            raise fault
        if fault is not None:
            return fault
        answer = MyTracker().answer(
            Request(method=method, path=path, query=query, headers=tuple(headers.items()), body=body)
        )
        self.taken += [json.loads(effect.content)["customUserId"] for effect in answer.effects]
        return Reply(status=answer.status, body=answer.body)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Sends events together; for each its outcome: None, or the kind of its failure and what is known."""

    def sent(vendor: Any, bodies: list[Any], *, method: str = "login", seconds: float = 5) -> list[Any]:
        assert isinstance(mytracker.upstream, MyTrackerUpstream)
        monkeypatch.setattr(mytracker.secret, "credential", lambda account: CREDENTIAL)
        upstream = replace(mytracker.upstream, url="http://vendor", client=vendor)
        tasks = [task(body, method) for body in bodies]
        assert len({upstream.together(task) for task in tasks}) <= 1
        outcomes = upstream.send_many(tasks, seconds=seconds)
        return [
            outcome and (type(outcome), outcome.reason, outcome.tried, outcome.outcome_unknown)
            for outcome in outcomes
        ]

    return sent


def task(body: Any, method: str) -> DeliveryTask:
    return DeliveryTask(
        system="mytracker",
        endpoint="login",
        event_id="e",
        received_at=0,
        payload=HttpRequest.of(single(body, method=method).data()),
    )


def users(count: int) -> list[dict[str, Any]]:
    return [{"customUserId": f"{number}"} for number in range(count)]


def test_single_events_leave_as_one_batch(sent: Any) -> None:
    vendor = Vendor()

    assert sent(vendor, users(20)) == [None] * 20
    assert vendor.calls == [("/v1/loginBatch/", 20)]
    assert vendor.taken == [f"{number}" for number in range(20)]


def test_one_event_leaves_as_it_is(sent: Any) -> None:
    vendor = Vendor()

    assert sent(vendor, users(1)) == [None]
    assert vendor.calls == [("/v1/login/", 1)]


def test_large_events_leave_in_as_few_batches_as_they_fit(sent: Any) -> None:
    vendor = Vendor()
    large = [{"customUserId": f"{number}" * 1_000} for number in range(1, 10)] * 2

    assert sent(vendor, large) == [None] * 18
    assert [count for _, count in vendor.calls] == [10, 8]


def test_a_refused_batch_imported_nothing_and_each_event_is_judged_by_itself(sent: Any) -> None:
    vendor = Vendor()
    bodies = users(20)
    bodies[7] |= REFUSED

    outcomes = sent(vendor, bodies)

    assert outcomes[7] == (Refused, "status 400", True, False)
    assert [outcome for index, outcome in enumerate(outcomes) if index != 7] == [None] * 19
    assert vendor.calls == [("/v1/loginBatch/", 20), *[("/v1/login/", 1)] * 20]
    assert vendor.taken == [f"{number}" for number in range(20) if number != 7]


def test_of_an_unanswered_batch_each_event_may_have_arrived(sent: Any) -> None:
    vendor = Vendor(lambda events: TimedOut(may_have_arrived=True))

    assert sent(vendor, users(3)) == [(TimedOut, "timeout", True, True)] * 3
    assert len(vendor.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "unknown"),
    [
        (Reply(status=503), Transient, False),
        (Reply(status=429), Transient, False),
        (Reply(status=500), Transient, True),
        (Reply(status=403), Setup, False),
        (Reply(status=200, body=b"<html>"), Transient, True),
    ],
)
def test_once_mytracker_fails_the_rest_is_not_sent(
    sent: Any, answer: Reply, kind: type[UpstreamError], unknown: bool
) -> None:
    vendor = Vendor(lambda events: answer)
    large = [{"customUserId": "1" * 1_000}] * 12

    outcomes = sent(vendor, large)

    assert {(found, tried, known) for found, _, tried, known in outcomes[:10]} == {(kind, True, unknown)}
    assert {(found, tried, known) for found, _, tried, known in outcomes[10:]} == {(Transient, False, False)}
    assert len(vendor.calls) == 1


def test_a_success_that_reports_an_error_is_a_refusal_of_the_batch(sent: Any) -> None:
    vendor = Vendor(lambda events: Reply(status=200, body=b'{"error": "x"}') if len(events) > 1 else None)

    assert sent(vendor, users(2)) == [None, None]
    assert [count for _, count in vendor.calls] == [2, 1, 1]


def test_what_a_refused_batch_leaves_no_time_for_waits_without_a_try(
    sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("mytracker.upstream.monotonic", lambda: now[0])

    def slow(events: list[Any]) -> Reply | None:
        now[0] += 1
        return Reply(status=400) if len(events) > 1 else None

    outcomes = sent(Vendor(slow), users(6), seconds=5)

    # A call a second: the fifth, a single event, begins with the last fifth of the time.
    assert outcomes == [None] * 4 + [(Transient, "no time", False, False)] * 2


def test_two_payments_of_one_transaction_are_two_calls(sent: Any) -> None:
    vendor = Vendor()
    paid = {"customUserId": "1", "idTransaction": "t", "currency": "USD", "total": 1}

    assert sent(vendor, [paid, paid | {"total": 2}], method="customRevenue") == [None, None]
    assert vendor.calls == [("/v1/customRevenue/", 1)] * 2


def test_each_event_tells_the_requests_that_it_was_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mytracker.secret, "credential", lambda account: CREDENTIAL)
    refusing: Any = Vendor(
        lambda events: Reply(status=400, body=b"{}") if {"customUserId": "1"} in events else None
    )
    assert isinstance(mytracker.upstream, MyTrackerUpstream)
    upstream = replace(mytracker.upstream, url="http://vendor", client=refusing)
    tasks = [replace(task(body, "login"), event_id=f"e{number}") for number, body in enumerate(users(3))]
    for one in tasks:
        history.begin(one.event_id)

    upstream.send_many(tasks, seconds=5)

    told = [history.told(one.event_id)["tries"] for one in tasks]
    assert [[made["outcome"] for made in tries] for tries in told] == [
        ["refused", "delivered"],
        ["refused", "refused"],
        ["refused", "delivered"],
    ]
