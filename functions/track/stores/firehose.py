"""The default event store on AWS: Data Firehose, which writes to S3 for Athena to read."""

import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from gateway.core import strict_json
from gateway.core.errors import Setup, TimedOut, Transient, UpstreamError
from gateway.outbound import aws
from track.stores.base import Store
from track.stores.record import Record

MAX_RECORDS = 500
MAX_BYTES = 4 * 1024 * 1024
"""PutRecordBatch's limits: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""


class Post(Protocol):
    """`gateway.outbound.aws.post`, or its stand-in in a test."""

    def __call__(
        self, service: str, action: str, body: Mapping[str, Any], *, seconds: float
    ) -> dict[str, Any]:
        """Call an action of a service. Raises AwsError."""


class FirehoseStore(Store):
    """One delivery stream for all kinds: it files a record by the fields `Kind` and `Created`.

    A repeat is taken again; the view `<kind>_once` shows it once.
    """

    def __init__(self, url: str, *, post: Post = aws.post) -> None:
        """`firehose://<stream>`. Raises Setup."""
        self._stream = url.removeprefix("firehose://")
        if not self._stream or "/" in self._stream or self._stream == url:
            raise Setup("store URL unreadable")
        self._post = post

    def _put(self, records: Sequence[Record], deadline: float) -> list[UpstreamError | None]:
        outcomes: list[UpstreamError | None] = []
        for batch in _batches([base64.b64encode(line(record)).decode() for record in records]):
            outcomes += self._put_batch(batch, deadline - time.monotonic())
        return outcomes

    def _put_batch(self, batch: Sequence[str], seconds: float) -> Sequence[UpstreamError | None]:
        if seconds <= 0:
            return [TimedOut()] * len(batch)
        body = {"DeliveryStreamName": self._stream, "Records": [{"Data": data} for data in batch]}
        try:
            answer = self._post("firehose", "PutRecordBatch", body, seconds=seconds)
        except aws.AwsError as error:
            return [meaning(error)] * len(batch)
        responses = answer.get("RequestResponses")
        if not isinstance(responses, list) or len(responses) != len(batch):
            return [Transient("malformed answer", may_have_arrived=True)] * len(batch)
        # FailedPutCount tells only how many failed; which ones is in their own responses.
        return [
            Transient(str(response["ErrorCode"])) if response.get("ErrorCode") else None
            for response in responses
        ]


def meaning(error: aws.AwsError) -> UpstreamError:
    """A failed AWS call as a failure of the upstream."""
    return (
        Transient(error.code, may_have_arrived=error.may_have_arrived) if error.passing else Setup(error.code)
    )


def line(record: Record) -> bytes:
    """A record as one line of JSON. `Created` is UTC, `2026-01-31 23:59:59.123`; amounts are strings, as a
    reader may parse a JSON number as a float."""
    created = record.created.strftime("%Y-%m-%d %H:%M:%S.") + f"{record.created.microsecond // 1000:03d}"
    fields = {"Kind": record.table, "GatewayEventID": record.event_id, "Created": created, **record.values}
    return strict_json.write(fields) + b"\n"


def _batches(data: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    size = 0
    for item in data:
        if batch and (len(batch) == MAX_RECORDS or size + len(item) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item)
    yield batch
