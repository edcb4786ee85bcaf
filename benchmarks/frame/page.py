"""docs/performance.md: the figures of one run between two markers; all other text is written by hand."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.frame.figure import Figure, shown
from tools.places import ROOT

PAGE = ROOT / "docs" / "performance.md"

_REASON = 120
"""Characters of a failure that the table has room for."""

_PLACE = re.compile(r"(<!-- figures:[^>]*-->\n).*?(<!-- /figures -->)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a module of benchmarks/ measured, or the reason why it could not. `about`: its docstring."""

    name: str
    about: str
    figures: Sequence[Figure] = ()
    failure: str = ""


def with_figures(page: str, rows: Sequence[Row], about_the_run: str) -> str:
    """The page with a run's figures. Raises ValueError unless it has one place for them."""
    if len(_PLACE.findall(page)) != 1:
        raise ValueError("there must be one place <!-- figures: … --> … <!-- /figures -->")
    return _PLACE.sub(lambda at: f"{at[1]}\n{text(rows, about_the_run)}\n{at[2]}", page)


def text(rows: Sequence[Row], about_the_run: str) -> str:
    """The figures with their goals, then what is behind them, then how each row was measured."""
    behind = [table for row in rows if (table := _behind(row.figures))]
    parts = [about_the_run, _goals(rows)]
    parts += ["Ratios without a goal:", _ratios(rows)] if any(map(_compares, _all(rows))) else []
    parts += ["What is behind the ratios:", *behind] if behind else []
    parts += ["### How it was measured", *(f"**`benchmarks/{row.name}.py`** {row.about}" for row in rows)]
    return "\n\n".join(parts) + "\n"


def _goals(rows: Sequence[Row]) -> str:
    lines = ["| figure | goal | median | min | max | met |", "|---|---|---|---|---|---|"]
    for row in rows:
        for figure in (one for one in row.figures if one.goal):
            met = "yes" if figure.met else "**missed**"
            lines.append(f"| {_named(figure)} | {figure.goal} | {_values(figure)} | {met} |")
        if row.failure:
            reason = row.failure.replace("|", " ")[:_REASON]
            lines.append(f"| `benchmarks/{row.name}.py` | | not measured: {reason} | | | **missed** |")
    return "\n".join(lines)


def _ratios(rows: Sequence[Row]) -> str:
    lines = (f"| {_named(figure)} | {_values(figure)} |" for figure in filter(_compares, _all(rows)))
    return "\n".join(["| ratio | median | min | max |", "|---|---|---|---|", *lines])


def _all(rows: Sequence[Row]) -> Iterator[Figure]:
    return (figure for row in rows for figure in row.figures)


def _compares(figure: Figure) -> bool:
    return not figure.goal and not figure.of


def _values(figure: Figure) -> str:
    return " | ".join(map(shown, (figure.median, min(figure.values), max(figure.values))))


def _behind(figures: Sequence[Figure]) -> str:
    """A line per thing measured, a column per quantity: median, least and most."""
    behind = [figure for figure in figures if figure.of]
    columns = list(dict.fromkeys(_named(figure) for figure in behind))
    by_subject: dict[str, Mapping[str, Figure]] = {}
    for figure in behind:
        by_subject[figure.of] = {**by_subject.get(figure.of, {}), _named(figure): figure}
    if not columns:
        return ""
    lines = [f"| median (min to max) | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for subject, found in by_subject.items():
        cells = (_spread(found[column]) if column in found else "" for column in columns)
        lines.append(f"| {subject} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(figure: Figure) -> str:
    if len(figure.values) == 1:
        return shown(figure.median)
    return f"{shown(figure.median)} ({shown(min(figure.values))} to {shown(max(figure.values))})"


def _named(figure: Figure) -> str:
    return f"{figure.name}, {figure.unit}" if figure.unit else figure.name


def machine() -> str:
    """The processor, its cores, the memory and what else the machine does."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {memory:.0f} GB, "
        f"Linux {platform.release()}, Python {platform.python_version()}; "
        f"load average before the run {os.getloadavg()[0]:.1f}"
    )
