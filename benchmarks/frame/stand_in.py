"""`python -m benchmarks.frame.stand_in`: vendors and AWS that answer at once, or after a set time.

It judges nothing, so that it costs a function's process as little as can be. `GET /_stand_in` answers with
the counts and the last request of each kind, `GET /_stand_in/queued` with the messages that were sent to
queues since it was asked last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from typing import Any

from tests.runtime.secrets_manager import secret_id
from tools.local.credentials import secret

VENDOR = "vendor"
"""The kind of every request that is not for AWS, whose kinds are its actions: `SendMessage`, `PutItem`, …"""

RECORDS = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem"})
"""The actions on idempotency records."""

ACCEPTED = {"success": True, "message": "OK"}
"""What every vendor answers; each takes it for its own success."""


class StandIn:
    """Counts, and the time that each kind of request takes, in seconds."""

    def __init__(self, *, vendor_seconds: float, record_seconds: float) -> None:
        """Nothing was received yet."""
        self._vendor_seconds = vendor_seconds
        self._record_seconds = record_seconds
        self._counts: Counter[str] = Counter()
        self._last: dict[str, dict[str, Any]] = {}
        self._queued: list[str] = []

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[float, object]:
        """After how many seconds it answers, and what."""
        if path == "/_stand_in":
            return 0.0, {"counts": self._counts, "last": self._last}
        if path == "/_stand_in/queued":
            queued, self._queued = self._queued, []
            return 0.0, queued
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        kind = action or VENDOR
        self._counts[kind] += 1
        self._last[kind] = {"path": path, "headers": headers, "body": body.decode()}
        if not action:
            return self._vendor_seconds, ACCEPTED
        if action == "SendMessage":
            self._queued.append(json.loads(body)["MessageBody"])
        return self._record_seconds if action in RECORDS else 0.0, _aws(action, body)


def _aws(action: str, body: bytes) -> object:
    match action:
        case "GetSecretValue":
            asked = json.loads(body)["SecretId"]
            document = secret(asked.removeprefix(secret_id("")), {})
            return {"Name": asked, "SecretString": json.dumps(document)}
        case "SendMessage":
            return {"MessageId": "stand-in"}
        case "SendMessageBatch":
            entries = json.loads(body)["Entries"]
            return {"Successful": [{"Id": one["Id"], "MessageId": one["Id"]} for one in entries]}
        case "PutRecordBatch":
            records = json.loads(body)["Records"]
            return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "stand-in"}] * len(records)}
        case _:
            return {}


class Connection(asyncio.Protocol):
    """One client's connection. Requests have a Content-Length or no body, as functions send them."""

    def __init__(self, stand_in: StandIn) -> None:
        """Nothing was received yet."""
        self._stand_in = stand_in
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server's protocol gets
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self._received = rest[length:]
            seconds, answer = self._stand_in.answer(first.split(" ")[1], headers, rest[:length])
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def _serve(port: int, stand_in: StandIn) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(stand_in), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frame.stand_in", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--vendor-seconds", type=float, default=0.0, help="how long a vendor takes")
    parser.add_argument("--record-seconds", type=float, default=0.0, help="how long DynamoDB takes")
    options = parser.parse_args()
    stand_in = StandIn(vendor_seconds=options.vendor_seconds, record_seconds=options.record_seconds)
    asyncio.run(_serve(options.port, stand_in))


if __name__ == "__main__":
    main()
