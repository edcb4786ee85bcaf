"""Hold and resume: what is said before, what is written in which order, and that each can be repeated."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from typer.testing import Result

from gateway.core.task import DeliveryTask
from gateway.delivery.hold import FRESH_SECONDS, LONGEST_SECONDS, Hold, item_key
from tests.operator.conftest import SYSTEMS, World
from tests.operator.doctor.aws import Aws
from tests.profiles import endpoints_of, profiles
from tools.operator import event_sources
from tools.operator.hold import commands, item
from tools.operator.stack import Stack

SYSTEM, OTHER, *_ = SYSTEMS
DAY = 24 * 3600
MakeTask = Callable[..., DeliveryTask]


class Killed(BaseException):
    """The command is killed here."""


@dataclass
class Lambda:
    """Event sources that change as AWS's do: not at once, and accepting nothing meanwhile.

    `done` is what happened, in order; `kill_at` is the step at which the command is killed.
    """

    states: dict[str, list[str]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    kill_at: str = ""
    stuck: bool = False

    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        states = self.states[_system(asked)]
        if len(states) > 1 and not self.stuck:
            states.pop(0)
        return {"State": states[0]}

    def update(self, asked: dict[str, Any]) -> dict[str, Any]:
        system, on = _system(asked), json.loads(asked["body"])["Enabled"]
        states = self.states[system]
        self.step(f"{'enable' if on else 'disable'} {system}")
        states[:] = ["Enabling", "Enabling", "Enabled"] if on else ["Disabling", "Disabling", "Disabled"]
        return {"State": states[0]}

    def step(self, what: str) -> None:
        if what == self.kill_at:
            raise Killed
        self.done.append(what)


def _uuid(system: str) -> str:
    """Lambda's name for a system's event source, of the length that it must have."""
    return system.ljust(36, "-")


def _system(asked: dict[str, Any]) -> str:
    return str(asked["url_path"]).rpartition("/")[2].rstrip("-")


@pytest.fixture
def aws(world: World, monkeypatch: pytest.MonkeyPatch) -> Lambda:
    """The world with event sources; the waits are steps, and pass at once."""
    made = Lambda({name: ["Enabled"] for name in SYSTEMS})
    client = Aws({"GetEventSourceMapping": made.get, "UpdateEventSourceMapping": made.update}).client(
        "lambda"
    )
    others = world.stack.client
    stack = replace(world.stack, client=lambda name: client if name == "lambda" else others(name))
    stack.__dict__["resources"] = {
        f"{prefix}RedeliverSource": ("AWS::Lambda::EventSourceMapping", _uuid(name))
        for name, prefix in SYSTEMS.items()
    }
    world.stack = stack
    monkeypatch.setattr(Stack, "open", classmethod(lambda cls, *_, **__: stack))
    monkeypatch.setattr(commands, "sleep", lambda seconds: made.step(f"wait {seconds:.0f} s"))
    monkeypatch.setattr(event_sources, "sleep", lambda seconds: None)
    for name in ("begin", "let_the_worker_deliver", "end"):
        monkeypatch.setattr(item, name, _noted(made, name, getattr(item, name)))
    return made


def _noted(aws: Lambda, name: str, task: Callable[..., Any]) -> Callable[..., Any]:
    def noted(stack: Stack, system: str, *given: Any, **further: Any) -> Any:
        aws.step(f"{name} {system}")
        return task(stack, system, *given, **further)

    return noted


def held(world: World, system: str = SYSTEM) -> Hold | None:
    return item.read(world.stack, system)


def put(world: World, *, since: float, until: float, system: str = SYSTEM) -> None:
    """A hold that began and ends so many seconds from now."""
    now = time.time()
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records(system),
        Item={
            "key": {"S": item_key(system)},
            "since": {"N": f"{now + since:.0f}"},
            "until": {"N": f"{now + until:.0f}"},
        },
    )


def unfolded(result: Result) -> str:
    return " ".join(result.output.split())


def test_a_hold_is_written_known_everywhere_and_then_the_worker_is_off(world: World, aws: Lambda) -> None:
    world.run("hold", "--system", SYSTEM, "--for", "4h", "--yes")

    assert aws.done == [f"begin {SYSTEM}", f"wait {FRESH_SECONDS:.0f} s", f"disable {SYSTEM}"]
    found = held(world)
    assert found is not None
    assert found.until - found.since == 4 * 3600
    assert abs(found.since - time.time()) < 60
    stored = world.stack.client("dynamodb").get_item(
        TableName=world.stack.records(SYSTEM), Key={"key": {"S": item_key(SYSTEM)}}
    )["Item"]
    assert float(stored["expires"]["N"]) - found.until == item.KEEP_SECONDS


def test_the_worker_delivers_before_its_source_is_on_and_the_item_goes_last(
    world: World, aws: Lambda
) -> None:
    world.run("hold", "--system", SYSTEM, "--yes")
    aws.done.clear()

    world.run("resume", "--system", SYSTEM)

    assert aws.done == [
        f"let_the_worker_deliver {SYSTEM}",
        f"wait {FRESH_SECONDS:.0f} s",
        f"enable {SYSTEM}",
        f"end {SYSTEM}",
    ]
    assert (held(world), aws.states[SYSTEM]) == (None, ["Enabled"])


def test_several_systems_wait_once(world: World, aws: Lambda) -> None:
    world.run("hold", *("--system", SYSTEM), *("--system", OTHER), "--yes")

    waits = [step for step in aws.done if step.startswith("wait")]
    assert len(waits) == 1
    assert [system for system in SYSTEMS if held(world, system)] == [SYSTEM, OTHER]
    assert [aws.states[each] for each in list(SYSTEMS)[2:]] == [["Enabled"]] * (len(SYSTEMS) - 2)


HOLD = [f"begin {SYSTEM}", "wait 10 s", f"disable {SYSTEM}"]
RESUME = [f"let_the_worker_deliver {SYSTEM}", "wait 10 s", f"enable {SYSTEM}", f"end {SYSTEM}"]


@pytest.mark.parametrize("step", HOLD)
def test_a_hold_killed_at_any_step_is_finished_by_the_next(world: World, aws: Lambda, step: str) -> None:
    aws.kill_at = step
    with pytest.raises(Killed):
        world.run("hold", "--system", SYSTEM, "--yes")
    source = aws.states[SYSTEM]
    assert held(world) or source == ["Enabled"], "no event may wait for a worker that nobody holds"

    aws.kill_at = ""
    world.run("hold", "--system", SYSTEM, "--yes")

    assert held(world) is not None
    assert aws.states[SYSTEM] == ["Disabled"]


@pytest.mark.parametrize("step", RESUME)
def test_a_resume_killed_at_any_step_is_finished_by_the_next(world: World, aws: Lambda, step: str) -> None:
    world.run("hold", "--system", SYSTEM, "--yes")
    aws.kill_at = step
    with pytest.raises(Killed):
        world.run("resume", "--system", SYSTEM)
    assert held(world), "until the worker is on"

    aws.kill_at = ""
    world.run("resume", "--system", SYSTEM)

    assert (held(world), aws.states[SYSTEM]) == (None, ["Enabled"])


@pytest.mark.parametrize("step", RESUME)
def test_a_resume_killed_at_any_step_can_be_a_hold_again(world: World, aws: Lambda, step: str) -> None:
    world.run("hold", "--system", SYSTEM, "--yes")
    aws.kill_at = step
    with pytest.raises(Killed):
        world.run("resume", "--system", SYSTEM)
    aws.kill_at = ""

    world.run("hold", "--system", SYSTEM, "--yes")

    found = held(world)
    assert found is not None
    assert not found.resuming
    assert aws.states[SYSTEM] == ["Disabled"]


def test_what_is_not_held_can_be_resumed_and_a_source_disabled_by_hand_is_enabled(
    world: World, aws: Lambda
) -> None:
    aws.states[OTHER] = ["Disabled"]

    result = world.run("resume", *("--system", SYSTEM), *("--system", OTHER))

    assert f"{SYSTEM} is not on hold" in result.output
    assert aws.done == [f"enable {OTHER}"]


def test_a_second_hold_prolongs_the_first_and_says_so(world: World, aws: Lambda) -> None:
    put(world, since=-DAY, until=3600)

    result = world.run("hold", "--system", SYSTEM, "--for", "2d", "--yes")

    assert "has been on hold since" in result.output
    found = held(world)
    assert found is not None
    assert abs(found.until - time.time() - 2 * DAY) < 60
    assert abs(found.since - time.time() + DAY) < 60


def test_a_second_hold_never_shortens_the_first(world: World, aws: Lambda) -> None:
    put(world, since=-60, until=3 * DAY)

    world.run("hold", "--system", SYSTEM, "--for", "1h", "--yes")

    found = held(world)
    assert found is not None
    assert abs(found.until - time.time() - 3 * DAY) < 60


def test_thirteen_days_are_the_default_and_the_longest(world: World, aws: Lambda) -> None:
    world.run("hold", "--system", SYSTEM, "--yes")

    found = held(world)
    assert found is not None
    assert found.until - found.since == LONGEST_SECONDS
    assert "13 days at most" in world.run("hold", "--system", OTHER, "--for", "14d", "--yes", code=1).output
    assert held(world, OTHER) is None


@pytest.mark.parametrize(("since", "until", "length"), [(-DAY, 60, "13d"), (-13.5 * DAY, -DAY / 2, "1h")])
def test_a_hold_is_thirteen_days_long_with_everything_that_prolongs_it(
    world: World, aws: Lambda, since: float, until: float, length: str
) -> None:
    put(world, since=since, until=until)

    result = world.run("hold", "--system", SYSTEM, "--for", length, "--yes", code=1)

    assert "resume it first" in result.output
    assert aws.done == []


def test_a_hold_that_ended_by_itself_is_still_resumed(world: World, aws: Lambda) -> None:
    put(world, since=-2 * DAY, until=-DAY)
    aws.states[SYSTEM] = ["Disabled"]

    world.run("resume", "--system", SYSTEM)

    assert (held(world), aws.states[SYSTEM]) == (None, ["Enabled"])


def test_two_operators_cannot_undo_each_other(
    world: World, aws: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run("hold", "--system", SYSTEM, "--yes")

    def hold_again(seconds: float) -> None:
        put(world, since=-60, until=7200)

    monkeypatch.setattr(commands, "sleep", hold_again)
    result = world.run("resume", "--system", SYSTEM, code=1)

    assert f"Another operator has just changed {SYSTEM}'s hold" in result.output
    assert held(world) is not None


def test_a_source_that_does_not_change_is_reported(
    world: World, aws: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.stuck = True
    aws.states[SYSTEM] = ["Updating"]
    monkeypatch.setattr(event_sources, "SWITCH_SECONDS", -1)

    result = world.run("hold", "--system", SYSTEM, "--yes", code=1)

    assert "event source is still Updating, not Disabled: run this again" in unfolded(result)


def test_lambda_may_be_busy_with_another_change(world: World, aws: Lambda) -> None:
    aws.states[SYSTEM] = ["Enabling", "Enabling", "Enabled"]

    world.run("hold", "--system", SYSTEM, "--yes")

    assert aws.states[SYSTEM] == ["Disabled"]
    assert aws.done[-1:] == [f"disable {SYSTEM}"]


def test_it_asks_first_and_does_nothing_otherwise(world: World, aws: Lambda) -> None:
    result = world.run("hold", "--system", SYSTEM, "--for", "1h", text="n\n", code=1)

    assert f"Hold {SYSTEM}?" in result.output
    assert (aws.done, held(world)) == ([], None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_says_what_becomes_of_calls(world: World, aws: Lambda, system: str) -> None:
    profile = profiles()[system]
    kinds = {
        "queued, and answered as accepted": set(endpoints_of(system)) - profile.unqueued - profile.untracked,
        "refused with Retry-After, because it may not be queued": profile.unqueued - profile.untracked,
        "relayed as before, because it carries no event": profile.untracked,
    }

    said = unfolded(world.run("hold", "--system", system, "--for", "1h", "--yes"))

    expiring = set(re.findall(r"of no use 120 s after receipt, by its contract: (\w+)", said))
    assert bool(expiring) == bool(profile.expiring)
    for kind, names in kinds.items():
        listed = re.search(rf"{kind}: ([\w, ]+) -", said)
        assert set(listed[1].split(", ") if listed else ()) == names - expiring


def test_where_nothing_may_be_queued_everything_is_refused(
    world: World, aws: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = replace(world.stack, parameters={f"{SYSTEMS[SYSTEM]}Delivery": "off"})
    stack.__dict__["resources"] = world.stack.resources
    monkeypatch.setattr(Stack, "open", classmethod(lambda cls, *_, **__: stack))

    said = unfolded(world.run("hold", "--system", SYSTEM, "--for", "1h", "--yes"))

    assert f"may not be queued: {', '.join(endpoints_of(SYSTEM))} -" in said
    assert "answered as accepted" not in said


def queue(world: World, make_task: MakeTask) -> None:
    world.sqs.send_message(QueueUrl=world.stack.queue(SYSTEM), MessageBody=make_task().dumps())


def test_it_says_what_is_queued_and_what_would_be_lost(
    world: World, aws: Lambda, make_task: MakeTask
) -> None:
    queue(world, make_task)
    world.cloudwatch.oldest = 3 * DAY

    said = unfolded(world.run("hold", "--system", SYSTEM, "--for", "12d", "--yes"))

    assert "in its queue now: 1 ready (age of the oldest: 3 d), and 0 in flight" in said
    assert "will be dead letters when you resume; SQS itself deletes those queued before" in said
    assert "have one attempt left" in said


def test_it_does_not_warn_of_what_cannot_happen(world: World, aws: Lambda, make_task: MakeTask) -> None:
    queue(world, make_task)
    world.cloudwatch.oldest = 3600

    said = unfolded(world.run("hold", "--system", SYSTEM, "--for", "4h", "--yes"))

    assert "age of the oldest: 60 m" in said
    assert "dead letters" not in said


def test_it_says_plainly_what_sqs_does_not_tell(world: World, aws: Lambda, make_task: MakeTask) -> None:
    queue(world, make_task)

    said = unfolded(world.run("hold", "--system", SYSTEM, "--for", "4h", "--yes"))

    assert "age of the oldest: unknown" in said
    assert "will be dead letters when you resume" in said


def test_json(world: World, aws: Lambda) -> None:
    result = world.run("hold", "--system", SYSTEM, "--for", "1h", "--yes", "--json")

    (found,) = (json.loads(line) for line in result.stdout.splitlines())
    assert (found["system"], found["event_source"], found["queued"]) == (SYSTEM, "Disabled", 0)
    assert found["since"] < found["until"]
    (found,) = (
        json.loads(line) for line in world.run("resume", "--system", SYSTEM, "--json").stdout.splitlines()
    )
    assert (found["until"], found["event_source"]) == (None, "Enabled")


def test_a_malformed_item_is_named(world: World, aws: Lambda) -> None:
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records(SYSTEM), Item={"key": {"S": item_key(SYSTEM)}}
    )

    said = unfolded(world.run("hold", "--system", SYSTEM, "--yes", code=1))

    assert f"delete the item {item_key(SYSTEM)} of {world.stack.records(SYSTEM)}" in said


def test_an_unknown_system(world: World, aws: Lambda) -> None:
    assert "has no system nobody" in world.run("hold", "--system", "nobody", "--yes", code=1).output
