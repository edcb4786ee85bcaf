"""The systems that there are: every folder here that has a profile."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.systems.profile import Profile
from tools.systems.vendor import Vendor

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The systems' names, in alphabetical order."""
    return sorted(path.parent.name for path in FOLDER.glob("*/profile.py"))


@cache
def profile(name: str) -> Profile:
    """A system's profile; no other system's is imported. Raises ModuleNotFoundError if it has none."""
    found = import_module(f"tools.systems.{name}.profile").PROFILE
    assert isinstance(found, Profile)  # noqa: S101 - the folder's contract
    return found


def profiles() -> dict[str, Profile]:
    """Every system's profile by name."""
    return {name: profile(name) for name in names()}


def part(name: str, tool: str) -> Any:
    """A system's own module for one tool, `tools/systems/<name>/<tool>.py`, imported; None if it has none.

    The tool says what such a module must hold.
    """
    if not (FOLDER / name / f"{tool}.py").is_file():
        return None
    return import_module(f"tools.systems.{name}.{tool}")


def parts(tool: str) -> dict[str, Any]:
    """The modules for one tool of all systems that have one, by the system's name."""
    return {name: found for name in names() if (found := part(name, tool)) is not None}


def vendors() -> dict[str, Vendor]:
    """A fresh vendor for each system that has one, by the system's name."""
    return {name: found.vendor() for name, found in profiles().items() if found.vendor is not None}
