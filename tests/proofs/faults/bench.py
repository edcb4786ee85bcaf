"""A run's equipment: the deployed local API, with a door, a proxy and clients where faults are put in."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from tests.profiles import profiles, vendors
from tests.proofs.faults.aws_proxy import AwsProxy
from tests.proofs.faults.clients import Clients
from tests.proofs.faults.door import Door
from tests.proofs.faults.events import TABLES, Marks
from tests.proofs.faults.loop import Loop
from tests.proofs.faults.processes import Functions
from tools.local import workers
from tools.local.ports import free_port
from tools.local.stack import LocalStack
from tools.local.workers import Queues
from tools.sandbox.client import Sandbox

VENDORS = tuple(vendors())
SEND_SECONDS, WAIT_SECONDS = 1.8, 3.0
VISIBILITY_SECONDS = 15
"""Six minutes on AWS: how long the messages of a killed worker stay away."""

SETTINGS = {
    "RETRY_SCALE": "0.01",
    "SEND_SECONDS": str(SEND_SECONDS),
    "WAIT_SECONDS": str(WAIT_SECONDS),
}

SETTINGS |= {
    f"{system.upper()}_{name}": value
    for system, profile in profiles().items()
    for name, value in profile.proof.settings.items()
}

QUEUED = {f"{system.upper()}_DELIVERY": "direct" for system in profiles()}
"""Also queues what is not queued by default, so that the queue is proven for it too."""


@dataclass(frozen=True)
class Effect:
    """An upstream took an event, or a row was stored. `order` counts within `stream`; `at` is when it came
    there, of a row when its request came (Unix seconds); `spoiled` is the fault that its answer met.
    `prepares`: it delivers nothing, goes first, and may be repeated. `told`: when a log line said so,
    of a row that was stored long after its request."""

    stream: str
    order: int
    at: float
    spoiled: str | None = None
    prepares: bool = False
    told: float = 0

    @property
    def latest(self) -> float:
        """It came there no later than this."""
        return max(self.at, self.told)


@dataclass(frozen=True)
class Function:
    """Whose process it was: `endpoint` is None for the worker of its system."""

    system: str
    endpoint: str | None


class Bench:
    """See the module. `run` numbers the run: its events are told from those of others by it."""

    def __init__(self, stack: LocalStack, loop: Loop, door: Door, run: int, at_once: int) -> None:
        """The stack runs; its functions' AWS is a proxy from now on."""
        self.stack = stack
        self.door = door
        self.run = run
        self.marks = Marks(run)
        self.functions = Functions(stack.aws.url)
        self.proxy = AwsProxy(loop, stack.aws.url, self.functions)
        self.sandbox = Sandbox(stack.sandbox_url)
        self.clients = Clients(stack.url, at_once)
        self.store = Path(stack.event_store.removeprefix("sqlite:///"))
        self.waiting = Queues(stack.aws, stack.template, stack.deployed)
        self.proxy.listen()
        self.proxy.lead(stack)
        self.visibility(VISIBILITY_SECONDS)
        for system, profile in profiles().items():
            if profile.proof.vendor:
                self.sandbox.change(system, **profile.proof.vendor)

    @property
    def queues(self) -> dict[str, str]:
        """Each system's queue."""
        resources = self.stack.deployed.resources
        return {system: resources[name] for system, name in self.stack.template.queues.items()}

    @property
    def dead_letters(self) -> dict[str, str]:
        """Each system's dead letters."""
        resources = self.stack.deployed.resources
        names = self.stack.template.queues
        return {
            system: resources[name.removesuffix("Queue") + "DeadLetters"] for system, name in names.items()
        }

    @property
    def queueing(self) -> set[str]:
        """The systems whose events may be queued."""
        template, given = self.stack.template, self.stack.parameters
        defaults = {name: parameter.get("Default") for name, parameter in template.parameters.items()}
        modes = {
            system: template.settings.get(f"{system.upper()}_DELIVERY", "") for system in template.queues
        }
        return {system for system, name in modes.items() if {**defaults, **given}.get(name) != "off"}

    @property
    def deployed(self) -> dict[str, Function]:
        """The functions by their names on the local AWS."""
        found = {}
        for logical_id, properties in self.stack.template.functions.items():
            system, endpoint, _ = properties["Handler"].split(".")
            whose = properties.get("Environment", {}).get("Variables", {}).get("SYSTEM")
            function = Function(whose, None) if whose else Function(system, endpoint)
            found[self.stack.deployed.resources[logical_id]] = function
        return found

    def visibility(self, seconds: int) -> None:
        """How long a message that was handed to a worker is kept from the others."""
        for url in self.queues.values():
            self.stack.client("sqs").set_queue_attributes(
                QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)}
            )

    def drain(self, seconds: float) -> int:
        """Wait until nothing is queued; how much is left after so long."""
        deadline = time.monotonic() + seconds
        while (left := self.waiting.count()) and time.monotonic() < deadline:
            time.sleep(0.3)
        return left

    def effects(self) -> dict[int, list[Effect]]:
        """What arrived, by the number of its event, in the order in which it came."""
        found: dict[int, list[Effect]] = {}
        for entry in self.sandbox.entries():
            if entry.verdict == "taken":
                # A delay is not a loss: who waits gets the answer.
                spoiled = entry.fault if entry.fault != "delay" else None
                preparing = profiles()[entry.system].proof.preparing
                prepares = preparing is not None and re.search(preparing, entry.path) is not None
                for number in self.marks.sent_upstream(entry.path, entry.content):
                    effect = Effect(entry.system, entry.number, entry.at, spoiled, prepares)
                    found.setdefault(number, []).append(effect)
        told = self._told()
        with closing(sqlite3.connect(self.store, timeout=30)) as connection:
            for table, column in TABLES.items():
                query = f"SELECT EventID, Created, GatewayEventID, {column} FROM {table} ORDER BY EventID"  # noqa: S608
                for order, created, event_id, text in connection.execute(query):
                    at = datetime.fromisoformat(created).replace(tzinfo=UTC).timestamp()
                    row = Effect(table, order, at, told=told.get(event_id, 0))
                    for number in self.marks.of(text.encode()):
                        found.setdefault(number, []).append(row)
        return found

    def malformed(self) -> int:
        """How many requests no validator of a vendor's contract would take."""
        systems: Mapping[str, Any] = self.sandbox.counts()["systems"]
        return sum(counted["verdicts"].get("malformed", 0) for counted in systems.values())

    def key(self, text: str) -> str:
        """The name of the record of a queue's message."""
        return DeliveryTask.loads(text).key

    def letters(self) -> dict[int, list[tuple[str, int | None]]]:
        """Why an event is among the dead letters, and the upstream's status, by the event's number."""
        found: dict[int, list[tuple[str, int | None]]] = {}
        for url in self.dead_letters.values():
            for text in self._messages(url):
                letter = DeadLetter.loads(text)
                for number in marked(self.marks, letter.message):
                    found.setdefault(number, []).append((letter.reason, letter.status))
        return found

    def left(self) -> set[int]:
        """The events that are still queued; their workers get no more."""
        workers.stop_event_sources(self.stack.aws)
        return {
            number
            for url in self.queues.values()
            for text in self._messages(url)
            for number in marked(self.marks, text)
        }

    def expired(self) -> set[str]:
        """The event ids of what was of no use any more when its turn came."""
        return {line["event_id"] for line in self._redeliveries("expired")}

    def _told(self) -> dict[str, float]:
        """When a worker said of an event that it is or was delivered (Unix seconds), by its id."""
        told: dict[str, float] = {}
        for line in self._redeliveries("done", "dropped"):
            told.setdefault(line["event_id"], datetime.fromisoformat(line["timestamp"]).timestamp())
        return told

    def _redeliveries(self, *fates: str) -> Iterator[dict[str, Any]]:
        for text in self.stack.places.function_lines.read_text().splitlines():
            start = text.find("{")
            if '"redelivery"' in text and any(f'"{fate}"' in text for fate in fates) and start >= 0:
                line = json.loads(text[start:])
                if line["fate"] in fates:
                    yield line

    def _messages(self, url: str) -> Iterator[str]:
        sqs = self.stack.client("sqs")
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get(
            "Messages"
        ):
            yield from (message["Body"] for message in found)


def marked(marks: Marks, text: str) -> set[int]:
    """The events in a queue's message."""
    try:
        payload = DeliveryTask.loads(text).payload.data()
    except ValueError:
        return set()
    if "body" in payload:
        return marks.sent_upstream(payload["path"], base64.b64decode(payload["body"]))
    return marks.of(json.dumps(dict(payload)).encode())


@contextmanager
def bench(
    state: Path, run: int, *, at_once: int, settings: Mapping[str, str] | None = None
) -> Iterator[Bench]:
    """Start everything; `settings` are those of the local run that differ from SETTINGS."""
    with ExitStack() as running:
        loop = running.enter_context(Loop())
        port, behind = free_port(), free_port()
        door = Door(loop, port, behind)
        door.open()
        urls = {f"{system.upper()}_URL": f"http://127.0.0.1:{port}/{system}" for system in VENDORS}
        environment = {**SETTINGS, **urls, **(settings or {})}
        stack = running.enter_context(LocalStack(state=state, sandbox_port=behind, environment=environment))
        _complete_secrets(stack)
        yield Bench(stack, loop, door, run, at_once)


def _complete_secrets(stack: LocalStack) -> None:
    """Add what the systems' profiles want to be in their secrets, before anything has read them."""
    secrets = stack.client("secretsmanager")
    for system, profile in profiles().items():
        if more := profile.proof.secret:
            name = stack.deployed.resources[stack.template.secrets[system]]
            found = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
            for part, values in more.items():
                found[part] = (
                    found[part] + values if isinstance(values, list) else found.get(part, {}) | values
                )
            secrets.put_secret_value(SecretId=name, SecretString=json.dumps(found))
