"""Redelivery: one function a system; it knows its system from its environment, never from a message."""

import os
from importlib import import_module

from gateway.system import System
from gateway.worker import Worker


def _system(name: str) -> System:
    found = getattr(import_module(f"{name}.system"), name)
    assert isinstance(found, System)  # noqa: S101 - the template names systems only
    found.upstream.prepare()
    return found


handler = Worker(_system(os.environ["SYSTEM"]).delivery)
