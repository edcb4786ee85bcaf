"""Waits until a run's events have arrived, and reads which ones the event store has."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from tests.profiles import profiles
from tools.local.stack import LocalStack
from tools.local.workers import Queues


def settle(stack: LocalStack, seconds: float = 30) -> None:
    """Return when the queues are empty. Raises TimeoutError."""
    waiting = Queues(stack.aws, stack.template, stack.deployed)
    end = time.monotonic() + seconds
    while left := waiting.count():
        if time.monotonic() > end:
            raise TimeoutError(f"{left} events are still queued after {seconds} s")
        time.sleep(0.5)


def stored(stack: LocalStack) -> set[str]:
    """The gateway event ids of every row."""
    path = stack.event_store.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return {
            number
            for profile in profiles().values()
            for table in profile.tables
            for (number,) in store.execute(f"SELECT GatewayEventID FROM {table}")  # noqa: S608 - our own names
        }
