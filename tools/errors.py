"""The error that ends a command with a message for its user."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot go on. The text is for the person at the terminal, and says what to do."""
