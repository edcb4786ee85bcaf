"""What commands print: answers on standard output, notes and questions on standard error."""

from __future__ import annotations

from rich.console import Console

out = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


def note(text: str, style: str = "") -> None:
    """A line for the operator, apart from what a script reads; nothing in it is markup."""
    notes.print(text, style=style, markup=False, soft_wrap=True)
