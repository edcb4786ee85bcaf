"""What goes to Data Firehose, and what each of its answers means for each row."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from gateway.outbound.aws import AwsError
from track.store import open_store
from track.stores.firehose import MAX_BYTES, line
from track.stores.record import record_of

from .conftest import task_of


class Firehose:
    """Stands for `gateway.outbound.aws.post`; a subclass answers otherwise."""

    def __init__(self, most: float = 1.8) -> None:
        """`most`: how many seconds a call may be given."""
        self.bodies: list[Mapping[str, Any]] = []
        self._most = most

    def __call__(
        self, service: str, action: str, body: Mapping[str, Any], *, seconds: float
    ) -> dict[str, Any]:
        assert (service, action) == ("firehose", "PutRecordBatch")
        assert 0 < seconds <= self._most
        self.bodies.append(body)
        return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "r"} for _ in body["Records"]]}


def lines(body: Mapping[str, Any]) -> list[Any]:
    return [json.loads(base64.b64decode(record["Data"])) for record in body["Records"]]


def test_a_row_is_one_line_with_its_kind_time_and_id() -> None:
    call = task_of("PurchaseEvent", "01HF7YAT00AAAAAAAAAAAAAAAA", Product="ça 🎩\n")

    assert line(record_of(call)).decode() == (
        '{"Kind":"PurchaseEvent","GatewayEventID":"01HF7YAT00AAAAAAAAAAAAAAAA",'
        '"Created":"2023-11-14 22:13:20.123","ProfileID":7,"Region":"BR",'
        '"Currency":"BRL","GrossAmount":"1.9900","NetAmount":"1.5000",'
        '"PaymentProvider":"card","Product":"ça 🎩\\n","Language":""}\n'
    )


def test_a_sent_row_is_delivered() -> None:
    firehose = Firehose()

    reply = open_store("firehose://track", post=firehose).send(task_of("UserEvent", "E"))

    assert reply.status == 201
    assert firehose.bodies[0]["DeliveryStreamName"] == "track"
    assert [found["GatewayEventID"] for found in lines(firehose.bodies[0])] == ["E"]


def test_a_batch_holds_500_records_and_4_mib() -> None:
    firehose = Firehose(most=60)
    store = open_store("firehose://track", post=firehose)

    assert store.send_many([task_of("UserEvent") for _ in range(1001)], seconds=60) == [None] * 1001
    assert [len(body["Records"]) for body in firehose.bodies] == [500, 500, 1]

    firehose.bodies.clear()
    # A row of ours is far below 4 MiB ÷ 500, so only an event id out of all bounds shows the second limit.
    large = [task_of("UserEvent", "x" * 1_000_000) for _ in range(7)]
    assert store.send_many(large, seconds=60) == [None] * 7
    assert [len(body["Records"]) for body in firehose.bodies] == [3, 3, 1]
    assert all(sum(len(r["Data"]) for r in body["Records"]) <= MAX_BYTES for body in firehose.bodies)


def test_each_failed_record_fails_alone() -> None:
    class Some(Firehose):
        def __call__(
            self, service: str, action: str, body: Mapping[str, Any], *, seconds: float
        ) -> dict[str, Any]:
            failed = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"}
            return {"FailedPutCount": 1, "RequestResponses": [{"RecordId": "r"}, failed, {"RecordId": "r"}]}

    calls = [task_of("UserEvent"), task_of("UserEvent", Region=5), task_of("ItemEvent"), task_of("UserEvent")]
    outcomes = open_store("firehose://track", post=Some()).send_many(calls)

    assert (outcomes[0], outcomes[3]) == (None, None)
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[2], Transient)
    assert (outcomes[2].reason, outcomes[2].may_have_arrived) == ("ServiceUnavailableException", False)


@pytest.mark.parametrize(
    ("error", "expected", "unanswered"),
    [
        (AwsError("ResourceNotFoundException", passing=False), Setup, False),
        (AwsError("AccessDeniedException", passing=False), Setup, False),
        (AwsError("ServiceUnavailableException", passing=True), Transient, False),
        (AwsError("timeout", passing=True, may_have_arrived=True), Transient, True),
    ],
)
def test_an_error_of_aws_keeps_its_meaning(
    error: AwsError, expected: type[UpstreamError], unanswered: bool
) -> None:
    def post(service: str, action: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        raise error

    with pytest.raises(expected) as caught:
        open_store("firehose://track", post=post).send(task_of("UserEvent"))

    assert caught.value.reason == error.code
    assert caught.value.may_have_arrived is unanswered


@pytest.mark.parametrize("answer", [{}, {"RequestResponses": []}, {"RequestResponses": "x"}])
def test_an_answer_that_says_nothing_leaves_it_open(answer: dict[str, Any]) -> None:
    def post(service: str, action: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        return answer

    with pytest.raises(Transient) as caught:
        open_store("firehose://track", post=post).send(task_of("UserEvent"))

    assert caught.value.may_have_arrived


def test_after_the_deadline_nothing_is_sent() -> None:
    firehose = Firehose()

    outcomes = open_store("firehose://track", post=firehose).send_many([task_of("UserEvent")], seconds=0)

    assert isinstance(outcomes[0], Transient)
    assert not outcomes[0].may_have_arrived
    assert firehose.bodies == []


@pytest.mark.parametrize("url", ["firehose://", "firehose://a/b", "redis://x", "", "mysql+pymysql://h:x/y"])
def test_an_unreadable_url_is_a_setup_failure(url: str) -> None:
    with pytest.raises(Setup):
        open_store(url)
