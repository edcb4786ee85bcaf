"""Waiting single events of one app and method, joined into the batches that MyTracker's document allows."""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from gateway.core import strict_json
from gateway.core.message import HttpRequest

MAX_EVENTS = 20
MAX_BODY = 10_240
"""Bytes. The document's limits: the first is a batch's, the second every body's."""

_SINGLE = re.compile(r"/v1/(registration|login|customEvent|customRevenue)/")
_HEADERS = {"Content-Type": "application/json"}


def destination(request: HttpRequest) -> tuple[str, str] | None:
    """The `idApp` and the method of a single event, as every release has queued it; None for other calls."""
    found = _SINGLE.fullmatch(request.path)
    if found is None or request.method != "POST" or request.headers != _HEADERS or not request.account:
        return None
    return (request.account, found[1]) if request.query == urlencode({"idApp": request.account}) else None


def batches(requests: Sequence[HttpRequest]) -> list[list[int]]:
    """Which requests with one destination leave together, by their indexes, in their order.

    A body that is no JSON object stays alone. A batch has each transaction once: its id is documented as
    unique, so a second event with it is a correction, and must be judged by itself.
    """
    parts: list[list[int]] = []
    room, transactions = 0, set[str]()
    for index, request in enumerate(requests):
        event = _event(request)
        size = len(_bytes(request)) + len(",")
        transaction = str(event["idTransaction"]) if event and "idTransaction" in event else None
        joins = event is not None and size <= room and transaction not in transactions
        if not (joins and len(parts[-1]) < MAX_EVENTS):
            parts.append([])
            room = 0 if event is None else MAX_BODY - len("[]") + len(",")
            transactions = set()
        parts[-1].append(index)
        room -= size
        if transaction is not None:
            transactions.add(transaction)
    return parts


def joined(requests: Sequence[HttpRequest]) -> HttpRequest:
    """The batch call of single events, which stay byte for byte what their own calls had."""
    first = requests[0]
    body = b"[" + b",".join(map(_bytes, requests)) + b"]"
    return replace(first, path=f"{first.path.removesuffix('/')}Batch/", body=body)


def _bytes(request: HttpRequest) -> bytes:
    return request.content.removeprefix(BOM_UTF8).strip()


def _event(request: HttpRequest) -> dict[str, Any] | None:
    try:
        found = strict_json.read(request.content)
    except strict_json.Malformed:
        return None
    return found if isinstance(found, dict) else None
