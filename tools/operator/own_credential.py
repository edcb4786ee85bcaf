"""A credential that no vendor gave: what a system that keeps its events itself knows of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from tools.operator.stack import Stack
from tools.systems.registry import part

SECONDS = 10.0
"""How long a check may take."""


@dataclass(frozen=True)
class Verdict:
    """What the vendor says of a credential: `accepted`, `refused`, or `unknown` with a reason.

    It is not asked about one that is `absent`, nor about one that is `unusable`: functions would not send it.
    """

    word: Literal["accepted", "refused", "unknown", "absent", "unusable"]
    reason: str = ""


class OwnCredential(Protocol):
    """A system's module `credential`."""

    def needs_credential(self, stack: Stack) -> bool:
        """Whether the stack's store asks for one."""

    def checked(self, value: str) -> str:
        """A credential that the store takes. Raises CommandError, which quotes nothing of another."""

    def check(self, stack: Stack, credential: str) -> Verdict:
        """Whether the store accepts it; nothing is changed there."""


def own_credential(system: str) -> OwnCredential | None:
    """None for a system whose credential is a vendor's."""
    found: OwnCredential | None = part(system, "credential")
    return found


def called(odd: str) -> str:
    """What a person calls a character that a credential may not contain."""
    if odd in "\r\n":
        return "a line break"
    if odd.isspace():
        return "a space" if odd == " " else "white space"
    return "a character beyond ASCII" if odd.isprintable() else "a control character"
