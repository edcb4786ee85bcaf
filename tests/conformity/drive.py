"""Makes deployed functions use, by requests and messages, the rights that no test before made them use."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from tests.architecture.house import ENDPOINTS, TEMPLATE, WORKERS, Function
from tests.changed_settings import changed_settings, for_systems
from tests.conformity.traffic import Use
from tests.profiles import profiles
from tests.proofs.faults.aws_proxy import AwsProxy, Rule
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox
from tools.send import http1, sample

AT_ONCE = 4
SECONDS = 60.0
SETTINGS = {name: profile.rights.settings for name, profile in profiles().items()}
UNQUEUED = {name: profile.rights.unqueued for name, profile in profiles().items()}
OF_WORKERS = {name: profile.rights.worker for name, profile in profiles().items() if profile.rights.worker}
STREAMS = {
    settings["STREAM"]: f"{TEMPLATE.prefixes[name]}Stream"
    for name, settings in SETTINGS.items()
    if "STREAM" in settings
}
"""The streams that are there while requests are sent, with the logical ids that they stand for."""

type Missing = Mapping[str, set[Use]]


class Drive:
    """Drives the functions of a run whose AWS is behind a proxy."""

    def __init__(self, stack: LocalStack, proxy: AwsProxy) -> None:
        """Nothing is sent yet."""
        self._stack = stack
        self._proxy = proxy
        self._sandbox = Sandbox(stack.sandbox_url)

    def use(self, missing: Callable[[], Missing]) -> None:
        """Try to have what is missing used; `missing` says what still is."""

        def lacking(*actions: str) -> list[Function]:
            return [
                function
                for function in ENDPOINTS
                if any(use.action.endswith(actions) for use in missing().get(function.logical_id, ()))
            ]

        workers = {worker.system or "" for worker in WORKERS if worker.logical_id in missing()}
        with self._stream(), self._changed(SETTINGS), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._twice, lacking("GetSecretValue", "PutItem", "GetItem", "PutRecordBatch")))
            # What nobody has is forgotten: what a vendor refuses, or the stream where nothing may be queued.
            with self._changed(UNQUEUED), self._upstreams_answer(400), self._refused("PutRecordBatch"):
                list(pool.map(self._once, lacking("DeleteItem")))
            with self._upstreams_answer(503):
                with self._refused("SendMessage", "PutRecordBatch"):
                    list(pool.map(self._once, lacking("SendMessage")))
                with self._refused("PutRecordBatch"):
                    list(pool.map(self._queue_one, workers))
                    self._wait(missing, "sqs:ChangeMessageVisibility")
            self._unreadable(workers)
            self._wait(missing, "sqs:SendMessage")
        with self._changed(OF_WORKERS):
            for system in workers & OF_WORKERS.keys():
                self._queue_one(system)
            self._wait(missing, "secretsmanager:GetSecretValue")

    def _once(self, function: Function, key: str = "") -> None:
        request = sample.load(f"{function.folder}/{function.name}")
        further = [("Idempotency-Key", key or uuid.uuid4().hex)]
        if "CLIENT_KEYS" in SETTINGS[function.folder]:  # else sample events show a key where one is needed
            further.append(("Authorization", "Bearer local-client-key"))
        http1.send(replace(request, headers=(*request.headers, *further)), self._stack.url)

    def _twice(self, function: Function) -> None:
        """The second is answered from the record of the first."""
        key = uuid.uuid4().hex
        self._once(function, key)
        self._once(function, key)

    def _queue_one(self, system: str) -> None:
        """An event of the system that its worker gets and cannot deliver yet."""
        mine = [function for function in ENDPOINTS if function.system == system]
        self._once(next(function for function in mine if "sqs:SendMessage" in str(function.properties)))

    def _wait(self, missing: Callable[[], Missing], action: str) -> None:
        deadline = time.monotonic() + SECONDS
        workers = {worker.logical_id for worker in WORKERS}
        while time.monotonic() < deadline and any(
            use.action == action for name, uses in missing().items() if name in workers for use in uses
        ):
            time.sleep(0.2)

    @contextmanager
    def _refused(self, *actions: str) -> Iterator[None]:
        """AWS refuses these actions."""
        rule = Rule(name="rights", way="refuse", meets=lambda asked: asked.action in actions)
        self._proxy.rules = [*self._proxy.rules, rule]
        try:
            yield
        finally:
            self._proxy.rules = [each for each in self._proxy.rules if each is not rule]

    @contextmanager
    def _upstreams_answer(self, status: int) -> Iterator[None]:
        """Every vendor answers with this status."""
        self._sandbox.fault("status", status=status)
        try:
            yield
        finally:
            self._sandbox.clear_faults()

    def _changed(self, by_system: Mapping[str, Mapping[str, str]]) -> AbstractContextManager[None]:
        """Functions of these systems have other settings."""
        return changed_settings(self._stack, for_systems(by_system))

    def _unreadable(self, systems: Iterable[str]) -> None:
        """Messages that can only become dead letters."""
        for system in systems:
            queue = self._stack.deployed.resources[self._stack.template.queues[system]]
            self._stack.client("sqs").send_message(QueueUrl=queue, MessageBody="no task")

    @contextmanager
    def _stream(self) -> Iterator[None]:
        """The streams of STREAMS."""
        firehose = self._stack.client("firehose")
        target = {"RoleARN": "arn:aws:iam::000000000000:role/rights", "BucketARN": "arn:aws:s3:::rights"}
        for name in STREAMS:
            firehose.create_delivery_stream(
                DeliveryStreamName=name, ExtendedS3DestinationConfiguration=target
            )
        try:
            yield
        finally:
            for name in STREAMS:
                firehose.delete_delivery_stream(DeliveryStreamName=name)
