"""Redelivery: one function a system; it knows its system from its environment, never from a message."""

import os
from importlib import import_module

from gateway.delivery.redelivery import Worker
from gateway.system import System


def _worker(name: str) -> Worker:
    found = getattr(import_module(f"{name}.system"), name)
    assert isinstance(found, System)  # noqa: S101 - the template names systems only
    found.upstream.prepare()
    return Worker(found.delivery, found.subject_fields)


handler = _worker(os.environ["SYSTEM"])
