"""A MyTracker batch of two events beside a single event, each in the Lambda runtime emulator.

The functions take turns and are called 1,000 times per session, as in `benchmarks/onesignal/calls.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.turns import NAMES, Subject, behind, in_turns
from benchmarks.frame.upstreams import running_upstreams
from tools.places import EVENTS

SINGLE = "Trackgate, a single MyTracker event"
BATCH = "Trackgate, a MyTracker batch of two"


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    folder = EVENTS / "mytracker"
    single = json.loads((folder / "custom_event.json").read_text())
    batch = json.loads((folder / "custom_event_batch.json").read_text())
    with running_upstreams(bench.folder / "stand-in.log") as upstreams:
        start = partial(bench.start, upstreams=upstreams.url)
        subjects = (
            Subject(SINGLE, partial(start, "MyTrackerCustomEvent"), lambda number: single),
            Subject(BATCH, partial(start, "MyTrackerCustomEventBatch"), lambda number: batch),
        )
        values = in_turns(bench, subjects, upstreams)
    for quantity in ("warm", "cpu"):
        yield Figure(
            name=f"{NAMES[quantity]}: a MyTracker batch of two, against a single event",
            values=ratios(values[BATCH][quantity], values[SINGLE][quantity]),
        )
    yield from behind(values)
