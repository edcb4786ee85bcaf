"""Progress of a long command in a terminal: each step with its duration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Writes steps to a console, or nothing if quiet."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet`: for tests."""
        self.console = Console(quiet=quiet, highlight=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[Callable[[str], None]]:
        """Show a step while it runs, and its duration at the end.

        Yields a function that shows how far the step is.
        """
        started = time.monotonic()
        try:
            with self.console.status(f"{doing} …") as status:
                yield lambda detail: status.update(f"{doing} … {detail}")
        except BaseException:
            self.console.print(f"[red]✗[/red] {doing} [dim]{time.monotonic() - started:5.1f} s[/dim]")
            raise
        self.console.print(f"[green]✓[/green] {doing} [dim]{time.monotonic() - started:5.1f} s[/dim]")
