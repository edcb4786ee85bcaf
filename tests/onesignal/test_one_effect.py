"""A send in the users model is one step of the protocol: however it fails or dies, it counts its event once.

It says whether it may have counted, as a single call would. Every two faults are tried at every two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any

import pytest

from gateway.core.errors import NotYet, TimedOut, Transient, UpstreamError
from gateway.core.identity import key_of
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound import aws
from onesignal.identities import Identities, Identity, _item, item_key
from onesignal.user_calls import UserCalls
from tests.onesignal.stage import APP_ID, PLAYER, OneSignal, Stage, error, task

FAULTS = ("fails", "answer lost", "killed")
STEPS = 9
"""The most steps of a send: reads and writes of the table, and the three calls."""

OF = (APP_ID, PLAYER)
FIRST = {"token": "token-1"}
SECOND = {"token": "token-2"}
HASH_OF_FIRST = key_of("subscription", FIRST)
STARTS = ("unknown player", "known player", "same values sent before", "other values sent before")


class Killed(BaseException):
    """The process dies here."""


@dataclass
class World(OneSignal):
    """OneSignal with effects, and a table: the plan says which of all their steps go wrong, and how."""

    plan: dict[int, str] = field(default_factory=dict)
    step: int = 0
    sessions: int = 0
    values: dict[str, Any] = field(default_factory=dict)

    def send(self, method: str, url: str, **given: Any) -> Reply:
        """See HttpClient."""
        fault = self._fault()
        if fault == "fails":
            raise Transient("unreachable")
        reply = super().send(method, url, **given)
        made = self.sent[-1]
        if made.call == "user":
            self.sessions += made.body["deltas"]["session_count"]
        elif made.call == "subscription":
            self.values = made.body["subscription"]
        if fault == "answer lost":
            raise TimedOut(may_have_arrived=True)
        self._dies(fault)
        return reply

    def post(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        """Stands for aws.post."""
        if service == "secretsmanager":
            return self.table(service, action, body, seconds=seconds)
        fault = self._fault()
        if fault == "fails":
            raise aws.AwsError("ThrottlingException", passing=True)
        answer = self.table(service, action, body, seconds=seconds)
        if fault == "answer lost":
            raise aws.AwsError("timeout", passing=True, may_have_arrived=True)
        self._dies(fault)
        return answer

    def _fault(self) -> str:
        fault = self.plan.get(self.step, "")
        self.step += 1
        return fault

    def _dies(self, fault: str) -> None:
        """After the step, which is before the next."""
        if fault == "killed":
            raise Killed


def plans() -> Iterator[dict[int, str]]:
    yield {}
    for step, fault in product(range(STEPS), FAULTS):
        yield {step: fault}
    # After the first fault the send begins again, so the second may hit its every step once more.
    for steps in combinations(range(STEPS + 3), 2):
        for faults in product(FAULTS, repeat=2):
            yield dict(zip(steps, faults, strict=True))


def attempt(stage: Stage, one: DeliveryTask) -> UpstreamError | Killed | None:
    """One send by a new process: how it ended, None for well."""
    try:
        stage.process().send(one, seconds=10)
    except (UpstreamError, Killed) as end:
        return end
    finally:
        stage.clock.now += 11  # until another turn, and until nothing of this send is on its way
    return None


def delivered(stage: Stage, world: World, one: DeliveryTask) -> int:
    """Send a task until it is delivered: how often it was counted before, by a send of unknown outcome."""
    unknown = 0
    for _ in range(5):
        before = world.sessions
        end = attempt(stage, one)
        counted = world.sessions - before
        if end is None:
            assert counted == 1
            return unknown
        assert counted <= (end.outcome_unknown if isinstance(end, UpstreamError) else 1)
        unknown += counted
    raise AssertionError("never delivered")


@pytest.fixture
def world(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(stage.table, clock=stage.clock)
    stage.vendor = world
    monkeypatch.setattr(aws, "post", world.post)
    return world


def begin(stage: Stage, world: World, start: str) -> None:
    """How things stand before the send."""
    stage.table.items.clear()
    world.plan, world.values = {}, {}
    if start == "known player":
        stage.known()
    elif start != "unknown player":
        stage.known()
        before = FIRST if start == "same values sent before" else SECOND
        stage.process().send(task(identifier=before["token"]), seconds=10)
    world.step, world.sessions = 0, 0
    stage.clock.now += 10


@pytest.mark.parametrize("start", STARTS)
def test_an_event_counts_once_and_once_more_only_after_an_unknown_outcome(
    stage: Stage, world: World, start: str
) -> None:
    for plan in plans():
        begin(stage, world, start)
        world.plan = plan

        unknown = delivered(stage, world, task(identifier="token-1", language="en"))

        assert (world.sessions, world.values) == (1 + unknown, FIRST), plan
        assert unknown <= len(plan), plan


@pytest.mark.parametrize("start", STARTS)
def test_what_a_send_left_behind_misleads_no_later_one(stage: Stage, world: World, start: str) -> None:
    for plan in plans():
        begin(stage, world, start)
        world.plan = plan
        attempt(stage, task(identifier="token-1"))  # by an API function: nobody repeats it

        for values in (SECOND, FIRST):
            delivered(stage, world, task(identifier=values["token"]))
            assert world.values == values, plan


def orders(steps: list[int]) -> Iterator[list[int]]:
    """Every order in which processes can make so many steps each."""
    if not any(steps):
        yield []
    for number, left in enumerate(steps):
        if left:
            for order in orders([*steps[:number], left - 1, *steps[number + 1 :]]):
                yield [number, *order]


def sending(stage: Stage, values: str, arrived: list[str]) -> Iterator[None]:
    """A process that sends a player's subscription, step by step, after it has read what was sent before."""
    one = Identities("records", days=7)
    identity = one.find(*OF, seconds=1, stored=True)
    assert isinstance(identity, Identity)
    yield
    try:
        begun = one.begin(*OF, identity, until=stage.clock.time() + 10, seconds=1)
    except NotYet:
        return
    yield
    arrived.append(values)
    yield
    one.record(*OF, begun, values, seconds=1)


def test_what_is_recorded_came_last_however_sends_interleave(stage: Stage) -> None:
    for order in orders([3, 3, 3]):
        stage.table.items.clear()
        stage.known(sent="before")
        arrived = ["before"]
        processes = [sending(stage, values, arrived) for values in ("one", "other", "one")]

        for number in (0, 1, 2, *order):
            next(processes[number], None)

        assert stage.identity().get("sent", arrived[-1]) == arrived[-1], order


def test_a_send_has_no_more_steps_than_are_tried(stage: Stage, world: World) -> None:
    begin(stage, world, "unknown player")
    stage.process().send(task(identifier="token-1"), seconds=10)

    assert STEPS - 2 <= world.step <= STEPS


def send_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = UserCalls._send_to

    def twice(self: UserCalls, identity: Any, sending: Any) -> None:
        in_order(self, identity, sending)
        in_order(self, identity, sending)

    monkeypatch.setattr(UserCalls, "_send_to", twice)


def blame_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.core.errors.UpstreamError.outcome_unknown", False)


def keep_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = Identities.begin

    def begin(self: Identities, app: str, player: str, identity: Any, **given: float) -> Any:
        begun = in_order(self, app, player, identity, **given)
        item = _item(item_key(app, player), replace(begun, sent=identity.sent))
        self._write(item, {}, given["seconds"])
        return begun

    monkeypatch.setattr(Identities, "begin", begin)


def record_before(monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = Identities.begin

    def begin(self: Identities, app: str, player: str, identity: Any, *, until: float, seconds: float) -> Any:
        begun = in_order(self, app, player, identity, until=until, seconds=seconds)
        self.record(app, player, begun, HASH_OF_FIRST, seconds=seconds)
        return begun

    monkeypatch.setattr(Identities, "begin", begin)


def search(stage: Stage, world: World) -> None:
    for start in STARTS:
        test_an_event_counts_once_and_once_more_only_after_an_unknown_outcome(stage, world, start)
        test_what_a_send_left_behind_misleads_no_later_one(stage, world, start)


@pytest.mark.parametrize("flaw", [send_twice, blame_no_call, keep_what_was_sent, record_before])
def test_the_search_finds_a_flaw(
    stage: Stage, world: World, monkeypatch: pytest.MonkeyPatch, flaw: Callable[[pytest.MonkeyPatch], None]
) -> None:
    flaw(monkeypatch)

    with pytest.raises(AssertionError):
        search(stage, world)


def test_a_refusal_of_the_last_call_leaves_the_values_that_were_set(stage: Stage, world: World) -> None:
    begin(stage, world, "known player")
    world.script["user"] = [error(400)]

    with pytest.raises(UpstreamError):
        stage.process().send(task(identifier="token-1"), seconds=10)

    assert world.values == FIRST
