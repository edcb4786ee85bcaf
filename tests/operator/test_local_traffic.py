"""A local run's traffic, from the metrics and the events in its log."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.core.task import batch_id, item_id, new_event_id
from tools.errors import CommandError
from tools.operator.status.local_traffic import local_traffic
from tools.operator.status.traffic import Traffic


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE", str(tmp_path))
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs" / "functions.log"


def metrics(age: float, **values: list[float]) -> dict[str, Any]:
    return {"_aws": {"Timestamp": round((time.time() - age) * 1000)}, "system": "acme", **values}


def event(age: float, message: str, **fields: Any) -> dict[str, Any]:
    """A line of an event, both so old."""
    moment = datetime.fromtimestamp(time.time() - age, UTC).isoformat(timespec="milliseconds")
    said = {"message": message, "timestamp": moment, "system": "acme", "endpoint": "e"}
    return {**said, "event_id": new_event_id(time.time() - age), **fields}


def written(log: Path, *lines: dict[str, Any]) -> None:
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_metrics_of_the_time_are_counted_and_measured(log: Path) -> None:
    written(
        log,
        metrics(7200, Accepted=[100.0], UpstreamLatency=[9000.0]),
        metrics(60, Accepted=[1.0], Delivered=[1.0], UpstreamLatency=[10.0]),
        {**event(59, "call", status=200, delivery="delivered"), **metrics(59, Accepted=[1.0], Unknown=[1.0])},
        metrics(58, Redelivered=[5.0], SetupFailure=[2.0], UpstreamLatency=[20.0, 30.0]),
        {"message": "unknown path", "event_id": "e"},
    )

    found = local_traffic(["acme", "idle"], 3600)

    assert found["acme"] == Traffic(
        accepted=2, delivered=6, failed=1, setup_failures=2, p50=20.0, p95=29.0, breaker_open=False
    )
    assert found["idle"] == Traffic(breaker_open=False)


def test_the_oldest_event_is_one_that_still_waits(log: Path) -> None:
    gone = event(500, "call", status=202, delivery="queued")
    waits = event(300, "call", status=202, delivery="queued")
    tried = event(10, "redelivery", fate="later", reason="breaker open") | {"event_id": waits["event_id"]}
    done = event(20, "redelivery", fate="done") | {"event_id": gone["event_id"]}
    written(log, gone, waits, done, tried)

    found = local_traffic(["acme"], 3600)["acme"]

    assert found.oldest == pytest.approx(300, abs=30)
    assert found.breaker_open


def test_only_an_event_that_a_worker_has_yet_to_end_waits(log: Path) -> None:
    call = event(300, "call", status=202, delivery="queued")
    odd = event(200, "call", status=202, delivery="queued") | {"event_id": "17"}
    written(log, event(299, "redelivery", fate="done") | {"event_id": call["event_id"]}, call, odd)

    assert local_traffic(["acme"], 3600)["acme"].oldest is None


def test_an_item_of_a_batch_waits_until_a_worker_ends_it(log: Path) -> None:
    batch = event(100, "batch", status=207, places={"queued": "0-1", "rejected: invalid": "2"})
    batch["event_id"] = batch_id(batch["event_id"])
    first, second = (
        event(90, "redelivery", fate="done") | {"event_id": item_id(batch["event_id"], index)}
        for index in range(2)
    )

    written(log, first, batch)
    assert local_traffic(["acme"], 3600)["acme"].oldest == pytest.approx(100, abs=30)
    written(log, first, batch, second)
    assert local_traffic(["acme"], 3600)["acme"].oldest is None


@pytest.mark.parametrize(
    ("age", "message", "fields"),
    [
        (61, "redelivery", {"fate": "later", "reason": "breaker open"}),
        (5, "redelivery", {"fate": "done"}),
        (5, "call", {"status": 200, "delivery": "delivered"}),
    ],
)
def test_a_breaker_is_open_for_as_long_as_it_says_so(
    log: Path, age: float, message: str, fields: dict[str, Any]
) -> None:
    opened = event(max(age, 30), "call", status=202, reason="breaker open")
    written(log, opened, event(age, message, **fields))

    assert local_traffic(["acme"], 3600)["acme"].breaker_open is False


def test_without_a_log_it_is_said_what_to_do(log: Path) -> None:
    with pytest.raises(CommandError, match="run `make local`"):
        local_traffic(["acme"], 3600)
