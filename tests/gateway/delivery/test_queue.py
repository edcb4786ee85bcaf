"""Messages on their way into a queue, several in a call: what SQS took, and what it did not."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.delivery.queue import MAX_BYTES, UNSENT, Queue
from gateway.outbound import aws
from tests.gateway.delivery.cloud import Aws

TEXTS = [f"<{number}>" for number in range(23)]


def test_messages_go_by_ten(cloud: Aws) -> None:
    assert Queue("queue").send_many(TEXTS, seconds=1) == [None] * 23
    assert (cloud.batches, cloud.queues["queue"]) == ([10, 10, 3], TEXTS)


def test_nothing_is_no_call(cloud: Aws) -> None:
    assert Queue("queue").send_many([], seconds=1) == []
    assert cloud.batches == []


@pytest.mark.parametrize(("sizes", "batches"), [([400_000] * 3, [2, 1]), ([MAX_BYTES, 1], [1, 1])])
def test_a_calls_messages_fit_into_it(cloud: Aws, sizes: list[int], batches: list[int]) -> None:
    assert Queue("queue").send_many(["x" * size for size in sizes], seconds=1) == [None] * len(sizes)
    assert cloud.batches == batches


def test_what_fails_within_a_200_is_sent_once_more(cloud: Aws) -> None:
    cloud.refused = ["<3>", "<12>"]

    assert Queue("queue").send_many(TEXTS, seconds=1) == [None] * 23
    assert cloud.batches == [10, 1, 10, 1, 3]
    assert sorted(cloud.queues["queue"]) == sorted(TEXTS)


def test_what_fails_twice_is_told_with_its_code_and_costs_no_other(cloud: Aws) -> None:
    cloud.refused = ["<3>", "<3>"]

    codes = Queue("queue").send_many(TEXTS, seconds=1)

    assert [index for index, code in enumerate(codes) if code] == [3]
    assert codes[3] == "InternalError"
    assert len(cloud.queues["queue"]) == 22


@pytest.mark.parametrize("answer", [{}, {"Successful": None}, {"Successful": [1], "Failed": [{}]}])
def test_an_entry_that_the_answer_leaves_out_is_not_taken_for_queued(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(aws, "post", lambda *_, **__: answer)

    assert Queue("queue").send_many(["a"], seconds=1) == ["unanswered"]


class Calls:
    """SQS, of whose calls only these end well."""

    def __init__(self, *good: int) -> None:
        self.good = good
        self.made = 0

    def __call__(self, _: str, __: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        self.made += 1
        if self.made not in self.good:
            raise aws.AwsError("ServiceUnavailable", passing=True)
        return {"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]]}


def test_one_failed_call_costs_its_own_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(1, 3)
    monkeypatch.setattr(aws, "post", calls)

    codes = Queue("queue").send_many(TEXTS, seconds=1)

    assert codes == [None] * 10 + ["ServiceUnavailable"] * 10 + [None] * 3


def test_a_queue_that_is_down_is_not_asked_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(aws, "post", calls)

    codes = Queue("queue").send_many(TEXTS * 10, seconds=1)

    assert calls.made == 2
    assert codes == ["ServiceUnavailable"] * 20 + [UNSENT] * 210


def test_without_time_nothing_is_sent(cloud: Aws) -> None:
    assert Queue("queue").send_many(TEXTS, seconds=0) == [UNSENT] * 23
    assert cloud.batches == []
