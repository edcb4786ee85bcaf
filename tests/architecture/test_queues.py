"""The queues' numbers: no message is worked on twice at once, and none is lost for being tried often."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.architecture.house import TEMPLATE, WORKERS, Function

DAYS = 24 * 3600
MAX_RECEIVES = 1000
"""Against poison alone: a Call is given up by its age, and a day holds about 200 receives."""

each_worker = pytest.mark.parametrize("worker", WORKERS, ids=str)


def _sources(worker: Function) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each event source of a worker, and the properties of its queue."""
    for event in worker.properties["Events"].values():
        assert event["Type"] == "SQS", f"{worker}: {event['Type']}"
        queue = event["Properties"]["Queue"]["Fn::GetAtt"]
        name = queue.split(".")[0] if isinstance(queue, str) else queue[0]
        yield event["Properties"], TEMPLATE.data["Resources"][name]["Properties"]


@each_worker
def test_a_message_stays_hidden_while_its_worker_may_still_run(worker: Function) -> None:
    timeout = worker.properties.get("Timeout", TEMPLATE.data["Globals"]["Function"]["Timeout"])

    for source, queue in _sources(worker):
        least = 6 * timeout + source.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= least, f"{worker}: VisibilityTimeout of its queue below {least}"


@each_worker
def test_a_bad_message_does_not_bring_back_the_good_ones(worker: Function) -> None:
    for source, _ in _sources(worker):
        assert source.get("FunctionResponseTypes") == ["ReportBatchItemFailures"], str(worker)


@each_worker
def test_a_worker_is_limited_where_it_is_fed(worker: Function) -> None:
    assert "ReservedConcurrentExecutions" not in worker.properties, (
        f"{worker}: throttled messages count as received; say ScalingConfig.MaximumConcurrency"
    )
    for source, _ in _sources(worker):
        assert source["ScalingConfig"]["MaximumConcurrency"] >= 2, str(worker)


@each_worker
def test_what_cannot_be_delivered_waits_a_fortnight_for_an_operator(worker: Function) -> None:
    for _, queue in _sources(worker):
        redrive = queue["RedrivePolicy"]
        target = redrive["deadLetterTargetArn"]["Fn::GetAtt"]
        dead = TEMPLATE.data["Resources"][target.split(".")[0] if isinstance(target, str) else target[0]]

        assert redrive["maxReceiveCount"] == MAX_RECEIVES
        assert queue["MessageRetentionPeriod"] == 14 * DAYS
        assert dead["Properties"]["MessageRetentionPeriod"] == 14 * DAYS
