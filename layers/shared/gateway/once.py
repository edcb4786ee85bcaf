"""Once: what became of a key, one DynamoDB item each.

The transitions are pure functions of the item as it stands; `Table` writes their results, every write on the
condition that the item is still the one that was read. `tests/model` runs the same functions exhaustively.

absent ──claim──▶ sending ──done──▶ done
                   │  ▲ └─queued─▶ queued ──claim (worker)──▶ sending
                   │  └──claim, once the lease is over
                   └─released──▶ absent, or kept for its `unanswered`
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway import aws
from gateway.answer import Answer

KEEP_SECONDS = 24 * 3600
"""How long an idempotency key is remembered."""

KEEP_QUEUED_SECONDS = 15 * 24 * 3600
"""How long a message can live: a day in the queue, and fourteen among the dead letters."""

TABLE_SECONDS = 1.0
MAX_ANSWER = 256 * 1024
"""A larger answer is not kept (an item may have 400 KB): its replay is the documented success."""


def key_of(*parts: object) -> str:
    """The name of a record: SHA-256 of its parts, hex."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a key. `lease` and `expires` are Unix seconds.

    `owner` is the attempt that may write next; `unanswered` says that an earlier send got no answer, so the
    upstream may have taken it; `answer` is what the app was first told.
    """

    key: str
    state: Literal["sending", "queued", "done"]
    owner: str
    fingerprint: str
    lease: float = 0
    unanswered: bool = False
    answer: Answer | None = None
    expires: float


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An attempt's wish to send: `seconds` is how long it may take at most."""

    key: str
    fingerprint: str
    seconds: float
    worker: bool = False
    owner: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Claimed:
    """The key is the attempt's: it may send, and must write what became of it."""

    record: Record


@dataclass(frozen=True)
class InFlight:
    """Another attempt is sending; its lease is over in `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Settled:
    """The same request is done, or safely queued; `answer` is what the app was first told, if it is known."""

    answer: Answer | None


@dataclass(frozen=True)
class Reused:
    """The key belongs to another request."""


@dataclass(frozen=True)
class Unavailable:
    """The table gave no answer."""


type Verdict = Claimed | InFlight | Settled | Reused | Unavailable


def claim(record: Record | None, wish: Claim, now: float) -> Verdict:
    """May this attempt send? The worker may take a queued key; an API call may not: it is promised."""
    if record is None or record.expires <= now:
        return Claimed(_sending(wish, now, unanswered=False, answer=None))
    if record.fingerprint != wish.fingerprint:
        return Reused()
    if record.state == "done" or (record.state == "queued" and not wish.worker):
        return Settled(record.answer)
    if record.state == "sending" and record.lease > now:
        return InFlight(record.lease - now)
    # An attempt that never wrote how it ended may have reached the upstream.
    unanswered = record.unanswered or (record.state == "sending" and record.lease > 0)
    return Claimed(_sending(wish, now, unanswered=unanswered, answer=record.answer))


def done(record: Record, answer: Answer | None, now: float) -> Record:
    """The upstream has it. What the app was first told stays its answer."""
    keep = KEEP_QUEUED_SECONDS if answer is None else KEEP_SECONDS
    return replace(record, state="done", answer=record.answer or answer, lease=0, expires=now + keep)


def queued(record: Record, answer: Answer | None, now: float, *, unanswered: bool = False) -> Record:
    """The queue has it."""
    return replace(
        record,
        state="queued",
        answer=record.answer or answer,
        lease=0,
        unanswered=record.unanswered or unanswered,
        expires=now + KEEP_QUEUED_SECONDS,
    )


def released(record: Record, *, unanswered: bool) -> Record | None:
    """Nobody has it, and the next attempt may try; None where there is nothing to remember."""
    if not (unanswered or record.unanswered):
        return None
    return replace(record, state="sending", lease=0, unanswered=True)


def _sending(wish: Claim, now: float, *, unanswered: bool, answer: Answer | None) -> Record:
    return Record(
        key=wish.key,
        state="sending",
        owner=wish.owner,
        fingerprint=wish.fingerprint,
        lease=now + wish.seconds,
        unanswered=unanswered,
        answer=answer,
        expires=now + (KEEP_QUEUED_SECONDS if wish.worker else KEEP_SECONDS),
    )


class Conflict(Exception):
    """The item is not the one that was read: another attempt wrote it."""


class Table:
    """The DynamoDB table `name`: partition key `key`, TTL attribute `expires`. Methods raise aws.AwsError."""

    def __init__(self, name: str) -> None:
        """Nothing is read yet."""
        self._name = name

    def claim(self, wish: Claim, now: float) -> Verdict:
        """Claim a key; most keys are new, so that one conditional write does."""
        found: Record | None = None
        try:
            for _ in range(3):
                verdict = claim(found, wish, now)
                if not isinstance(verdict, Claimed):
                    return verdict
                try:
                    self.write(verdict.record, replacing=found)
                    return verdict
                except Conflict:
                    found = self._read(wish.key)
        except aws.AwsError:
            return Unavailable()
        return InFlight(1.0)  # others keep coming first

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
                    ":state": {"S": replacing.state},
                },
            }
        try:
            aws.post(
                "dynamodb", action, {"TableName": self._name, **body, **condition}, seconds=TABLE_SECONDS
            )
        except aws.AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            # A write whose answer was lost is tried again by `aws.post`, and then meets itself.
            if action == "DeleteItem" or self._read(replacing.key if replacing else _key(body)) != _record(
                body["Item"]
            ):
                raise Conflict from None

    def _read(self, key: str) -> Record | None:
        body = {"TableName": self._name, "Key": {"key": {"S": key}}, "ConsistentRead": True}
        item = aws.post("dynamodb", "GetItem", body, seconds=TABLE_SECONDS).get("Item")
        try:
            return _record(item) if item else None
        except (KeyError, TypeError, ValueError) as error:
            raise aws.AwsError("MalformedRecord", passing=False) from error


def _key(body: Mapping[str, Any]) -> str:
    return str(body["Item"]["key"]["S"])


def _item(record: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        "key": {"S": record.key},
        "state": {"S": record.state},
        "owner": {"S": record.owner},
        "fingerprint": {"S": record.fingerprint},
        "lease": {"N": f"{record.lease:.3f}"},
        "unanswered": {"BOOL": record.unanswered},
        "expires": {"N": f"{record.expires:.0f}"},
    }
    if record.answer is not None and len(record.answer.body) <= MAX_ANSWER:
        item["answer"] = {"S": json.dumps(record.answer.data())}
    return item


def _record(item: Mapping[str, Any]) -> Record:
    answer = item.get("answer")
    return Record(
        key=item["key"]["S"],
        state=item["state"]["S"],
        owner=item["owner"]["S"],
        fingerprint=item["fingerprint"]["S"],
        lease=float(item["lease"]["N"]),
        unanswered=item["unanswered"]["BOOL"],
        answer=Answer.of(json.loads(answer["S"])) if answer else None,
        expires=float(item["expires"]["N"]),
    )
