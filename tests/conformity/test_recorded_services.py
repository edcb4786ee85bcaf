"""What AWS services were seen to answer: errors keep code and meaning, unusual answers break nothing."""

import base64
import time

import pytest

from gateway.core.errors import Setup, Transient
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.queue import Queue
from gateway.outbound import aws
from gateway.outbound.http_client import HttpClient
from gateway.outbound.secrets import SystemSecret
from tests.conformity.conftest import Refusal
from tests.conformity.facts import Fact, fact, facts
from track.stores.firehose import FirehoseStore


@pytest.mark.parametrize("seen", facts("services", "errors"), ids=str)
def test_an_error_keeps_its_code_and_its_meaning(refusal: Refusal, seen: Fact) -> None:
    found = refusal(seen["status"], seen["body"].encode(), seen.get("headers", {}))

    assert (found.code, found.passing, found.may_have_arrived) == (seen["code"], seen["passing"], False)


def answered(monkeypatch: pytest.MonkeyPatch, seen: Fact) -> None:
    reply = Reply(status=200, headers={}, body=seen["body"].encode())
    monkeypatch.setattr(HttpClient, "send", lambda *_, **__: reply)


def test_a_secret_of_bytes_is_an_unreadable_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, fact("services", "answers.binary_secret"))

    with pytest.raises(Setup, match="secret unreadable"):
        SystemSecret("s").credential()


def test_a_message_whose_wait_is_over_may_be_postponed(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, fact("services", "answers.late_visibility"))

    Queue("https://sqs.eu-central-1.amazonaws.com/1/q").later("receipt", 2)


def test_only_the_records_that_firehose_names_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.track.conftest import task_of

    seen = fact("services", "answers.stream_slow_down")
    answered(monkeypatch, seen)

    rows = [
        task_of("UserEvent", "01HF7YAT00AAAAAAAAAAAAAAA1"),
        task_of("UserEvent", "01HF7YAT00AAAAAAAAAAAAAAA2"),
    ]
    outcomes = FirehoseStore("firehose://track").send_many(rows, seconds=1)

    assert [isinstance(outcome, Transient) for outcome in outcomes] == [True, False]
    assert outcomes[1] is None


def test_the_largest_call_and_its_letter_fit_into_a_message() -> None:
    limit = fact("services", "errors.message_too_large")["limit"]
    request = HttpRequest(
        method="POST",
        path="/p" * 5000,
        query="q=" + "%22" * 3000,
        headers={"Content-Type": "application/json", "User-Agent": '"' * 8000},
        body=b'"' * (512 * 1024),
    )
    task = DeliveryTask(
        system="onesignal",
        endpoint="new_session",
        event_id="01HF7YAT00AAAAAAAAAAAAAAAA",
        received_at=time.time(),
        payload=request,
        scope=("é" * 255,) * 4,
    )
    reply = Reply(status=400, headers={}, body=base64.b64encode(b"x" * 1024 * 1024))

    letter = DeadLetter.of(task.dumps(), "refused", reply, died_at=time.time(), receives=1)

    assert len(task.dumps().encode()) < limit
    assert len(letter.dumps().encode()) < limit


def test_errors_of_every_service_are_among_the_recorded() -> None:
    codes = {seen["code"] for seen in facts("services", "errors")}

    assert {"ConditionalCheckFailedException", "RequestThrottled", "ThrottlingException"} <= codes
    assert set(aws.TARGETS) == {"dynamodb", "firehose", "secretsmanager", "sqs"}
