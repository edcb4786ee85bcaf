"""The store as a system's upstream: a bad setting is heard by the first task, never by INIT."""

import pytest

from gateway.core.errors import Setup
from gateway.delivery.executor import Upstream
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
    outcomes = upstream.send_many([task_of("UserEvent"), task_of("ItemEvent")], seconds=1)
    assert [type(outcome) for outcome in outcomes] == [Setup, Setup]
