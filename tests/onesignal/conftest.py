"""Fixtures of OneSignal's tests."""

import pytest

from gateway.outbound import aws
from onesignal import identities, lookups, user_calls
from tests.onesignal.stage import Clock, OneSignal, Stage, Table


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """See Stage."""
    table = Table()
    clock = Clock()
    stage = Stage(table, OneSignal(table, clock=clock), clock)
    monkeypatch.setattr(aws, "post", table)
    for module in (identities, lookups, user_calls):
        monkeypatch.setattr(module, "time", clock)

    def count(system: str, name: str, number: int = 1) -> None:
        assert system == "onesignal"
        stage.counted[name] = stage.counted.get(name, 0) + number

    monkeypatch.setattr(user_calls, "count", count)
    return stage
