"""Stored responses that name a person: an idempotency record keeps the response for repeated requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gateway.core import strict_json
from gateway.core.answer import Answer
from gateway.core.identifiers import is_uuid
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject
from tools.operator.idempotency_records import delete_if
from tools.operator.output import notes
from tools.operator.stack import Stack

ANSWERS = "answers"


def erase_answers(stack: Stack, system: str, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    """Remove these records whole: one without its response would replay something that was never sent."""
    if not stack.has_records(system):
        return
    removal.count(ANSWERS, 0)
    with notes.status("Reading the idempotency records") as status:
        for number, (key, text) in enumerate(_answers(stack, system), 1):
            status.update(f"Reading the idempotency records: {number}")
            try:
                body = Answer.of(json.loads(text)).body
            except (KeyError, TypeError, ValueError):
                removal.leave(
                    f"The response in record {key} cannot be read and may name the person; it will expire"
                )
                continue
            if is_about(body, subject) and (
                # Not if it has been given another response meanwhile.
                dry_run or delete_if(stack, system, key, answer=text)
            ):
                removal.count(ANSWERS)


def _answers(stack: Stack, system: str) -> Iterator[tuple[str, str]]:
    """The key and the response of each record that has one."""
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.records(system),
            ConsistentRead=True,
            FilterExpression="attribute_exists(#answer)",
            ProjectionExpression="#key, #answer",
            ExpressionAttributeNames={"#key": "key", "#answer": "answer"},
        )
    )
    for page in pages:
        yield from ((item["key"]["S"], item["answer"]["S"]) for item in page["Items"])


def is_about(body: bytes, subject: Subject) -> bool:
    """Whether a response contains one of the subject's ids as a whole word: 1737112 is not 737112.

    No contract says in which field a vendor names a person, so every field counts.
    """
    try:
        value = strict_json.read(body)
    except strict_json.Malformed:
        return subject.mentioned(body.decode(errors="replace"))
    words = [
        re.compile(rf"(?<![^\W_]){re.escape(id)}(?![^\W_])", re.IGNORECASE if is_uuid(id) else 0)
        for id in subject.ids
    ]
    return any(word.search(text) for text in _texts(value) for word in words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    else:
        yield str(value)
