"""Calls of a front and the log lines about them, as a local run writes them."""

import json
from typing import Any

from tools.local.front.exchange import Answered, Received

ID = "01M7XW7VRZX0B36KC0KMPQDNGM"
SYSTEM = "acme"


def received(number: int = 1, target: str = "/a", body: bytes = b"{}", **parts: Any) -> Received:
    headers = parts.pop("headers", [(b"Content-Type", b"application/json")])
    return Received(
        number=number,
        at=1795320765.465,
        method=b"POST",
        target=target.encode(),
        headers=headers,
        body=body,
        client=parts.pop("client", ("127.0.0.1", 50000)),
    )


def answered(number: int = 1, status: int = 200, body: bytes = b"{}", **headers: str) -> Answered:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answered(number=number, status=status, reason=b"OK", headers=named, body=body, milliseconds=12.34)


def line(message: str, event_id: str = ID, **fields: Any) -> str:
    about = {"level": "INFO", "message": message, "timestamp": "2026-11-22T04:12:46.500+00:00"}
    return json.dumps({**about, "event_id": event_id, "system": SYSTEM, "endpoint": "event", **fields})


def tried(status: int, request: str = "00112233aabbccdd", outcome: str = "transient") -> dict[str, Any]:
    return {"status": status, "milliseconds": 10.0, "request": request, "outcome": outcome}
