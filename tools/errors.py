"""What can stop a local run, in words that say what to do about it."""

from __future__ import annotations


class CommandError(Exception):
    """A local run cannot go on. The text is for the person at the terminal, and names the way out."""
