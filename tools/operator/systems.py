"""A system as its functions define it, for the operator's commands: its accounts, its endpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from gateway.endpoint import Endpoint
from gateway.system import System
from tools.places import BATCH, EVENTS


def known(system: str) -> System:
    """The value that a system's folder of functions/ exports."""
    with _no_settings():
        return System.named(system)


def endpoints(system: str) -> dict[str, Endpoint[Any, Any]]:
    """A system's endpoints by name; each has a sample event."""
    with _no_settings():
        return {
            file.stem: import_module(f"{system}.{file.stem}").handler
            for file in sorted((EVENTS / system).glob("*.json"))
            if file.stem != BATCH
        }


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
