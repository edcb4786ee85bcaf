"""Redelivery: one function per system, which its environment names; a message never does."""

import os

from gateway.delivery.redelivery import Redelivery
from gateway.system import System


def _worker(name: str) -> Redelivery:
    found = System.named(name)
    found.prepare()
    return found.redelivery


handler = _worker(os.environ["SYSTEM"])
