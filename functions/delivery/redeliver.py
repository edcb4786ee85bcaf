"""Redelivery: one function a system; it knows its system from its environment, never from a message."""

import os

from gateway.delivery.redelivery import Worker
from gateway.system import System


def _worker(name: str) -> Worker:
    found = System.named(name)
    found.upstream.prepare()
    return Worker(found.delivery, found.subject_fields)


handler = _worker(os.environ["SYSTEM"])
