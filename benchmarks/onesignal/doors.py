"""What a `new-session` costs when it comes through its batch door with 499 others, queued ten at a time.

The built function runs in the emulator; vendors and AWS are a stand-in that answers at once. A round measures
the CPU of 500 single calls, which go to the vendor at once, then that of ten batches, each after a warm-up.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.frame.bench import Bench
from benchmarks.frame.door import Door
from benchmarks.frame.figure import Figure
from benchmarks.onesignal.comparison import EVENT


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    item = {"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd"}
    door = Door("OneSignal", "OneSignalNewSession", EVENT, "/batch/onesignal/new-session", item)
    yield from door.figures(bench)
