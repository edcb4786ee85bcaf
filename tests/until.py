"""Waits for what another process does, as there is no event to wait for."""

import time
from collections.abc import Callable

SECONDS = 60
"""How long is waited: a busy machine is slow."""


def until[Found](look: Callable[[], Found | None], seconds: float = SECONDS) -> Found:
    """What is looked for, as soon as it is there (true). Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found
