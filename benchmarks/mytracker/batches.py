"""How many requests MyTracker gets for 1,000 queued single events of one app and method.

The built worker runs in the emulator and gets them in batches of 50, as their own endpoint queues them.
Measured once: the same messages always make the same requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from benchmarks.frame.session import Caller
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import running_upstreams
from benchmarks.frame.waiting import batches, queued, worked_off
from tools.places import EVENTS

WAITING = 1000
BATCH = 50
MOST_REQUESTS = 60


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    event = json.loads((EVENTS / "mytracker" / "custom_event.json").read_text())
    body = json.loads(event["body"])
    events = (event | {"body": json.dumps(body | {"customUserId": str(number)})} for number in range(WAITING))
    with bench.progress.step("send what waits for MyTracker"):
        messages = queued(bench, "MyTrackerCustomEvent", events)
        with running_upstreams(bench.folder / "mytracker.log") as upstreams:
            worker = bench.start("MyTrackerRedeliver", upstreams.url)
            with worker as emulator, Caller(emulator) as caller:
                for batch in batches(messages, BATCH):
                    worked_off(caller, batch)
            requests = upstreams.count(VENDOR)
    yield Figure(
        name="MyTracker, from the queue: requests per 1,000 single events",
        values=(requests,),
        at_most=MOST_REQUESTS,
    )
