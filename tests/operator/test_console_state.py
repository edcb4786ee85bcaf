"""The console's queues, dead letters and keys are the operator's own: nothing is lost by looking."""

import hashlib
import json
from collections.abc import Callable

import pytest

from gateway.core.task import DeliveryTask
from tests.operator.conftest import World
from tools.console import state
from tools.console.state import DROP, REDRIVE, State
from tools.masks import MASK, Masks

MakeTask = Callable[..., DeliveryTask]


@pytest.fixture
def masks() -> Masks:
    return Masks()


@pytest.fixture
def read(world: World, masks: Masks, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setattr(state, "FRESH_SECONDS", -1)
    return State(world.stack, masks, ["the-store's-password"])


def test_it_shows_queues_dead_letters_and_keys_and_leaves_every_letter(
    world: World, make_task: MakeTask, read: State
) -> None:
    first = make_task()
    texts = [world.dead_letter(first, age=60, status=400), world.dead_letter(make_task())]
    world.sqs.send_message(QueueUrl=world.stack.queue(first.system), MessageBody="{}")
    world.run("keys", "create", "an app", "--system", first.system, "--allow", "*")

    for _ in range(3):
        shown = read.data()

    (system,) = (each for each in shown["systems"] if each["name"] == first.system)
    assert system == {
        "name": first.system,
        "queued": 1,
        "in_flight": 0,
        "dead_letters": 2,
        "held": False,
    }
    assert [each["id"] for each in shown["dead_letters"]][-1] == first.event_id
    assert shown["dead_letters"][-1]["error"] == "refused (400)"
    assert 60 <= shown["dead_letters"][-1]["age_seconds"] < 120
    assert [(key["name"], key["systems"]) for key in shown["keys"]] == [("an app", [first.system])]
    assert sorted(world.dead()) == sorted(texts)


def test_a_dead_letter_is_sent_again_or_dropped_and_no_other(
    world: World, make_task: MakeTask, read: State
) -> None:
    again, drop, stays = make_task(), make_task(), make_task()
    late = make_task(expires_in=-1)
    texts = {task.event_id: world.dead_letter(task) for task in (again, drop, stays, late)}

    redriven = read.act(REDRIVE, [again.event_id, late.event_id, "nobody's"])
    dropped = read.act(DROP, [drop.event_id])

    assert redriven == {"done": [again.event_id], "missing": sorted([late.event_id, "nobody's"])}
    assert dropped == {"done": [drop.event_id], "missing": []}
    assert world.queued() == [texts[again.event_id]]
    assert sorted(world.dead()) == sorted([texts[stays.event_id], texts[late.event_id]])
    assert [(metric, number) for _, metric, number in world.cloudwatch.counted] == [
        ("Redriven", 1),
        ("OperatorDropped", 1),
    ]


def test_credentials_are_hidden_as_soon_as_they_are_read(
    world: World, make_task: MakeTask, read: State, masks: Masks
) -> None:
    system = make_task().system
    key = "a-client-key"
    document = {
        "credentials": {"*": "first-credential", "app": "second-credential", "odd": {"not": "text"}},
        "client_keys": [{"id": "1", "sha256": hashlib.sha256(key.encode()).hexdigest()}],
    }
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret(system), SecretString=json.dumps(document)
    )

    assert read.learn()
    assert not read.learn()

    masks.learn([("Authorization", key)], "/")
    shown = masks.text(f"first-credential second-credential the-store's-password {key}")
    assert shown == " ".join([MASK] * 4)


def test_a_secret_that_somebody_broke_hides_nothing_and_stops_nothing(
    world: World, make_task: MakeTask, read: State
) -> None:
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret(make_task().system), SecretString="no JSON"
    )

    assert not read.learn()
    assert read.data()["keys"] == []
