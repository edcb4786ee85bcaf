"""Carries out a fault: writes the broken, late or missing response that the rule asks for."""

from __future__ import annotations

import asyncio
import json

from tools.sandbox.faults import Fault
from tools.sandbox.http1 import Connection, head
from tools.systems.vendor import JSON, Fields, Json, Response, Vendor

_HTML = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"
_DEFAULT_STATUS = {"status": 503, "redirect": 302}
_SPOILS_OWN = ("delay", "drip", "truncated-body")
_NO_ANSWER = ("hang", "reset", "accept-then-reset")
_NO_BODY = (204, 304)
_BLOCK = 64 * 1024
_START, _END = b'{"success": true, "padding": "', b'"}'
"""Of a huge body."""


def planned(fault: Fault, system: str, vendor: Vendor, own: Response | None) -> Response | None:
    """The response under this fault, or None; `own` is the vendor's, if it was asked.

    Delay, drip and truncated-body spoil the vendor's own answer (its 503, if it was not asked); the other
    kinds make one. Of a huge body it holds the first 64 KB, see `body_size`.
    """
    if fault.fault in _NO_ANSWER:
        return None
    status = fault.status or _DEFAULT_STATUS.get(fault.fault)
    if status is None and fault.fault in _SPOILS_OWN:
        status = own.status if own else 503
    status = status or 200
    headers, body = _own_or_made(fault, system, vendor, own, status)
    if fault.body is not None:
        body = _bytes(fault.body)
    if status in _NO_BODY:  # bytes there would be taken for the beginning of the next answer
        body = b""
    return Response(
        status=status,
        verdict=own.verdict if own else "refused",
        headers=_merged(headers, fault.headers),
        body=body,
    )


def _own_or_made(
    fault: Fault, system: str, vendor: Vendor, own: Response | None, status: int
) -> tuple[Fields, bytes]:
    """Header fields and body, before the rule's own are applied."""
    match fault.fault:
        case "malformed-json":
            return JSON, b'{"success": tru'
        case "html":
            return (("Content-Type", "text/html; charset=utf-8"),), _HTML.encode()
        case "empty":
            return JSON, b""
        case "redirect":
            return (("Location", f"/{system}/redirected"),), b""
        case "huge":
            return JSON, _beginning(_huge_size(fault))
        case "success-false":
            return JSON, b'{"success": false}'
        case _ if own is not None and fault.status is None:
            return own.headers, own.body
        case _:
            return JSON, _bytes(vendor.failure(status))


def body_size(fault: Fault, answer: Response) -> int:
    """The bytes of the body that is written: a huge one has only its beginning in what is planned."""
    return _huge_size(fault) if fault.fault == "huge" and answer.body else len(answer.body)


async def carry_out(fault: Fault, answer: Response | None, connection: Connection) -> bool:
    """Write the response; True if the connection can take another request."""
    if fault.fault == "hang":
        await asyncio.sleep(60 if fault.seconds is None else fault.seconds)
        return False
    if answer is None:
        connection.reset()
        return False
    match fault.fault:
        case "delay":
            await asyncio.sleep(1 if fault.seconds is None else fault.seconds)
        case "drip":
            return await _drip(answer, 0.1 if fault.seconds is None else fault.seconds, connection)
        case "truncated-body":
            length = len(answer.body) or 64
            await connection.write(head(answer.status, answer.headers, length) + answer.body[: length // 2])
            return False
        case "huge":
            return await _huge(answer, body_size(fault, answer), connection)
    await connection.write(head(answer.status, answer.headers, len(answer.body)) + answer.body)
    return True


async def _drip(answer: Response, pause: float, connection: Connection) -> bool:
    for byte in head(answer.status, answer.headers, len(answer.body)) + answer.body:
        await connection.write(bytes([byte]))
        await asyncio.sleep(pause)
    return True


async def _huge(answer: Response, size: int, connection: Connection) -> bool:
    await connection.write(head(answer.status, answer.headers, size) + answer.body)
    left = size - len(answer.body)
    while left > len(_END):
        padding = min(left - len(_END), _BLOCK)
        await connection.write(b"a" * padding)
        left -= padding
    await connection.write(_END[len(_END) - left :])
    return True


def _huge_size(fault: Fault) -> int:
    return max(fault.size, len(_START) + len(_END))


def _beginning(size: int) -> bytes:
    """The first 64 KB of a huge body."""
    padding = size - len(_START) - len(_END)
    return (_START + b"a" * min(padding, _BLOCK) + _END)[:_BLOCK]


def _merged(headers: Fields, more: dict[str, str]) -> Fields:
    replaced = {name.lower() for name in more}
    return (*(field for field in headers if field[0].lower() not in replaced), *more.items())


def _bytes(body: Json) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
