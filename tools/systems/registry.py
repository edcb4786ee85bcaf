"""The systems that there are: every folder here that has a profile."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

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


def vendors() -> dict[str, Vendor]:
    """A fresh vendor for each system that has one, by the system's name."""
    return {name: found.vendor() for name, found in profiles().items() if found.vendor is not None}
