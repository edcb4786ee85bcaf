"""A person's lines in the objects that Data Firehose wrote: each object is read, and written anew without."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Person
from tools.operator.output import notes
from tools.operator.stack import Stack

PREFIXES = ("events/", "failed/")
"""What the template's stream writes: its records, and those that it could not file."""

LINES = "lines_of_events"
TRIES = 5
_GZIP = b"\x1f\x8b"
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict")


def forget_objects(stack: Stack, bucket: str, person: Person, removal: Removal, *, dry_run: bool) -> None:
    """Remove them from every object of the bucket."""
    s3 = stack.client("s3")
    with notes.status("Reading the event store's objects") as status:
        for read, key in enumerate(_keys(s3, bucket), 1):
            status.update(f"Reading the event store's objects: {read}")
            number = remove_lines(s3, bucket, key, lambda line: is_about(line, person), dry_run=dry_run)
            removal.count(LINES, number)
    removal.count(LINES, 0)
    removal.leave("Firehose holds events for five minutes: run this again after that, for the last ones")
    removal.leave(f"Query results under s3://{bucket}/athena/ may name them: they expire after 7 days")
    if s3.get_bucket_versioning(Bucket=bucket).get("Status"):
        removal.leave(f"s3://{bucket} keeps versions: remove the older ones of the objects that were written")


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for prefix in PREFIXES:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (found["Key"] for found in page.get("Contents", []))


def remove_lines(
    s3: Any, bucket: str, key: str, unwanted: Callable[[bytes], bool], *, dry_run: bool = False
) -> int:
    """How many lines of an object were unwanted. Another's change meanwhile is not overwritten."""
    for attempt in range(TRIES):
        found = s3.get_object(Bucket=bucket, Key=key)
        raw = found["Body"].read()
        packed = raw.startswith(_GZIP)
        lines = (gzip.decompress(raw) if packed else raw).splitlines(keepends=True)
        left = [line for line in lines if not unwanted(line)]
        if len(left) == len(lines) or dry_run:
            return len(lines) - len(left)
        if not left:
            s3.delete_object(Bucket=bucket, Key=key)
            return len(lines)
        body = b"".join(left)
        kept = {name: found[name] for name in ("ContentType", "ContentEncoding") if found.get(name)}
        try:
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=gzip.compress(body) if packed else body,
                IfMatch=found["ETag"],
                **kept,
            )
            return len(lines) - len(left)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _CHANGED or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def is_about(line: bytes, person: Person) -> bool:
    """Whether an event's line names a person; a failed line carries one event in base64."""
    try:
        event = json.loads(line)
        if isinstance(event, dict) and isinstance(event.get("rawData"), str):
            return any(is_about(inner, person) for inner in base64.b64decode(event["rawData"]).splitlines())
    except ValueError:
        return False
    return isinstance(event, dict) and any(
        str(event.get(name)) == str(value) for name, value in person.columns.items()
    )
