"""What the person at the terminal sees of a local run: each step with its seconds, then what there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console

from tools.template.reader import Route


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
        rows = [(route.endpoint, route.path) for route in routes]
        width = max((len(endpoint) for endpoint, _ in rows), default=0)
        said = ""
        self.console.print()
        for endpoint, path in [("endpoint", "path"), *rows]:
            # Not a table of rich's, which would fold paths: they are there to be copied.
            line = f"{'' if endpoint == said else endpoint:<{width}}   {path}"
            self.console.print(line, soft_wrap=True, markup=False, style="bold" if not said else None)
            said = endpoint
        self.console.print()
        for system, url in upstreams.items():
            self.console.print(f"{system} is at {url}", soft_wrap=True)
