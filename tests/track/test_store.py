"""The store as a system's upstream: a bad setting is heard by the first task, never by INIT."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import NotYet, Setup
from gateway.delivery.sender import Upstream
from track.store import EventStore

from .conftest import task_of


def test_it_is_an_upstream_that_opens_by_itself() -> None:
    store = EventStore("sqlite:///:memory:")
    upstream: Upstream = store

    assert upstream.send(task_of("UserEvent"), seconds=1).status == 201
    upstream.prepare()
    assert upstream.send_many([task_of("UserEvent"), task_of("ItemEvent")], seconds=1) == [None, None]
    store.close()


def test_a_bad_setting_is_heard_by_the_first_call() -> None:
    upstream = EventStore("redis://nowhere")
    upstream.prepare()

    with pytest.raises(Setup, match="store URL unreadable"):
        upstream.send(task_of("UserEvent"), seconds=1)
    with pytest.raises(Setup, match="store URL unreadable"):
        upstream.send_many([task_of("UserEvent"), task_of("ItemEvent")], seconds=1)


def test_threads_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/track.db"
    with closing(EventStore(url)) as store, ThreadPoolExecutor(8) as threads:
        rows = [[task_of("UserEvent") for _ in range(50)] for _ in range(16)]
        outcomes = list(threads.map(lambda several: store.send_many(several, seconds=60), rows))

        assert outcomes == [[None] * 50] * 16
    with closing(sqlite3.connect(f"{tmp_path}/track.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM UserEvent").fetchone() == (800,)


def test_a_turn_that_does_not_come_in_time_is_no_try() -> None:
    with closing(EventStore("sqlite:///:memory:")) as store, store._turn:
        with pytest.raises(NotYet, match="store busy") as raised:
            store.send(task_of("UserEvent"), seconds=0.01)
        assert not raised.value.tried
