"""Pages of a real, headless Chromium, driven by Playwright and judged by axe."""

import contextlib
import itertools
import json
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.components import CHROMIUM, NODE

HERE = Path(__file__).parent
_STOP_SECONDS = 10

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # Nothing but the page's own calls.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)


class Browser:
    """One Chromium, for the length of a `with` block. Skips the test where it or Node.js is missing."""

    def __init__(self, modules: Path, log: Path) -> None:
        """`modules`: the folder of the installed packages; `log`: where Node.js writes what goes wrong."""
        chromium = CHROMIUM.program("chromium")
        self._command = [NODE.program("node"), str(HERE / "drive.js"), str(modules), chromium, *_FLAGS]
        self._log = log
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        """Start it."""
        self._running = contextlib.ExitStack()
        errors = self._running.enter_context(self._log.open("w"))
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        return self

    def __exit__(self, *failure: object) -> None:
        """Stop it: it ends with its input."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()
        self._running.close()

    def ask(self, **asked: Any) -> Any:
        """What drive.js tells. Raises AssertionError with Playwright's own words."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        told = json.loads(line) if line else {"error": f"Node.js ended: {self._log.read_text()[-2000:]}"}
        assert "error" not in told, told["error"]
        return told["value"]

    def open(
        self,
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        theme: str = "light",
        motion: str = "reduce",
    ) -> "Page":
        """A page with a profile of its own; sizes in CSS pixels, `theme`: light or dark."""
        page = Page(self, str(next(self._numbers)))
        look = {"width": width, "height": height, "theme": theme, "motion": motion}
        self.ask(act="open", page=page.name, url=url, **look)
        return page


class Page:
    """One page. `at` is a selector of Playwright's, as CSS or `text=…` or `role=button`; the first counts."""

    def __init__(self, browser: Browser, name: str) -> None:
        self._browser = browser
        self.name = name

    def _ask(self, act: str, **asked: Any) -> Any:
        return self._browser.ask(act=act, page=self.name, **asked)

    def close(self) -> None:
        """With its profile."""
        self._ask("close")

    def goto(self, url: str) -> None:
        """Open another address."""
        self._ask("goto", url=url)

    def reload(self) -> None:
        """As the browser's button does."""
        self._ask("reload")

    def press(self, *keys: str) -> None:
        """Keys as Playwright names them, one after the other."""
        for key in keys:
            self._ask("press", key=key)

    def click(self, at: str) -> None:
        """Wait until it can be clicked, and do so."""
        self._ask("click", at=at)

    def fill(self, at: str, text: str) -> None:
        """Replace the text of a field."""
        self._ask("fill", at=at, text=text)

    def choose(self, at: str, value: str) -> None:
        """Of a list."""
        self._ask("choose", at=at, value=value)

    def wait(self, at: str, state: str = "visible") -> None:
        """Until it is visible, or `hidden`."""
        self._ask("wait", at=at, state=state)

    def until(self, code: str) -> None:
        """Wait until an expression is true."""
        self._ask("until", code=code)

    def text(self, at: str) -> str:
        """As it is drawn."""
        return str(self._ask("text", at=at))

    def count(self, at: str) -> int:
        """How many there are."""
        return int(self._ask("count", at=at))

    def evaluate(self, code: str) -> Any:
        """The value of an expression, or of a promise."""
        return self._ask("evaluate", code=code)

    def shot(self, path: Path) -> None:
        """A picture of what is in sight."""
        self._ask("shot", path=str(path))

    def axe(self, *rules: str) -> list[str]:
        """What axe finds of these rules; without any, of WCAG 2.2 A and AA and of its best practices."""
        return list(self._ask("axe", rules=rules or None))

    @property
    def requested(self) -> list[str]:
        """Every address that was asked for."""
        return list(self._ask("heard")["requested"])

    @property
    def faults(self) -> list[str]:
        """Errors of its scripts, and what its policy refused."""
        return list(self._ask("heard")["faults"])
