"""What commands print: results on standard output, notes and questions on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tools.terminal import Terminal

UNCUT = 100_000
"""Columns of a console that is not a terminal: nothing is cut that a script reads."""


def _console(*, stderr: bool) -> Console:
    console = Terminal(stderr=stderr, highlight=False)
    if not console.file.isatty():
        console.width = UNCUT
    return console


out = _console(stderr=False)
notes = _console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line instead of a table.")]


def note(text: str, style: str = "") -> None:
    """A line for the operator, separate from what a script reads; nothing in it is markup."""
    notes.print(text, style=style, markup=False, soft_wrap=True)


def table(*columns: str, right: Iterable[str] = (), whole: Mapping[str, int] | None = None) -> Table:
    """An empty table in the common style; in a narrow window its cells are wrapped, never cut.

    `right`: columns of numbers. `whole`: columns to copy from, kept on one line, with their widths.
    """
    made = Table(box=None, pad_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold", justify="right" if name in right else "left")
        if whole and name in whole:
            made.columns[-1].no_wrap, made.columns[-1].min_width = True, whole[name]
    return made


def print_json(value: Mapping[str, Any]) -> None:
    """One line of JSON, in ASCII."""
    out.print(json.dumps(value), markup=False, soft_wrap=True)
