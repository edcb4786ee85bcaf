"""How fast a local run empties OneSignal's queue of 1,200 events when the vendor takes 200 ms for each.

It is the stack that `make local` deploys to the local AWS, with five workers, a deployed system's default;
the local AWS hands out ten messages at a time. The events are `new-session` calls for as many players, made
while no worker is running. The time runs from enabling the queue's event source to the vendor's last
request. At most three rounds, in one local run.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import Upstreams, running_upstreams
from tools.errors import CommandError
from tools.local.stack import LocalStack
from tools.local.workers import stop_event_sources

WAITING = 1200
VENDOR_SECONDS = 0.2
CLIENTS = 4
MOST_ROUNDS = 3
PATIENCE_SECONDS = 300

LEAST = 40
"""Events per second."""


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    with (
        bench.progress.step("empty the queue of a local run") as detail,
        running_upstreams(bench.folder / "local-vendor.log", vendor_seconds=VENDOR_SECONDS) as upstreams,
        LocalStack(
            state=bench.folder / "local",
            environment={
                "ONESIGNAL_URL": upstreams.url,
                "ONESIGNAL_DELIVERY": "queued",
                "DELIVERY_CONCURRENCY": "5",
            },
        ) as stack,
    ):
        rates = []
        for number in range(min(bench.rounds, MOST_ROUNDS)):
            detail(f"round {number + 1}")
            stop_event_sources(stack.aws)
            _fill(stack)
            rates.append(WAITING / _emptied(stack, upstreams))
    yield Figure(
        name="drain: events per second through a local run's queue, vendor of 200 ms",
        values=tuple(rates),
        at_least=LEAST,
    )


def _fill(stack: LocalStack) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda first: _call(stack, first), range(CLIENTS)))


def _call(stack: LocalStack, first: int) -> None:
    """Every event whose number is `first`, modulo the clients."""
    connection = http.client.HTTPConnection(urlsplit(stack.url).netloc, timeout=30)
    for number in range(first, WAITING, CLIENTS):
        body = json.dumps({"player_id": f"{number:08x}-3289-4651-ad15-3b995718badd"})
        connection.request("POST", "/onesignal/new-session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.headers["Gateway-Delivery"] != "queued":
            raise CommandError(f"an event was not queued: {answer.status} {answer.headers['Gateway-Error']}")
    connection.close()


def _emptied(stack: LocalStack, upstreams: Upstreams) -> float:
    """Seconds until the vendor has them all."""
    source = stack.deployed.resources["OneSignalRedeliverSource"]
    before = upstreams.count(VENDOR)
    started = time.monotonic()
    stack.client("lambda").update_event_source_mapping(UUID=source, Enabled=True)
    while upstreams.count(VENDOR) < before + WAITING:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise CommandError(f"after {PATIENCE_SECONDS} s the queue is not empty")
        time.sleep(0.1)
    return time.monotonic() - started
