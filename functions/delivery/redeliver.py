"""Redelivery: one function a system; it knows its system from its environment, never from a message."""

import os
from importlib import import_module

from gateway.system import System
from gateway.worker import Worker


def _worker(name: str) -> Worker:
    found = getattr(import_module(f"{name}.system"), name)
    assert isinstance(found, System)  # noqa: S101 - the template names systems only
    found.upstream.prepare()
    return Worker(found.delivery, found.people)


handler = _worker(os.environ["SYSTEM"])
