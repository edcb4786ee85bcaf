"""`python -m tests.runtime.init_times`: INIT with and without bytecode or a hold to read, the layers' sizes.

All are measured in turns, so that whatever else the machine does falls on all alike. INIT is from the start
of the function's process to its first wait for an event: imports, settings, and what is fetched, the secret
and the hold side by side (answered at once on this machine; on AWS it takes some milliseconds more). Only
Lambda itself can say what AWS takes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.architecture.house import ENDPOINTS, Function
from tests.runtime.artifact import Artifact
from tests.runtime.workbench import Workbench, workbench

ONE_A_SYSTEM = list({function.folder: function for function in reversed(ENDPOINTS)}.values())[::-1]


type Variant = tuple[Artifact, str]
"""An artifact, and the idempotency table in which a function finds its hold; empty if it has none."""


def measured(bench: Workbench, function: Function, variants: list[Variant], rounds: int) -> list[list[float]]:
    """INIT in milliseconds, a list a variant; a first round, which warms the disk's cache, is left out."""
    found: list[list[float]] = [[] for _ in variants]
    event = json.loads(function.event.read_text())
    for _ in range(rounds + 1):
        for times, (artifact, records) in zip(found, variants, strict=True):
            with bench.start(function, artifact, RECORDS=records) as emulator:
                emulator.invoke(event)
                times.append(emulator.init_milliseconds)
    return [times[1:] for times in found]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.runtime.init_times", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, workbench(Path(folder)) as bench:
        without = bench.artifact.with_layer_changed(Path(folder) / "without", without="*.pyc")
        table = Table(title=f"INIT, milliseconds: median (least) of {rounds} runs, {os.cpu_count()} cores")
        for name in ("function", "as deployed", "without bytecode", "without a hold to read"):
            table.add_column(name, justify="left" if name == "function" else "right")
        for function in ONE_A_SYSTEM:
            variants = [(bench.artifact, "records"), (without, "records"), (bench.artifact, "")]
            times = measured(bench, function, variants, rounds)
            shown = [f"{statistics.median(one):.0f} ({min(one):.0f})" for one in times]
            table.add_row(function.logical_id, *shown)
        console = Console()
        console.print(table)
        console.print(_sizes(bench.artifact, without))


def _sizes(artifact: Artifact, without: Artifact) -> Table:
    table = Table(title="Layers, megabytes unpacked")
    for name in ("layer", "with bytecode", "without"):
        table.add_column(name, justify="left" if name == "layer" else "right")
    for layer in artifact.layers:
        table.add_row(layer, *(f"{megabytes(one.layer(layer)):.1f}" for one in (artifact, without)))
    return table


def megabytes(folder: Path) -> float:
    """What the files under a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
