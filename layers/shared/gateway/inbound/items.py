"""The items of a batch's body: a JSON array, or NDJSON."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import Any

from gateway.core import strict_json
from gateway.core.errors import EmptyBody, Invalid, TooLarge, Unreadable
from gateway.core.problem import Problem, ProblemKind
from gateway.inbound.request import Request

MAX_ITEMS = 500
MAX_RECEIVED = 4 * 1024 * 1024
"""Bytes. Lambda takes 6 MB, of which base64 leaves three quarters:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_UNPACKED = 5 * 1024 * 1024
NDJSON = "application/x-ndjson"

type Item = tuple[bytes, Any]
"""An item's bytes, and its value or the Malformed that it is."""


def items(request: Request) -> list[Item]:
    """The items of a batch, at least one. Raises ClientError for what spoils all of it."""
    if len(request.received) > MAX_RECEIVED:
        raise TooLarge(MAX_RECEIVED)
    media = request.header("content-type").partition(";")[0].strip().lower()
    read = _lines if media == NDJSON else strict_json.elements
    try:
        found = list(islice(read(request.document), MAX_ITEMS + 1)) if request.document else []
    except strict_json.Malformed as error:
        raise Unreadable(str(error)) from None
    if not found:
        raise EmptyBody
    if len(found) > MAX_ITEMS:
        raise Invalid(Problem("body", ProblemKind.WRONG, f"must have at most {MAX_ITEMS} items"))
    return found


def _lines(document: bytes) -> Iterator[Item]:
    """Each line is read by itself; blank ones are no items."""
    for line in BytesIO(document):
        text = line.strip(b" \t\r\n")
        if text:
            try:
                yield text, strict_json.read(text)
            except strict_json.Malformed as error:
                yield text, error


def item_request(single: Request, item: Item, event_id: str) -> Request:
    """The single call's request with an item as its body. Raises Unreadable for an item that is Malformed."""
    received, value = item
    if isinstance(value, strict_json.Malformed):
        raise Unreadable(str(value))
    request = replace(single, received=received, event_id=event_id)
    vars(request)["json"] = value  # read already
    return request
