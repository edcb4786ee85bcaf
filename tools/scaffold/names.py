"""Which names a new system or endpoint may have, and how they are spelled where."""

from __future__ import annotations

import keyword
import re
from importlib.util import find_spec
from pathlib import Path

from tools.errors import CommandError
from tools.template.reader import Template

_SYSTEM = re.compile(r"[a-z][a-z0-9]{1,29}")
_ENDPOINT = re.compile(r"[a-z]+[0-9]*(_[a-z]+[0-9]*)*")
_LONGEST = 40
_UNKNOWN = "unknown"
"""The sandbox's name for a vendor that nobody knows."""


def pascal(snake: str) -> str:
    """`new_session` is `NewSession`."""
    return snake.title().replace("_", "")


def check_system(root: Path, name: str) -> None:
    """Raises CommandError for a name that a new system cannot have."""
    if not name:
        raise CommandError("name the system: make system NAME=acme")
    if not _SYSTEM.fullmatch(name) or keyword.iskeyword(name) or name == _UNKNOWN:
        raise CommandError(
            f"{name} cannot be a system's name: take 2 to 30 lower-case letters and digits, a letter first, "
            "no keyword of Python"
        )
    taken = systems(root)
    if name in taken:
        raise CommandError(f"{name} already exists: add to it with make endpoint SYSTEM={name} NAME=…")
    # Logical ids begin with the system's name: `AcmeryQueue` could be acme's.
    for other in taken:
        if name.startswith(other) or other.startswith(name):
            raise CommandError(f"{name} and {other} begin alike, as their resources would: choose another")
    if find_spec(name) is not None:
        raise CommandError(f"{name} is a Python package, which functions/{name} would hide: choose another")
    template = Template.read(root / "template.yaml").data
    ids = {*template["Parameters"], *template["Conditions"], *template["Resources"]}
    if clash := sorted(logical_id for logical_id in ids if logical_id.startswith(pascal(name))):
        raise CommandError(f"{name} cannot be a system's name: template.yaml has {clash[0]}")


def check_endpoint(root: Path, system: str, name: str) -> None:
    """Raises CommandError for a name that a new endpoint of the system cannot have."""
    if not name:
        raise CommandError("name the endpoint: make endpoint SYSTEM=acme NAME=ping")
    if not _ENDPOINT.fullmatch(name) or keyword.iskeyword(name) or len(name) > _LONGEST:
        raise CommandError(
            f"{name} cannot be an endpoint's name: take lower-case words joined by _, such as new_session, "
            f"{_LONGEST} characters at most"
        )
    if (root / "functions" / system / f"{name}.py").exists() or name in ("system", "profile"):
        raise CommandError(f"functions/{system}/{name}.py already exists, or has another use")


def systems(root: Path) -> list[str]:
    """The systems that there are."""
    return sorted(file.parent.name for file in (root / "functions").glob("*/stack.yaml"))
