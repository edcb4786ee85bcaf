"""A model that is switched while events wait: what was queued under one is delivered under the other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from tests.changed_settings import changed_settings, for_systems
from tests.fixtures.api import Api
from tests.onesignal.models import MODELS, Sent, events
from tests.until import until
from tools.local.stack import LocalStack
from tools.operator import event_sources
from tools.operator.app import app
from tools.operator.stack import Stack

pytestmark = pytest.mark.parametrize(("before", "after"), [("players", "users"), ("users", "players")])


def switched(local: LocalStack, name: str) -> AbstractContextManager[None]:
    return changed_settings(local, for_systems({"onesignal": MODELS[name].settings}))


def ping(player: str) -> Any:
    return {"player_id": player, "state": "ping", "active_time": 60}


def taken(api: Api, player: str) -> list[Sent]:
    """What OneSignal took that is about a player."""
    known = (player, MODELS["users"].length(player, 60).path)
    return [
        Sent.of(entry)
        for entry in events(api.upstream_requests("onesignal"))
        if entry.verdict == "taken" and any(part in entry.path for part in known)
    ]


def dead_letters(local: LocalStack) -> list[str]:
    got = local.client("sqs").receive_message(
        QueueUrl=local.deployed.resources["OneSignalDeadLetters"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
    )
    return [message["Body"] for message in got.get("Messages", [])]


@pytest.fixture
def command(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`bin/trackgate … --local`."""
    monkeypatch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))

    def run(*arguments: str) -> None:
        done = CliRunner().invoke(app, [*arguments, "--local"])
        assert done.exit_code == 0, done.output

    return run


@pytest.fixture
def no_worker(command: Callable[..., None]) -> Iterator[Callable[[], None]]:
    """Until this is called, what is queued stays: the local AWS kills a worker whose settings change."""
    del command
    stack = Stack.open("trackgate", local=True)
    event_sources.switch(stack, "onesignal", on=False)
    yield lambda: event_sources.switch(stack, "onesignal", on=True)
    event_sources.switch(stack, "onesignal", on=True)


def test_what_is_queued_under_one_is_delivered_under_the_other(
    api: Api, local: LocalStack, no_worker: Callable[[], None], before: str, after: str
) -> None:
    player = str(uuid4())
    api.sandbox.fault("status", system="onesignal", status=500, next=1)
    with switched(local, before):
        answer = api.ask("POST", "/onesignal/increment-session-length", ping(player))
        assert answer.headers["gateway-delivery"] == "queued"

    with switched(local, after):
        no_worker()
        until(lambda: taken(api, player))

    assert taken(api, player) == [MODELS[after].length(player, 60)]


def test_a_dead_letter_of_one_is_redriven_to_the_other(
    api: Api, local: LocalStack, command: Callable[..., None], before: str, after: str
) -> None:
    player = str(uuid4())
    with switched(local, before):
        api.sandbox.fault("status", system="onesignal", status=503)
        answer = api.ask("POST", "/onesignal/increment-session-length", ping(player))
        event_id = answer.headers["gateway-event-id"]
        assert answer.headers["gateway-delivery"] == "queued"
        api.sandbox.clear_faults()
        api.sandbox.fault("status", system="onesignal", status=400, body={"errors": ["no"]})
        until(lambda: any(event_id in letter for letter in dead_letters(local)))
        api.sandbox.clear_faults()
    assert taken(api, player) == []

    with switched(local, after):
        command("deadletters", "redrive", "--yes", "--system", "onesignal")
        until(lambda: taken(api, player))

    assert taken(api, player) == [MODELS[after].length(player, 60)]
    assert not any(event_id in letter for letter in dead_letters(local))


def test_a_repeat_of_what_was_delivered_under_one_is_answered_from_its_record_under_the_other(
    api: Api, local: LocalStack, before: str, after: str
) -> None:
    player, key = str(uuid4()), {"Idempotency-Key": str(uuid4())}
    with switched(local, before):
        first = api.ask("POST", "/onesignal/increment-session-length", ping(player), key)

    with switched(local, after):
        again = api.ask("POST", "/onesignal/increment-session-length", ping(player), key)

    assert (first.status, first.headers["gateway-delivery"]) == (200, "delivered")
    assert (again.status, again.json) == (200, first.json)
    assert again.headers["idempotency-replayed"] == "true"
    assert taken(api, player) == [MODELS[before].length(player, 60)]
