"""What a *track* `session` costs when it comes through its batch door with 499 others, into Firehose.

Measured like OneSignal's door; 500 records are one request to Firehose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.frame.bench import Bench
from benchmarks.frame.door import Door
from benchmarks.frame.figure import Figure
from tools.places import EVENTS


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    event = json.loads((EVENTS / "track" / "session.json").read_text())
    item = {"Region": "BR", "SessionID": "7f3c9a", "RemoteIP": "192.0.2.7", "SessionType": "start"}
    store = {"EVENT_STORE": "firehose://bench"}
    yield from Door("track", "TrackSession", event, "/batch/track/session", item, store).figures(bench)
