"""What the person at the terminal sees of a local run: each step with its seconds, then what there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from tools.local.template import Route


class Progress:
    """Writes steps to a console; quiet ones write nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet`: for tests."""
        self.console = Console(quiet=quiet, highlight=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[Callable[[str], None]]:
        """One step: what is being done while it runs, and its seconds when it is done.

        The block is given what shows how far it is.
        """
        begun = time.monotonic()
        try:
            with self.console.status(f"{doing} …") as status:
                yield lambda how_far: status.update(f"{doing} … {how_far}")
        except BaseException:
            self.console.print(f"[red]✗[/red] {doing} [dim]{time.monotonic() - begun:5.1f} s[/dim]")
            raise
        self.console.print(f"[green]✓[/green] {doing} [dim]{time.monotonic() - begun:5.1f} s[/dim]")

    def endpoints(self, routes: Iterable[Route], upstreams: Mapping[str, str]) -> None:
        """The table of what the API answers; `upstreams` by system."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        table.add_column("endpoint", no_wrap=True)
        table.add_column("path", overflow="fold")
        endpoint = ""
        for route in routes:
            again = route.endpoint == endpoint
            endpoint = route.endpoint
            table.add_row("" if again else endpoint, route.path)
        self.console.print()
        self.console.print(table)
        self.console.print()
        for system, url in upstreams.items():
            self.console.print(f"{system} is at {url}", soft_wrap=True)
