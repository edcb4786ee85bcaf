"""Which of OneSignal's two APIs a task is sent to, and that a switch between them changes no task."""

import json
import sys
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from gateway.core.errors import NotYet, Setup, Transient
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.outcomes import Done, Later
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from gateway.outbound import aws
from gateway.system import System
from onesignal import increment_session_length, track_open
from onesignal.system import onesignal
from onesignal.upstream import Model
from tests.conftest import ROOT
from tests.onesignal.stage import NAMED, TOKEN, USER, Stage, error, queued, task

SAMPLES = ROOT / "tests" / "upgrade" / "made_by_0_1_0" / "queued_messages.ndjson"
MADE_BY_0_1_0 = [text for text in SAMPLES.read_text().splitlines() if '"system":"onesignal"' in text]

USER_CODE = ("onesignal.user_calls", "onesignal.users", "onesignal.identities", "onesignal.lookups")


def endpoint_of(text: str) -> str:
    return str(json.loads(text)["endpoint"])


@pytest.mark.parametrize("text", MADE_BY_0_1_0, ids=endpoint_of)
@pytest.mark.parametrize("model", Model)
def test_what_0_1_0_queued_is_sent_under_either_model(stage: Stage, text: str, model: Model) -> None:
    stage.process(model=model).send(DeliveryTask.loads(text, onesignal.payload), seconds=10)

    if endpoint_of(text) == "track_open":
        assert stage.vendor.calls == ["notification"]
    else:
        assert stage.vendor.calls == {Model.PLAYERS: ["player"], Model.USERS: ["look-up", "user"]}[model]


def test_the_samples_are_of_all_endpoints() -> None:
    assert {endpoint_of(text) for text in MADE_BY_0_1_0} == {
        "new_session",
        "new_purchase",
        "increment_session_length",
        "track_open",
    }


@pytest.mark.parametrize("model", Model)
def test_an_opened_notification_is_the_same_call_in_both_models(
    stage: Stage, model: Model, event: Any
) -> None:
    opened, _ = track_open.handler.task(Request.of(event("onesignal/track_open"), max_body=1000))
    process = stage.process(model=model)

    assert process.wait(opened) == 0
    assert process.send(opened, seconds=10).body == b'{"success": true}'

    (sent,) = stage.vendor.sent
    assert (sent.method, sent.call) == ("PUT", "notification")
    assert sent.body.keys() == {"app_id", "opened"}
    assert sent.headers["Authorization"] == "Key own-key"
    assert stage.table.asked == []


def test_the_model_is_switched_while_tasks_wait(stage: Stage) -> None:
    stage.vendor.script["player"] = [error(503)]
    one = task(**TOKEN)
    with pytest.raises(Transient):
        stage.process(model=Model.PLAYERS).send(one, seconds=10)

    waiting = queued(one)
    stage.process(model=Model.USERS).send(waiting, seconds=10)
    assert stage.vendor.calls == ["player", "look-up", "subscription", "user"]

    stage.process(model=Model.PLAYERS).send(queued(waiting), seconds=10)
    assert stage.vendor.calls[-1] == "player"
    assert stage.vendor.sent[-1].body == stage.vendor.sent[0].body


@pytest.mark.parametrize(
    ("stacks", "own", "calls"),
    [
        (Model.PLAYERS, {}, ["player"]),
        (Model.PLAYERS, {"model": "users"}, ["look-up", "user"]),
        (Model.USERS, {"model": "players"}, ["player"]),
        (Model.USERS, {}, ["look-up", "user"]),
    ],
)
def test_a_named_app_may_have_a_model_of_its_own(
    stage: Stage, stacks: Model, own: dict[str, str], calls: list[str]
) -> None:
    stage.table.secret = {"credentials": {NAMED: "its-key"}, "accounts": {NAMED: own}}

    stage.process(model=stacks).send(task("on_focus", account=NAMED), seconds=10)

    assert stage.vendor.calls == calls
    assert NAMED in stage.vendor.sent[0].path or stage.vendor.sent[0].body["app_id"] == NAMED


def test_the_stacks_own_app_has_the_stacks_model_whatever_the_secret_says(stage: Stage) -> None:
    stage.table.secret["accounts"] = {"": {"model": "users"}, "*": {"model": "users"}}

    stage.process(model=Model.PLAYERS).send(task("on_focus"), seconds=10)

    assert stage.vendor.calls == ["player"]


def test_a_model_that_is_none_is_a_setup_failure_and_nobody_waits_for_it(stage: Stage) -> None:
    stage.table.secret = {"credentials": {NAMED: "its-key"}, "accounts": {NAMED: {"model": "people"}}}
    process = stage.process()

    assert process.wait(task("on_focus", account=NAMED)) == 0
    with pytest.raises(Setup):
        process.send(task("on_focus", account=NAMED), seconds=10)
    assert stage.vendor.sent == []


def test_a_task_of_a_form_that_nobody_knows_is_a_fault_of_ours_and_kept(stage: Stage) -> None:
    system = _system(stage)
    odd = task("on_focus", active_time=None)

    (fate,) = system.redelivery.send([_pending(odd)], seconds_left=lambda: 60)

    assert isinstance(fate, Later)
    assert fate.error is not None
    assert (fate.reason, fate.error.tried, stage.vendor.sent) == ("fault", False, [])


def test_under_the_players_model_no_code_of_the_other_is_loaded(stage: Stage, monkeypatch: Any) -> None:
    for name in USER_CODE:
        monkeypatch.delitem(sys.modules, name, raising=False)
    process = stage.process(model=Model.PLAYERS)

    process.prepare()
    process.wait(task(**TOKEN))
    process.send(task(**TOKEN), seconds=10)
    assert not sys.modules.keys() & set(USER_CODE)

    stage.process(model=Model.USERS).prepare()
    assert sys.modules.keys() >= set(USER_CODE)


# From end to end, but for the network.


def _system(stage: Stage, **settings: Any) -> System:
    own = {"records": "records", "queue": "queue", "dead_letters": "dead", **settings}
    return replace(onesignal, settings=onesignal.settings.model_copy(update=own), upstream=stage.process())


def _pending(one: DeliveryTask) -> Pending:
    return Pending(task=one, text=one.dumps(), receives=1)


@pytest.fixture
def queue(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is queued."""
    messages: list[str] = []

    def post(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        if service == "sqs":
            messages.append(body["MessageBody"])
            return {}
        return stage.table(service, action, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", post)
    return messages


@pytest.mark.parametrize("name", ["new_session", "new_purchase", "increment_session_length"])
def test_an_app_gets_the_same_answer_from_users(
    stage: Stage, queue: list[str], event: Any, monkeypatch: Any, name: str
) -> None:
    handler: Endpoint[Any, Any] = import_module(f"onesignal.{name}").handler
    monkeypatch.setattr(handler, "system", _system(stage))
    stage.known()

    delivered = handler(event(f"onesignal/{name}"))
    assert (delivered["statusCode"], delivered["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert json.loads(delivered["body"])["response"] == {"success": True}

    stage.vendor.script["user"] = [error(400, "no good")]
    refused = handler(event(f"onesignal/{name}"))
    assert (refused["statusCode"], refused["headers"]["Gateway-Delivery"]) == (400, "rejected")
    assert json.loads(refused["body"])["message"] == "OneSignal: no good"
    assert queue == []


def test_a_new_player_without_a_turn_is_queued_and_delivered_untried_as_long_as_it_takes(
    stage: Stage, queue: list[str], event: Any, monkeypatch: Any
) -> None:
    system = _system(stage)
    monkeypatch.setattr(increment_session_length.handler, "system", system)
    stage.turn(3)

    answer = increment_session_length.handler(event("onesignal/increment_session_length"))
    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (202, "queued")
    waiting = Pending(
        task=DeliveryTask.loads(queue[0], onesignal.payload), text=queue[0], receives=500, last=True
    )

    for _ in range(20):
        (fate,) = system.redelivery.send([waiting], seconds_left=lambda: 60)
        assert isinstance(fate, Later)
        assert isinstance(fate.error, NotYet)
    assert stage.vendor.sent == []
    stage.clock.now += 3

    assert system.redelivery.send([waiting], seconds_left=lambda: 60) == [Done()]
    assert stage.vendor.calls == ["look-up", "user"]


def test_users_who_are_limited_open_no_circuit_breaker(stage: Stage, queue: list[str]) -> None:
    stage.known()
    system = _system(stage)
    stage.vendor.script["user"] = [error(429, retry_after="1") for _ in range(10)]

    fates = system.redelivery.send([_pending(task("on_focus"))] * 10, seconds_left=lambda: 60)

    assert [type(fate) for fate in fates] == [Later] * 10
    assert (len(stage.vendor.sent), system.executor.sender.circuit_breaker("").wait) == (10, 0)


def test_a_limit_per_user_ends_no_event_after_its_delivery_window(stage: Stage, queue: list[str]) -> None:
    stage.known()
    system = _system(stage)
    stage.vendor.script["user"] = [error(429, retry_after="1")]
    waited_for_a_day = replace(_pending(task("on_focus")), last=True)

    (limited,) = system.redelivery.send([waited_for_a_day], seconds_left=lambda: 60)
    (then,) = system.redelivery.send([waited_for_a_day], seconds_left=lambda: 60)

    assert isinstance(limited, Later)
    assert then == Done()


def test_a_new_users_first_minute(stage: Stage, queue: list[str]) -> None:
    system = _system(stage)
    one = _pending(task(**TOKEN))
    stage.vendor.script = {"look-up": [error(404), error(404)], "user": [error(404)]}
    reasons = []

    for _ in range(10):
        (fate,) = system.redelivery.send([one], seconds_left=lambda: 60)
        if isinstance(fate, Done):
            break
        assert isinstance(fate, Later)
        reasons.append(fate.reason)
        stage.clock.now += 5

    assert reasons == ["unknown user"] * 3
    assert stage.vendor.calls == ["look-up", "look-up", "look-up", "subscription", "user", "user"]
    assert stage.vendor.sent[-1].path.endswith(USER)


def test_where_events_may_not_be_queued_the_app_hears_when_to_try_again(
    stage: Stage, event: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(increment_session_length.handler, "system", _system(stage, delivery="off"))
    stage.turn(7)

    answer = increment_session_length.handler(event("onesignal/increment_session_length"))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (502, "7")
    assert answer["headers"]["Gateway-Delivery"] == "unknown"
