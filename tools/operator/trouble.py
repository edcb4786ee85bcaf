"""What can stop a command, in words that say what to do about it."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot go on. The text is for the operator."""
