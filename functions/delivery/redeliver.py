"""Redelivery: one function a system; it knows its system from its environment, never from a message."""

import os

from gateway.delivery.redelivery import Redelivery
from gateway.system import System


def _worker(name: str) -> Redelivery:
    found = System.named(name)
    found.upstream.prepare()
    return found.redelivery


handler = _worker(os.environ["SYSTEM"])
