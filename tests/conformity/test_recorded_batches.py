"""What Lambda's SQS event source was seen to do: the worker reads its records and names those that stay."""

from typing import Any
from unittest.mock import NonCallableMagicMock, create_autospec

import pytest

from gateway.core.message import HttpRequest
from gateway.core.settings import Settings
from gateway.delivery.erasure import Tombstones
from gateway.delivery.executor import Executor
from gateway.delivery.redelivery import Redelivery
from tests.architecture.house import TEMPLATE, WORKERS
from tests.conformity.facts import fact

SEEN = fact("event_source", "batches.record")


@pytest.fixture
def delivery() -> NonCallableMagicMock:
    """An executor towards which nothing is sent, as the recorded message is no task."""
    found: NonCallableMagicMock = create_autospec(Executor, instance=True)
    found.system, found.settings = "onesignal", Settings()
    return found


def asked(delivery: NonCallableMagicMock) -> Any:
    tombstones = Tombstones("onesignal", "", frozenset())
    return Redelivery(delivery, tombstones=tombstones, payload=HttpRequest.of, unknown_tries=lambda task: 1)(
        {"Records": [SEEN["record"]]}
    )


def test_a_record_is_read(delivery: NonCallableMagicMock) -> None:
    delivery.dead_letter.return_value = True

    answer = asked(delivery)

    (text, _, _, receives), _ = delivery.dead_letter.call_args
    assert (text, receives) == (SEEN["record"]["body"], SEEN["receives"])
    assert answer == {"batchItemFailures": []}


def test_a_message_that_stays_is_named_as_lambda_wants_it(delivery: NonCallableMagicMock) -> None:
    delivery.dead_letter.return_value = False

    answer = asked(delivery)

    assert answer == {"batchItemFailures": [{"itemIdentifier": SEEN["record"]["messageId"]}]}
    assert answer.keys() == fact("event_source", "batches.invalid_answer")["answer"].keys()
    assert answer != fact("event_source", "batches.empty_answer")["answer"], "which would remove it"
    (receipt, _), _ = delivery.postpone.call_args
    assert receipt == SEEN["record"]["receiptHandle"]


MAPPINGS = {
    name: found["Properties"]
    for name, found in TEMPLATE.data["Resources"].items()
    if found["Type"] == "AWS::Lambda::EventSourceMapping"
}


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_a_mapping_reads_partial_answers_and_has_a_number_for_its_limit(mapping: str) -> None:
    properties = MAPPINGS[mapping]
    limit = TEMPLATE.parameters[properties["ScalingConfig"]["MaximumConcurrency"]["Ref"]]

    wanted = fact("event_source", "mapping.report_failures")["response_type"]
    assert properties["FunctionResponseTypes"] == [wanted]
    assert limit["Type"] == "Number"
    assert limit["MinValue"] == fact("event_source", "mapping.concurrency")["value"]


def test_every_worker_has_a_mapping() -> None:
    assert len(MAPPINGS) == len(WORKERS) > 0
