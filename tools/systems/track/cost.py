"""What track's events use besides a call: of its stream and its bucket, or of nothing in this stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

from tools.operator.cost.use import GB, HOURS, Use

KINDS = 4
"""Kinds of events: partitions that Data Firehose buffers at a time, for five minutes."""

COMPRESSED_SHARE = 0.2
"""What is left of the events in S3, compressed."""


def uses(settings: Mapping[str, str], events: float, size: int) -> Iterator[Use]:
    """What so many events of `size` bytes use per month, and their first month in S3. A database of one's own
    has a price of its own."""
    if settings["EventStore"] != "firehose://":
        return
    # Each record is rounded up to 5 KB. Every five minutes a kind has an object, or one per 64 MiB.
    ingested = events * ceil(size / 5120) * 5120 / GB
    written = events * size / GB
    objects = max(HOURS * 12 * KINDS, written * 16)
    yield Use(what="Data Firehose", price="firehose", quantity=ingested)
    yield Use(what="Data Firehose: partitioning", price="firehose_partitioning", quantity=written)
    yield Use(what="Data Firehose: objects", price="firehose_objects", quantity=objects)
    yield Use(what="S3: objects written", price="s3_puts", quantity=objects)
    yield Use(what="S3: a month's events", price="s3_storage", quantity=written * COMPRESSED_SHARE)
