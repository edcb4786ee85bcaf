"""The credential of a system that keeps its own events: its store's, not a vendor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from tools.operator.stack import Stack
from tools.systems.registry import part

SECONDS = 10.0
"""How long a check may take."""


@dataclass(frozen=True)
class Verdict:
    """The vendor's verdict on a credential: `accepted`, `refused`, or `unknown` with a reason.

    The vendor is not asked about one that is `absent`, or `unusable`: functions would not send it.
    """

    word: Literal["accepted", "refused", "unknown", "absent", "unusable"]
    reason: str = ""


class OwnCredential(Protocol):
    """The module `credential` of a system that keeps its own events."""

    def needs_credential(self, stack: Stack) -> bool:
        """Whether the stack's store needs one."""

    def checked(self, value: str) -> str:
        """A credential that the store accepts. Raises CommandError, whose text quotes no part of it."""

    def check(self, stack: Stack, credential: str) -> Verdict:
        """Whether the store accepts it; changes nothing there."""


def own_credential(system: str) -> OwnCredential | None:
    """None for a system whose credential is a vendor's."""
    found: OwnCredential | None = part(system, "credential")
    return found


def character_name(odd: str) -> str:
    """The name of a character that a credential must not contain."""
    if odd in "\r\n":
        return "a line break"
    if odd.isspace():
        return "a space" if odd == " " else "white space"
    return "a character beyond ASCII" if odd.isprintable() else "a control character"
