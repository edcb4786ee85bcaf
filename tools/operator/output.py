"""What commands print: results on standard output, notes and questions on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

UNCUT = 100_000
"""Columns of a console that is not a terminal: nothing is cut that a script reads."""


_OBEYED = {*range(0x20), *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - set(b"\t\n")
_HARMLESS = dict.fromkeys(_OBEYED, "\N{REPLACEMENT CHARACTER}")
"""What a terminal would obey, and what turns the direction of a line."""


class _Console(Console):
    """Prints what apps and vendors sent as text: a terminal obeys none of it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See Console; its own control codes stay."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=segment.text.translate(_HARMLESS))


def _console(*, stderr: bool) -> Console:
    console = _Console(stderr=stderr, highlight=False)
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
