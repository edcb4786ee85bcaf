"""A system as its functions define it, for the operator's commands: its accounts, its subject fields."""

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
    """A system reads its settings when it is imported. The operator's environment holds none, but may use
    names such as `STRICT` or `DELIVERY` for something else."""
    environment = dict(os.environ)
    os.environ.clear()
    try:
        yield
    finally:
        os.environ |= environment
