"""What a deployment uploads for one function and the shared layer, zipped as a release zips them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from tools.release import archive

MOST_MEGABYTES = 8


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module. Measured once: a build is the same bytes each time."""
    parts = {
        "function": bench.artifact.task(bench.function("OneSignalNewSession")),
        "shared layer": bench.artifact.layer("SharedLayer"),
    }
    sizes = {}
    for name, folder in parts.items():
        target = bench.folder / f"{name}.zip"
        archive.write(folder, target)
        sizes[name] = target.stat().st_size / 1e6
    total = sum(sizes.values())
    yield Figure(name="function + shared layer, zipped", values=(total,), unit="MB", at_most=MOST_MEGABYTES)
    for name, size in sizes.items():
        yield Figure(name="zipped", values=(size,), unit="MB", of=f"Trackgate's {name}")
