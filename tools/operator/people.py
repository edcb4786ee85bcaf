"""Where a person is named: the fields that a system says hold a person's id."""

from __future__ import annotations

import json
from importlib import import_module

from gateway.system import System
from tools.operator.trouble import Trouble

MAX_LENGTH = 1024


def fields(system: str) -> frozenset[str]:
    """See gateway.system.System."""
    found = getattr(import_module(f"{system}.system"), system)
    assert isinstance(found, System)  # noqa: S101 - a folder of functions/
    return found.people


def checked(person: str) -> str:
    """A person's id. Raises Trouble for what would name everybody: an absent one is stored as "" and 0."""
    if person.strip() in ("", "0") or len(person) > MAX_LENGTH:
        raise Trouble("That is nobody's id")
    return person


def mentions(text: str, person: str) -> bool:
    """Whether a text that nobody can parse may be about a person."""
    return person in text or json.dumps(person)[1:-1] in text
