"""The records in DynamoDB (moto): conditional writes, two attempts at once, a write whose answer was lost."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gateway.core.answer import Answer
from gateway.core.identity import RequestIdentity, key_of
from gateway.delivery import idempotency
from gateway.delivery.idempotency import Claim, Claimed, InFlight, Record, Reused, Settled, Unavailable
from gateway.delivery.idempotency_store import MAX_ANSWER, Conflict, IdempotencyStore
from gateway.outbound import aws

ANSWER = Answer(status=202, body=b"\xff", content_type=None, headers={"A": "b"}, delivery="queued")

NAME = RequestIdentity("k", "f")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdempotencyStore]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="records",
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield IdempotencyStore("records")


def wish(fingerprint: str = "f", *, worker: bool = False) -> Claim:
    return Claim(key="k", fingerprint=fingerprint, seconds=10, worker=worker)


def claimed(table: IdempotencyStore, now: float = 1000.0, *, worker: bool = False) -> Record:
    verdict = table.claim(wish(worker=worker), now)
    assert isinstance(verdict, Claimed)
    return verdict.record


def test_the_second_of_two_attempts_waits(table: IdempotencyStore) -> None:
    claimed(table)

    assert table.claim(wish(), 1004.0) == InFlight(6.0, 6.0, NAME)
    assert table.claim(wish("other"), 1004.0) == Reused()


def test_the_second_attempt_hears_when_the_send_is_over_and_not_the_lease(table: IdempotencyStore) -> None:
    table.claim(Claim(key="k", fingerprint="f", seconds=10, budget=2), 1000.0)

    assert table.claim(wish(), 1000.5) == InFlight(9.5, 1.5, NAME)
    assert table.claim(wish(), 1004.0) == InFlight(6.0, 0.0, NAME)


def test_a_record_that_does_not_say_when_its_send_is_over(
    table: IdempotencyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.1.0 wrote no `send_ends`: the lease stands in for it."""
    real = aws.post

    def older(service: str, action: str, body: Any, *, seconds: float) -> Any:
        if action == "PutItem":
            item = {name: value for name, value in body["Item"].items() if name != "send_ends"}
            body = {**body, "Item": item}
        return real(service, action, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", older)
    claimed(table)

    assert table.claim(wish(), 1004.0) == InFlight(6.0, 6.0, NAME)


@pytest.mark.parametrize("former", [RequestIdentity("k", "old"), RequestIdentity("k-old", "old")])
def test_a_record_is_known_by_its_former_name_and_fingerprint(
    table: IdempotencyStore, former: RequestIdentity
) -> None:
    old = table.claim(Claim(key=former.key, fingerprint=former.fingerprint, seconds=10), 1000.0)
    assert isinstance(old, Claimed)
    now = Claim(key="k", fingerprint="f", seconds=10, former=former)

    assert isinstance(table.claim(now, 1001.0), InFlight)
    table.write(idempotency.queued(old.record, ANSWER, 1001.0), replacing=old.record)
    assert table.claim(now, 1002.0) == Settled(ANSWER)

    other = Claim(key="k", fingerprint="f", seconds=10, former=RequestIdentity(former.key, "another"))
    assert table.claim(other, 1002.0) == Reused()


def test_a_record_of_now_is_known_where_a_former_one_would_be_named_otherwise(
    table: IdempotencyStore,
) -> None:
    now = Claim(key="k", fingerprint="f", seconds=10, former=RequestIdentity("k", "old"))
    first = table.claim(now, 1000.0)
    assert isinstance(first, Claimed)
    assert (first.record.key, first.record.fingerprint) == ("k", "f")
    table.write(idempotency.done(first.record, ANSWER, 1001.0, copies=False), replacing=first.record)

    assert table.claim(now, 1002.0) == Settled(ANSWER)


def test_a_lease_that_is_over_is_taken_and_its_send_may_have_arrived(table: IdempotencyStore) -> None:
    claimed(table)

    assert claimed(table, 1010.1).may_have_arrived


def test_done_is_answered_as_first_told(table: IdempotencyStore) -> None:
    record = claimed(table)
    table.write(idempotency.done(record, ANSWER, 1001.0, copies=False), replacing=record)

    assert table.claim(wish(), 1002.0) == Settled(ANSWER)
    assert table.claim(wish(worker=True), 1002.0) == Settled(ANSWER)
    assert isinstance(table.claim(wish(), 1001.0 + idempotency.KEEP_SECONDS + 1), Claimed)


def test_queued_is_the_workers_and_its_first_answer_stays(table: IdempotencyStore) -> None:
    record = claimed(table)
    table.write(idempotency.queued(record, ANSWER, 1001.0, may_have_arrived=True), replacing=record)
    assert table.claim(wish(), 1002.0) == Settled(ANSWER)

    again = claimed(table, 1003.0, worker=True)
    assert again.may_have_arrived
    assert table.claim(wish(), 1003.5) == Settled(ANSWER), "while the worker sends it"
    assert isinstance(table.claim(wish(worker=True), 1003.5), InFlight), "to another worker it is not"
    assert table.claim(wish(), 1030.0) == Settled(ANSWER), "the worker was killed, and the queue has it"
    table.write(idempotency.done(again, None, 1004.0, copies=True), replacing=again)

    assert table.claim(wish(), 1005.0) == Settled(ANSWER)
    assert isinstance(table.claim(wish(worker=True), 1004.0 + 14 * 24 * 3600), Settled)


def test_a_released_key_is_free_and_an_unanswered_one_remembers(table: IdempotencyStore) -> None:
    record = claimed(table)
    assert idempotency.released(record, may_have_arrived=False) is None
    table.delete(record)
    record = claimed(table)
    assert not record.may_have_arrived
    left = idempotency.released(record, may_have_arrived=True)
    assert left is not None
    table.write(left, replacing=record)

    assert claimed(table, 1001.0).may_have_arrived


def test_only_the_owner_writes(table: IdempotencyStore) -> None:
    mine = claimed(table)
    theirs = claimed(table, 1010.1)

    with pytest.raises(Conflict):
        table.write(idempotency.done(mine, ANSWER, 1011.0, copies=False), replacing=mine)
    with pytest.raises(Conflict):
        table.delete(mine)

    table.write(idempotency.done(theirs, ANSWER, 1011.0, copies=False), replacing=theirs)


@pytest.mark.parametrize("action", ["PutItem", "GetItem"])
def test_a_table_that_is_down_is_unavailable(
    table: IdempotencyStore, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    claimed(table)
    real = aws.post

    def down(service: str, called: str, body: Any, *, seconds: float) -> Any:
        if called == action:
            raise aws.AwsError("InternalServerError", passing=True)
        return real(service, called, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", down)

    assert table.claim(wish(), 1001.0) == Unavailable()


def test_a_write_that_meets_itself_has_succeeded(
    table: IdempotencyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a write was lost, and `aws.post` tried again."""
    real = aws.post

    def twice(service: str, action: str, body: Any, *, seconds: float) -> Any:
        if action == "PutItem":
            real(service, action, body, seconds=seconds)
        return real(service, action, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", twice)

    record = claimed(table)
    table.write(idempotency.done(record, ANSWER, 1001.0, copies=False), replacing=record)
    assert table.claim(wish(), 1002.0) == Settled(ANSWER)


def test_a_body_too_large_to_keep_is_not_kept(table: IdempotencyStore) -> None:
    record = claimed(table)
    large = Answer(status=200, body=b"x" * (MAX_ANSWER + 1), delivery="delivered")
    table.write(idempotency.done(record, large, 1001.0, copies=False), replacing=record)

    assert table.claim(wish(), 1002.0) == Settled(replace(large, body=b""))


def test_keys_tell_their_parts_apart() -> None:
    names = {
        key_of("a", "bc"),
        key_of("ab", "c"),
        key_of("a", "b", "c"),
        key_of(["a", "bc"]),
        key_of("a", "\ud800"),
    }

    assert len(names) == 5
    assert all(len(name) == 64 for name in names)
    assert wish().owner != wish().owner
