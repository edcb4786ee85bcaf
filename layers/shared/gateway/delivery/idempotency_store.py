"""Idempotency records in DynamoDB: read consistently, written conditionally."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.core.answer import Answer
from gateway.delivery import idempotency
from gateway.delivery.idempotency import Claim, Claimed, InFlight, Record, RecordState, Unavailable, Verdict
from gateway.outbound import aws

TABLE_SECONDS = 1.0
MAX_ANSWER = 256 * 1024
"""A larger body is not stored (an item holds 400 KB): its replay has an empty body."""


class Conflict(Exception):
    """The item has changed since it was read: another attempt wrote it."""


class IdempotencyStore:
    """The DynamoDB table `name`: partition key `key`, TTL attribute `expires`. Methods raise aws.AwsError."""

    def __init__(self, name: str) -> None:
        """Nothing is read yet."""
        self._name = name

    def claim(self, wish: Claim, now: float) -> Verdict:
        """Claim a key; most keys are new, so that one conditional write does.

        A key whose former name is another costs a read before that.
        """
        try:
            found = self._former(wish)
            for _ in range(3):
                wish = idempotency.recognised(wish, found, now)
                verdict = idempotency.claim(found, wish, now)
                if not isinstance(verdict, Claimed):
                    return verdict
                try:
                    self.write(verdict.record, replacing=found)
                    return verdict
                except Conflict:
                    found = self._read(wish.key)
        except aws.AwsError:
            return Unavailable()
        return InFlight(1.0, 1.0)  # others keep coming first

    def _former(self, wish: Claim) -> Record | None:
        if wish.former is None or wish.former.key == wish.key:
            return None
        return self._read(wish.former.key)

    def write(self, record: Record, *, replacing: Record | None) -> None:
        """Put a record in the place of the one that was read. Raises Conflict."""
        self._conditional("PutItem", {"Item": _item(record)}, replacing)

    def delete(self, replacing: Record) -> None:
        """Remove a record that is still the one that was read. Raises Conflict."""
        self._conditional("DeleteItem", {"Key": {"key": {"S": replacing.key}}}, replacing)

    def _conditional(self, action: str, body: Mapping[str, Any], replacing: Record | None) -> None:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(#key)"}
        condition["ExpressionAttributeNames"] = {"#key": "key"}
        if replacing is not None:
            condition = {
                "ConditionExpression": "#owner = :owner AND #state = :state",
                "ExpressionAttributeNames": {"#owner": "owner", "#state": "state"},
                "ExpressionAttributeValues": {
                    ":owner": {"S": replacing.owner},
                    ":state": {"S": replacing.state.value},
                },
            }
        try:
            aws.post(
                "dynamodb", action, {"TableName": self._name, **body, **condition}, seconds=TABLE_SECONDS
            )
        except aws.AwsError as error:
            if error.code != aws.CONDITION_FAILED:
                raise
            # A write whose answer was lost is tried again by `aws.post`, and then meets itself.
            if action == "DeleteItem" or self._read(body["Item"]["key"]["S"]) != _record(body["Item"]):
                raise Conflict from None

    def _read(self, key: str) -> Record | None:
        body = {"TableName": self._name, "Key": {"key": {"S": key}}, "ConsistentRead": True}
        item = aws.post("dynamodb", "GetItem", body, seconds=TABLE_SECONDS).get("Item")
        try:
            return _record(item) if item else None
        except (KeyError, TypeError, ValueError) as error:
            raise aws.AwsError("MalformedRecord", passing=False) from error


def _item(record: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        "key": {"S": record.key},
        "state": {"S": record.state.value},
        "owner": {"S": record.owner},
        "fingerprint": {"S": record.fingerprint},
        "lease": {"N": f"{record.lease:.3f}"},
        "send_ends": {"N": f"{record.send_ends:.3f}"},
        "unanswered": {"BOOL": record.may_have_arrived},
        "expires": {"N": f"{record.expires:.0f}"},
    }
    if record.unknown_tries:
        item["unknown_tries"] = {"N": str(record.unknown_tries)}
    if (answer := record.answer) is not None:
        kept = answer if len(answer.body) <= MAX_ANSWER else replace(answer, body=b"")
        item["answer"] = {"S": json.dumps(kept.data())}
    return item


def _record(item: Mapping[str, Any]) -> Record:
    answer = item.get("answer")
    return Record(
        key=item["key"]["S"],
        state=RecordState(item["state"]["S"]),
        owner=item["owner"]["S"],
        fingerprint=item["fingerprint"]["S"],
        lease=float(item["lease"]["N"]),
        send_ends=float(item.get("send_ends", {"N": 0})["N"]),
        may_have_arrived=item["unanswered"]["BOOL"],
        unknown_tries=int(item["unknown_tries"]["N"]) if "unknown_tries" in item else 0,
        answer=Answer.of(json.loads(answer["S"])) if answer else None,
        expires=float(item["expires"]["N"]),
    )
