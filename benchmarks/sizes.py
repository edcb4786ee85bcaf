"""What a deployment uploads for one function and the shared layer, zipped as a release zips them.

The function is the largest of those that have only the shared layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from tests.architecture.house import ENDPOINTS
from tools.release import archive

SHARED = "SharedLayer"
MOST_MEGABYTES = 8


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module. Measured once: a build is the same bytes each time."""
    shared = bench.artifact.layer(SHARED)
    folders = {bench.artifact.task(one) for one in ENDPOINTS if bench.artifact.layers_of(one) == [shared]}
    layer = _zipped(shared, bench.folder / "layer.zip")
    function = max(_zipped(folder, bench.folder / "function.zip") for folder in folders)
    yield Figure(
        name="function + shared layer, zipped", values=(function + layer,), unit="MB", at_most=MOST_MEGABYTES
    )
    yield Figure(name="zipped", values=(function,), unit="MB", of="Trackgate's largest function")
    yield Figure(name="zipped", values=(layer,), unit="MB", of="Trackgate's shared layer")


def _zipped(folder: Path, target: Path) -> float:
    """Megabytes."""
    archive.write(folder, target)
    return target.stat().st_size / 1e6
