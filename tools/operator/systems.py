"""What the functions know of a system, for an operator's command: its accounts, its fields of people."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.system import System


def known(system: str) -> System:
    """The value that a system's folder of functions/ exports."""
    with _no_settings():
        return System.named(system)


@contextmanager
def _no_settings() -> Iterator[None]:
    """A function reads its settings when it is imported; the operator's environment holds none, yet names
    such as `STRICT` or `DELIVERY` may stand there for something else."""
    kept = dict(os.environ)
    os.environ.clear()
    try:
        yield
    finally:
        os.environ |= kept
