"""A person's lines in the objects that Data Firehose wrote: each object is rewritten without them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject
from tools.operator.output import notes
from tools.operator.stack import Stack

PREFIXES = ("events/", "failed/")
"""Where the template's stream writes: records, and those that it could not process."""

LINES = "lines_of_events"
TRIES = 5
_GZIP = b"\x1f\x8b"
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict")


def erase_objects(stack: Stack, bucket: str, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    """Remove them from every object in the bucket."""
    s3 = stack.client("s3")
    with notes.status("Reading the event store's objects") as status:
        for read, key in enumerate(_keys(s3, bucket), 1):
            status.update(f"Reading the event store's objects: {read}")
            number = remove_lines(s3, bucket, key, lambda line: is_about(line, subject), dry_run=dry_run)
            removal.count(LINES, number)
    removal.count(LINES, 0)
    removal.leave("Firehose buffers events for five minutes: run this again afterwards, for the last ones")
    removal.leave(
        f"Query results under s3://{bucket}/athena/ may contain this person: they expire after 7 days"
    )
    if s3.get_bucket_versioning(Bucket=bucket).get("Status"):
        removal.leave(f"s3://{bucket} keeps versions: delete the older versions of the rewritten objects")


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for prefix in PREFIXES:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (found["Key"] for found in page.get("Contents", []))


def remove_lines(
    s3: Any, bucket: str, key: str, unwanted: Callable[[bytes], bool], *, dry_run: bool = False
) -> int:
    """Rewrite an object without its unwanted lines; how many there were. A concurrent change is not lost."""
    for attempt in range(TRIES):
        found = s3.get_object(Bucket=bucket, Key=key)
        raw = found["Body"].read()
        packed = raw.startswith(_GZIP)
        lines = (gzip.decompress(raw) if packed else raw).splitlines(keepends=True)
        remaining = [line for line in lines if not unwanted(line)]
        if len(remaining) == len(lines) or dry_run:
            return len(lines) - len(remaining)
        if not remaining:
            s3.delete_object(Bucket=bucket, Key=key)
            return len(lines)
        body = b"".join(remaining)
        metadata = {name: found[name] for name in ("ContentType", "ContentEncoding") if found.get(name)}
        try:
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=gzip.compress(body) if packed else body,
                IfMatch=found["ETag"],
                **metadata,
            )
            return len(lines) - len(remaining)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _CHANGED or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def is_about(line: bytes, subject: Subject) -> bool:
    """Whether a line's event concerns the subject; a failed record carries its event in base64."""
    try:
        event = json.loads(line)
        if isinstance(event, dict) and isinstance(event.get("rawData"), str):
            return any(is_about(inner, subject) for inner in base64.b64decode(event["rawData"]).splitlines())
    except ValueError:
        return False
    return isinstance(event, dict) and any(
        str(event.get(name)) == str(value) for name, value in subject.columns.items()
    )
