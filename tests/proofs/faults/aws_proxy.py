"""Stands between the functions and the local AWS: fails their calls as scripted, and knows what was recorded.

A general proxy of faults cannot do what a proof needs: to kill the very process whose call it holds, and to
tell afterwards which outcomes had been recorded before an event was sent again. Each function has a path of
its own here, its logical id, so that its calls can be held against its rights.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import h11

from tests.conformity.sent import Sent
from tests.conformity.traffic import Traffic
from tests.proofs.faults.loop import Loop
from tests.proofs.faults.processes import Functions, Killed
from tools.local.stack import LocalStack

type Way = Literal[
    "throttle", "refuse", "fail", "reset", "hang", "lose answer", "twice", "kill before", "kill after"
]

_REFUSALS = {
    "throttle": (400, "ThrottlingException"),
    "refuse": (400, "AccessDeniedException"),
    "fail": (500, "InternalServerError"),
}
HANG_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call of a function's: `resource` is a queue's URL, a table's or a secret's name; `state` and `key`
    are those of a record, `names` the attributes of an item that is written, `texts` those of messages."""

    service: str
    action: str
    resource: str
    key: str | None = None
    state: str | None = None
    names: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A call and its end: `done_at` in Unix seconds, `status` the local AWS's answer (None if it never came
    there), `way` what was done to it."""

    asked: Asked
    at: float
    done_at: float
    status: int | None
    way: str | None


@dataclass(kw_only=True)
class Rule:
    """What becomes of calls that `meets` chooses: of the first, then of a `share`, the same for a seed.

    Only a process that is sending `sends` events or more, by its records, is killed.
    """

    name: str
    way: Way
    meets: Callable[[Asked], bool]
    share: float = 1.0
    most: int | None = None
    sends: int = 0
    seed: int = 0
    fired: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Start the chance."""
        self.chance = random.Random(self.seed)

    def takes(self, asked: Asked) -> bool:
        """Whether this call is met."""
        if not self.meets(asked) or (self.most is not None and self.fired >= self.most):
            return False
        return not self.fired or self.chance.random() < self.share


class AwsProxy:
    """The functions' AWS on a free port of 127.0.0.1."""

    def __init__(self, loop: Loop, local_aws: str, functions: Functions) -> None:
        """`local_aws`: where calls go on to."""
        self._loop = loop
        self._host, _, port = local_aws.removeprefix("http://").partition(":")
        self._port = int(port)
        self._functions = functions
        self.rules: list[Rule] = []
        self.seen: list[Seen] = []
        self.killed: list[Killed] = []
        self.traffic = Traffic()
        self._connected: dict[int, int | None] = {}
        """The processes at the open connections, by the connections' ports: looked up once, since every call
        of every function waits for that."""
        self._sending: dict[str, int] = {}
        """The port of the connection by which each record came that says `sending`."""
        self.url = ""

    def listen(self) -> None:
        """Begin."""
        listener = self._loop.listener(self._serve)
        self._loop.run(listener.begin())
        self.url = f"http://127.0.0.1:{listener.port}"

    def lead(self, stack: LocalStack) -> None:
        """Let every function of the stack find its AWS here."""
        functions = stack.client("lambda")
        for logical_id in stack.template.functions:
            name = stack.deployed.resources[logical_id]
            variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            functions.update_function_configuration(
                FunctionName=name,
                Environment={"Variables": {**variables, "AWS_ENDPOINT_URL": f"{self.url}/{logical_id}"}},
            )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = h11.Connection(h11.SERVER)
        port = _port(writer)
        self._connected.pop(port, None)
        try:
            while (heard := await _message(client, reader)) is not None:
                request, body = heard
                assert isinstance(request, h11.Request)
                answer = await self._answer(request, body, writer)
                if answer is None:
                    _reset(writer)
                    return
                response, content = answer
                writer.write((client.send(response) or b"") + (client.send(h11.Data(data=content)) or b""))
                writer.write(client.send(h11.EndOfMessage()) or b"")
                await writer.drain()
                if client.our_state is not h11.DONE:
                    break
                client.start_next_cycle()
            # The last answer must be out before the connection ends.
            writer.close()
            await writer.wait_closed()
        except (OSError, h11.ProtocolError):
            pass
        finally:
            self._connected.pop(port, None)

    async def _answer(
        self, request: h11.Request, body: bytes, writer: asyncio.StreamWriter
    ) -> tuple[h11.Response, bytes] | None:
        """What the function hears; None for a reset."""
        asked, begun = _asked(request, body), time.time()
        function = request.target.decode().strip("/")
        request = h11.Request(method=request.method, headers=request.headers, target="/")
        headers = {name.decode().lower(): value.decode() for name, value in request.headers}
        self.traffic.note(function, Sent(request.method.decode(), f"{self.url}/", headers, body))
        rule = next((rule for rule in self.rules if rule.takes(asked)), None)
        way, status = rule.way if rule else None, None
        answer: tuple[h11.Response, bytes] | None = None
        try:
            if way == "kill before" and not self._kill(rule, writer):
                way = rule = None
            if way in _REFUSALS:
                answer = _refusal(*_REFUSALS[way])
            elif way == "hang":
                await asyncio.sleep(HANG_SECONDS)
            elif way not in ("reset", "kill before"):
                for _ in range(2 if way == "twice" else 1):
                    status, answer = await self._forward(request, body)
            if way == "kill after" and not self._kill(rule, writer):
                way = rule = None
            if way in ("lose answer", "kill after"):
                answer = None
            if rule is not None:
                rule.fired += 1
            self._note(asked, writer, written=status == 200)
        finally:
            self.seen.append(Seen(asked=asked, at=begun, done_at=time.time(), status=status, way=way))
        return answer

    def _note(self, asked: Asked, writer: asyncio.StreamWriter, *, written: bool) -> None:
        if asked.action == "PutItem" and asked.key and asked.state and written:
            self._sending.pop(asked.key, None)
            if asked.state == "sending":
                port = _port(writer)
                self._sending[asked.key] = port
                if any(rule.sends for rule in self.rules):
                    self._process(port)

    def _process(self, port: int) -> int | None:
        if port not in self._connected:
            self._connected[port] = self._functions.of_connection(port)
        return self._connected[port]

    def _is_busy(self, pid: int, sends: int) -> bool:
        return not sends or sum(self._connected.get(port) == pid for port in self._sending.values()) >= sends

    def _kill(self, rule: Rule | None, writer: asyncio.StreamWriter) -> bool:
        """Kill the process that waits for this answer; whether there was one."""
        pid = self._process(_port(writer))
        if pid is None or rule is None or not self._is_busy(pid, rule.sends):
            return False
        if (name := self._functions.kill(pid)) is None:
            return False
        self.killed.append(Killed(time.time(), pid, name, rule.name))
        return True

    async def _forward(self, request: h11.Request, body: bytes) -> tuple[int, tuple[h11.Response, bytes]]:
        connection = h11.Connection(h11.CLIENT)
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            parts = [connection.send(request), connection.send(h11.Data(data=body)) if body else b""]
            writer.write(b"".join(part for part in [*parts, connection.send(h11.EndOfMessage())] if part))
            heard = await _message(connection, reader)
        finally:
            writer.close()
        response, content = heard or (None, b"")
        if not isinstance(response, h11.Response):
            raise ConnectionResetError
        headers = [
            (name, value)
            for name, value in response.headers.raw_items()
            if name.lower() not in (b"transfer-encoding", b"connection", b"content-length")
        ]
        headers.append((b"Content-Length", str(len(content)).encode()))
        status: int = response.status_code
        return status, (h11.Response(status_code=status, headers=headers), content)


async def _message(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request | h11.Response, bytes] | None:
    """The other side's next request or response, whole; None when it is gone."""
    head: h11.Request | h11.Response | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request | h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return head, bytes(body)
        else:
            return None


def _asked(request: h11.Request, body: bytes) -> Asked:
    target = next((value for name, value in request.headers if name == b"x-amz-target"), b"").decode()
    prefix, _, action = target.partition(".")
    service = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs"}.get(prefix, prefix)
    said: Mapping[str, Any] = json.loads(body) if body else {}
    item = said.get("Item") or said.get("Key") or {}
    return Asked(
        service=service,
        action=action,
        resource=said.get("QueueUrl") or said.get("TableName") or said.get("SecretId") or "",
        key=item.get("key", {}).get("S"),
        state=item.get("state", {}).get("S"),
        names=frozenset(item),
        texts=tuple(entry["MessageBody"] for entry in said.get("Entries", [said]) if "MessageBody" in entry),
    )


def _refusal(status: int, code: str) -> tuple[h11.Response, bytes]:
    content = json.dumps({"__type": code, "message": "scripted"}).encode()
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(content)))]
    return h11.Response(status_code=status, headers=headers), content


def _port(writer: asyncio.StreamWriter) -> int:
    """The other side's; 0 if it is gone."""
    peer = writer.get_extra_info("peername")
    return int(peer[1]) if peer else 0


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
