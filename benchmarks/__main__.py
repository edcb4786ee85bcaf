"""`python -m benchmarks`: measures every row that there is, prints the figures, writes docs/performance.md.

A row is a module of this folder, or of a system's folder in it, with a function `figures`, which takes a
Bench and yields its Figures; its docstring says how they are measured. Only a complete run is written into
the page.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.frame import page
from benchmarks.frame.bench import Bench, prepared
from benchmarks.frame.page import PAGE, Row
from tools.progress import Progress

ROUNDS = 9


def rows() -> dict[str, ModuleType]:
    """The modules that measure, by their paths in this folder: `acme/drain`."""
    folder = Path(__file__).parent
    found = {}
    for path in [*sorted(folder.glob("*.py")), *sorted(folder.glob("*/*.py"))]:
        name = path.relative_to(folder).with_suffix("").as_posix()
        if path.stem.startswith("__") or name.startswith("frame/"):
            continue
        module = importlib.import_module(f"benchmarks.{name.replace('/', '.')}")
        if hasattr(module, "figures"):
            found[name] = module
    return found


def main() -> int:
    """See the module; 1 if a row could not be measured. A missed goal is a figure, and no failure."""
    found = rows()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often (default: {ROUNDS})")
    parser.add_argument(
        "--rows", nargs="*", choices=list(found), default=[], help="only these; writes nothing"
    )
    options = parser.parse_args()
    chosen = options.rows or list(found)
    progress = Progress()
    about = f"{datetime.now(UTC):%Y-%m-%d}, {options.rounds} rounds, on {page.machine()}."
    with tempfile.TemporaryDirectory() as folder:
        bench = prepared(options.rounds, Path(folder), progress)
        measured = [_measured(bench, name, found[name]) for name in chosen]
    if not options.rows:
        PAGE.write_text(page.with_figures(PAGE.read_text(), measured, about))
    progress.console.print(page.text(measured, about), markup=False, soft_wrap=True)
    return 1 if any(row.failure for row in measured) else 0


def _measured(bench: Bench, name: str, module: ModuleType) -> Row:
    about = " ".join(inspect.cleandoc(module.__doc__ or "").split())
    try:
        return Row(name=name, about=about, figures=tuple(module.figures(bench)))
    except (Exception, pytest.skip.Exception) as error:  # a component is missing; the other rows still count
        bench.progress.console.print_exception()
        return Row(name=name, about=about, failure=f"{type(error).__name__}: {error}".splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
