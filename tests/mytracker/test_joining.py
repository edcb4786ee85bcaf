"""Which waiting events leave together: one app and method, 20 events, 10,240 bytes, a transaction once."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask
from mytracker.joining import MAX_BODY, MAX_EVENTS, batches, destination, joined

QUEUED = Path(__file__).parents[1] / "upgrade/made_by_0_1_0/queued_messages.ndjson"


def single(body: Any = None, *, method: str = "login", app: str = "666", **changed: Any) -> HttpRequest:
    """A queued single event; `body` is bytes, or a value to be written as JSON."""
    event = {"customUserId": "1"} if body is None else body
    parts: dict[str, Any] = {
        "method": "POST",
        "path": f"/v1/{method}/",
        "query": f"idApp={app}",
        "headers": {"Content-Type": "application/json"},
        "body": event if isinstance(event, bytes) else json.dumps(event).encode(),
        "account": app,
    }
    return HttpRequest(**parts | changed)


@pytest.mark.parametrize("method", ["registration", "login", "customEvent", "customRevenue"])
def test_the_destination_is_app_and_method(method: str) -> None:
    assert destination(single(method=method, app="667")) == ("667", method)


@pytest.mark.parametrize(
    "request_",
    [
        single(method="loginBatch"),
        single(method="order"),
        single(path="/v1/login"),
        single(query="idApp=666&test=1"),
        single(query="idApp=667"),
        single(query="", account=""),
        single(headers={}),
        single(headers={"Content-Type": "application/json", "X-Else": "1"}),
    ],
)
def test_any_other_call_leaves_alone(request_: HttpRequest) -> None:
    assert destination(request_) is None


def test_events_that_0_1_0_queued_are_joined() -> None:
    tasks = [
        DeliveryTask.loads(line, HttpRequest.of) for line in QUEUED.read_text().splitlines() if "/v1/" in line
    ]
    found = {task.endpoint: destination(task.payload) for task in tasks if task.system == "mytracker"}  # type: ignore[arg-type]

    assert found == {
        "registration": ("6660001", "registration"),
        "login": ("6660001", "login"),
        "custom_event": ("6660001", "customEvent"),
        "custom_revenue": ("6660001", "customRevenue"),
        "registration_batch": None,
        "login_batch": None,
        "custom_event_batch": None,
        "custom_revenue_batch": None,
    }


def test_a_batch_has_the_events_as_they_were_sent() -> None:
    bodies = [
        b'{"customUserId": "1", "total":1.10}',
        b'\xef\xbb\xbf {"customUserId":"\\u041e"}\n',
        b'{"a":1e2}',
    ]

    batch = joined([single(body, method="customRevenue") for body in bodies])

    assert batch == single(
        b'[{"customUserId": "1", "total":1.10},{"customUserId":"\\u041e"},{"a":1e2}]',
        method="customRevenueBatch",
    )


def test_twenty_events_are_a_batch() -> None:
    assert [len(part) for part in batches([single()] * 50)] == [20, 20, 10]


@pytest.mark.parametrize(("more", "parts"), [(0, 1), (1, 2)])
def test_a_batch_has_10_240_bytes_at_most(more: int, parts: int) -> None:
    sizes = (5_000, MAX_BODY - 5_000 - len("[,]") + more)
    requests = [single(b'{"a":"%s"}' % (b"x" * (size - len('{"a":""}')))) for size in sizes]

    assert len(batches(requests)) == parts


def test_a_body_that_is_no_object_leaves_alone() -> None:
    bodies = [b"{}", b"[]", b"{}", b"{},{}", b"", b"{}", b"{}"]

    assert batches([single(body) for body in bodies]) == [[0], [1], [2], [3], [4], [5, 6]]


def test_a_transaction_is_named_once_per_batch() -> None:
    paid = [{"idTransaction": name} for name in ("a", "b", "a", "c", "b", 7, "7")]

    assert batches([single(event, method="customRevenue") for event in paid]) == [[0, 1], [2, 3, 4, 5], [6]]


EVENTS = st.lists(
    st.fixed_dictionaries(
        {"customUserId": st.integers(1, 1_500).map("x".__mul__)},
        optional={"idTransaction": st.sampled_from("abcdefgh")},
    ),
    max_size=60,
)


@settings(max_examples=40)
@given(EVENTS)
def test_every_event_leaves_once_in_order_within_the_limits(events: list[dict[str, str]]) -> None:
    requests = [single(event) for event in events]

    parts = batches(requests)

    assert [index for part in parts for index in part] == list(range(len(events)))
    for part in parts:
        named = [events[index]["idTransaction"] for index in part if "idTransaction" in events[index]]
        assert 1 <= len(part) <= MAX_EVENTS
        assert len(set(named)) == len(named)
        if len(part) > 1:
            content = joined([requests[index] for index in part]).content
            assert len(content) <= MAX_BODY
            assert json.loads(content) == [events[index] for index in part]
