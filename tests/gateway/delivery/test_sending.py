"""Sends side by side: order within a scope, leases, the worker's end, groups, and what killed its process."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.core.account import Account
from gateway.core.errors import Refused, Transient, Unsent, UpstreamError
from gateway.core.message import Opaque
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.hold import Hold
from gateway.delivery.outcomes import Dead, Done, Dropped, Expired, Held, Later, NoTime, Unrecorded, Waiting
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret
from gateway.system import System
from tests.gateway.delivery.cloud import OK, Aws, Vendor, delivery, task
from tests.until import SECONDS, until

LOST = Transient("timeout", may_have_arrived=True)


def pending(one: DeliveryTask) -> Pending:
    return Pending(task=one, text=one.dumps(), receives=3)


def events(*names: str, scope: str = "") -> list[Pending]:
    scoped = (scope,) if scope else ()
    return [pending(replace(task(name, name), scope=scoped)) for name in names]


def of_account(account: str, *sending: Pending) -> list[Pending]:
    return [pending(replace(each.task, payload=Opaque({"account": account}))) for each in sending]


def sent(way: System, *sending: Pending, left: float = 60) -> list[Any]:
    return way.redelivery.send(sending, seconds_left=lambda: left)


def abandon(cloud: Aws, *names: str) -> None:
    """The attempts at these died, and their leases are over."""
    for name in names:
        cloud.items[name] = {
            "key": {"S": name}, "state": {"S": "sending"}, "owner": {"S": "gone"}, "fingerprint": {"S": "f"},
            "lease": {"N": "1"}, "unanswered": {"BOOL": False}, "expires": {"N": f"{time.time() + 99:.0f}"},
        }  # fmt: skip


class Slow(Vendor):
    """Takes its time, and notes what is in progress beside each other."""

    def __init__(self, *ends: Any, seconds: float = 0.02, at_once: int = 1) -> None:
        super().__init__(*(ends or (OK,)), at_once=at_once)
        self.seconds = seconds
        self.inside: set[str] = set()
        self.beside: list[set[str]] = []
        self._lock = threading.Lock()

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        with self._lock:
            self.inside.add(task.event_id)
            self.beside.append(set(self.inside))
        time.sleep(self.seconds)
        with self._lock:
            self.inside.discard(task.event_id)
        return super().send(task, seconds=seconds)


def test_events_go_side_by_side_each_with_a_claim_and_a_record(cloud: Aws) -> None:
    vendor = Slow()

    fates = sent(delivery(vendor, sends_at_once=5), *events(*"abcdefghij"))

    assert fates == [Done()] * 10
    assert sorted(vendor.sent) == list("abcdefghij")
    assert max(map(len, vendor.beside)) == 5
    assert cloud.states == ["done"] * 10


def test_those_of_one_scope_go_in_their_order(cloud: Aws) -> None:
    vendor = Slow(seconds=0.005)

    sent(delivery(vendor, sends_at_once=10), *events(*"abcd", scope="ada"), *events(*"wxyz", scope="bob"))

    assert [name for name in vendor.sent if name in "abcd"] == list("abcd")
    assert [name for name in vendor.sent if name in "wxyz"] == list("wxyz")
    assert max(map(len, vendor.beside)) == 2


def test_the_same_scope_of_two_accounts_is_not_one_scope(cloud: Aws) -> None:
    both = threading.Barrier(2, timeout=10)

    class Meeting(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            both.wait()
            return super().send(task, seconds=seconds)

    first, second = events("a", "b", scope="ada")
    sending = [*of_account("one", first), *of_account("two", second)]

    assert sent(delivery(Meeting(OK), sends_at_once=2), *sending) == [Done()] * 2


def test_of_two_copies_in_a_batch_one_is_sent(cloud: Aws) -> None:
    vendor = Slow()

    fates = sent(delivery(vendor, sends_at_once=5), pending(task("a")), pending(task("b")))

    assert (fates, vendor.sent) == ([Done(), Dropped()], ["a"])


def test_what_an_attempt_that_died_left_goes_last_and_alone(cloud: Aws) -> None:
    abandon(cloud, "b", "d")
    vendor = Slow()

    fates = sent(delivery(vendor, sends_at_once=5), *events(*"abcde"))

    assert fates == [Done()] * 5
    assert sorted(vendor.sent[:3]) == ["a", "c", "e"]
    assert (vendor.sent[3:], vendor.beside[3:]) == (["b", "d"], [{"b"}, {"d"}])


def test_what_an_attempt_that_died_left_does_not_travel_with_a_group(cloud: Aws) -> None:
    abandon(cloud, "b")
    groups: list[list[str]] = []

    class Noting(Vendor):
        def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
            groups.append([task.event_id for task in tasks])
            return super().send_many(tasks, seconds=seconds)

    vendor = Noting(OK, at_once=50)

    assert sent(delivery(vendor, sends_at_once=5), *events(*"abc")) == [Done()] * 3
    assert (groups, vendor.sent[2:]) == ([["a", "c"]], ["b"])


def test_a_store_that_is_down_costs_one_second_not_fifty(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def down(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        if action == "PutItem":
            asked.append(action)
            time.sleep(0.05)
        raise aws.AwsError("ServiceUnavailable", passing=True)

    monkeypatch.setattr(aws, "post", down)
    names = [f"e{number}" for number in range(50)]

    assert sent(delivery(Vendor(OK), sends_at_once=10), *events(*names)) == [Unrecorded()] * 50
    assert len(asked) <= 10


def test_nothing_begins_that_cannot_end_in_time(cloud: Aws) -> None:
    vendor = Slow()
    way = delivery(vendor, sends_at_once=2)

    # There is time until two have begun, however slow the machine is.
    fates = way.redelivery.send(
        events(*"abcdefgh"), seconds_left=lambda: 20.0 if len(vendor.beside) < 2 else 10.0
    )

    assert fates == [Done()] * len(vendor.sent) + [NoTime()] * (8 - len(vendor.sent))
    assert 2 <= len(vendor.sent) <= 4
    assert len(cloud.items) == len(vendor.sent)


class Clock:
    """The time by which leases are measured; a first claim takes `seconds`."""

    def __init__(self, cloud: Aws, monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
        self.now = 1000.0
        self._cloud = cloud
        self._seconds = seconds
        monkeypatch.setattr("gateway.delivery.sending.time", SimpleNamespace(monotonic=self, time=time.time))
        monkeypatch.setattr(aws, "post", self.post)

    def __call__(self) -> float:
        return self.now

    def post(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        claims = action == "PutItem" and not self._cloud.items
        self.now += self._seconds if claims else 0
        return self._cloud(service, action, body, seconds=seconds)


def test_no_send_outlives_its_lease(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    class Noting(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            given.append(seconds)
            return super().send(task, seconds=seconds)

    way = delivery(Noting(OK), wait_seconds=10)
    Clock(cloud, monkeypatch, seconds=5)

    assert sent(way, *events("a")) == [Done()]
    assert 6 < given[0] <= 7  # of two for the claim and ten for the send


def test_a_claim_that_took_all_the_time_is_given_back_unsent(
    cloud: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor, wait_seconds=10)
    Clock(cloud, monkeypatch, seconds=12)

    (fate,) = sent(way, *events("a"))

    assert (fate.reason, vendor.sent, cloud.states) == ("no time", [], ["queued"])
    assert "unknown_tries" not in cloud.items["a"]


def test_while_the_breaker_is_open_nobody_takes_a_turn_or_asks_for_time(cloud: Aws) -> None:
    """What there was no time for would come back at once, and find it open again."""
    way = delivery(Vendor(Transient("reset")), requests_per_second=1000)
    sent(way, *events(*"abcde"))
    pace = way.redelivery._pace("")
    turn = pace._next

    assert [fate.reason for fate in sent(way, *events("f", "g"), left=5)] == ["breaker open"] * 2
    assert [fate.reason for fate in sent(way, *events("f", "g"))] == ["breaker open"] * 2
    assert pace._next == turn


def test_half_open_one_finds_out_for_all(cloud: Aws) -> None:
    vendor = Slow(*[Transient("reset")] * 5, OK)
    way = delivery(vendor, sends_at_once=5, retry_scale=0.01)
    sent(way, *events(*"abcde"))
    vendor.beside.clear()
    time.sleep(0.06)

    fates = sent(way, *events(*"fghij"))

    assert fates == [Done()] * 5
    assert len(vendor.beside[0]) == 1
    assert max(map(len, vendor.beside[1:])) > 1


def test_half_open_who_sends_nothing_lets_the_next_one_through(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor, retry_scale=0.01)
    assert sent(way, *events("a")) == [Done()]
    vendor.ends = [*[Transient("reset")] * 5, OK]
    sent(way, *events(*"bcdef"))
    time.sleep(0.06)
    fates: list[Any] = []

    other = threading.Thread(target=lambda: fates.extend(sent(way, *events("a"))))
    other.start()
    other.join()

    assert fates + sent(way, *events("g")) == [Dropped(), Done()]


def test_a_vendor_that_limits_us_is_sent_less_at_once(cloud: Aws) -> None:
    limited = Transient("status 429", reply=Reply(status=429))
    vendor = Slow(*[limited] * 4, OK)
    way = delivery(vendor, sends_at_once=4, retry_scale=0.01)
    sent(way, *events(*"abcd"))
    vendor.beside.clear()
    time.sleep(0.02)

    assert sent(way, *events("e", "f", "g")) == [Done()] * 3
    assert max(map(len, vendor.beside)) <= 2


def test_what_would_wait_too_long_for_its_turn_stays_in_the_queue_untried(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(
        vendor, sends_at_once=2, requests_per_second=2, delivery_concurrency=4
    )  # one in two seconds

    fates = sent(way, *events("a", "b"), left=17.01)

    assert [type(fate) for fate in fates] == [Done, Waiting]
    assert 1 < fates[1].seconds <= 2  # a part of it has passed since the first one began
    assert (vendor.sent, list(cloud.items)) == (["a"], ["a"])


def test_what_has_to_wait_takes_nobodys_turn(cloud: Aws) -> None:
    vendor = Vendor(OK)
    vendor.waits = {"a": 5, "b": 5}
    way = delivery(vendor, requests_per_second=1)

    fates = sent(way, *events("a", "b", "c"), left=17.5)

    assert [type(fate) for fate in fates] == [Waiting, Waiting, Done]


def test_what_expires_while_it_waits_for_its_turn_is_not_sent(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor, requests_per_second=0.9)
    soon = replace(task("b", "b"), expires_at=int(time.time()) + 1)

    assert sent(way, *events("a"), pending(soon)) == [Done(), Expired()]
    assert (vendor.sent, list(cloud.items)) == (["a"], ["a"])


def test_a_hold_that_begins_while_an_event_waits_for_its_turn_keeps_it_back(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor, requests_per_second=5)
    holds = [None, None, None, Hold(since=0, until=time.time() + 600)]
    way.executor.hold = SimpleNamespace(read=lambda: holds.pop(0))  # type: ignore[assignment]

    fates = sent(way, *events("a", "b", scope="s"))

    assert [type(fate) for fate in fates] == [Done, Held]
    assert (vendor.sent, list(cloud.items)) == (["a"], ["a"])


def test_what_waited_for_its_turn_too_long_does_not_begin(cloud: Aws) -> None:
    vendor = Vendor(OK)
    left = [60.0, 60, 60, 14.9]  # it must leave ten seconds for the send, and seven for what is around it

    (fate,) = delivery(vendor).redelivery.send(
        events("a"), seconds_left=lambda: left.pop(0) if left[1:] else left[0]
    )

    assert (fate, vendor.sent, cloud.items) == (NoTime(), [], {})


class Group(Vendor):
    """Refuses, or does not answer, several at once of which one is bad."""

    def __init__(self, ending: Exception, bad: str) -> None:
        super().__init__(OK, at_once=50)
        self.ending = ending
        self.bad = bad
        self.groups: list[list[str]] = []

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        self.groups.append([task.event_id])
        if task.event_id == self.bad:
            raise self.ending
        return super().send(task, seconds=seconds)

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        names = [task.event_id for task in tasks]
        self.groups.append(names)
        if self.bad in names:
            raise self.ending
        return [None] * len(tasks)


def test_a_refused_group_is_sent_one_by_one(cloud: Aws) -> None:
    vendor = Group(Refused(Reply(status=400)), "b")

    fates = sent(delivery(vendor, sends_at_once=5), *events(*"abc"))

    assert fates == [Done(), Dead("refused"), Done()]
    assert vendor.groups == [["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_a_group_that_could_not_be_made_is_sent_one_by_one(cloud: Aws) -> None:
    fates = sent(delivery(Group(Unsent(), "b")), *events(*"abc"))

    assert (fates[0], fates[1].reason, fates[2]) == (Done(), "fault", Done())


def test_a_group_has_one_credential(cloud: Aws) -> None:
    vendor = Group(LOST, "nobody")
    apps = Account("app", ".+", "any", named_by_key=True, own_credential=True)
    way = replace(delivery(vendor), secret=SystemSecret("", apps))

    assert sent(way, *of_account("one", *events("a", "b")), *of_account("two", *events("c"))) == [Done()] * 3
    assert vendor.groups == [["a", "b"], ["c"]]


def test_a_fault_leaves_the_fates_that_are_known(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        if action == "PutItem":
            raise RuntimeError
        return cloud(service, action, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", broken)
    over = pending(replace(task("a", "a"), expires_at=1))

    fates = sent(delivery(Group(LOST, "nobody")), over, *events("b"))

    assert (fates[0], fates[1].reason) == (Expired(), "fault")


def test_in_a_group_nobody_overtakes_its_own_scope(cloud: Aws) -> None:
    """The first of the player's events goes alone; the second would have left before it, with the others."""
    lost = Group(LOST, "a")
    first, *later = [*events("a", scope="ada"), *events("b"), *events("c", scope="ada"), *events("d")]
    assert [fate.reason for fate in sent(delivery(lost), first)] == ["timeout"]

    vendor = Group(LOST, "nobody")

    assert sent(delivery(vendor), first, *later) == [Done()] * 4
    assert vendor.groups == [["b", "d"], ["a"], ["c"]]


def test_one_event_of_a_group_that_nobody_answered_does_not_use_up_the_others_tries(cloud: Aws) -> None:
    vendor = Group(LOST, "b")
    way = delivery(vendor)

    first = sent(way, *events(*"abc"))
    second = sent(way, *events(*"abc"))

    assert first == [Later("timeout", None, LOST, spaced=True)] * 3
    assert second == [Done(), Dead("outcome unknown"), Done()]
    assert vendor.groups == [["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_a_refused_group_for_which_no_time_is_left_waits(cloud: Aws) -> None:
    class Late(Group):
        def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
            time.sleep(0.6)
            return super().send_many(tasks, seconds=seconds)

    fates = sent(delivery(Late(Refused(Reply(status=400)), "b"), wait_seconds=1.0), *events(*"abc"))

    assert [fate.reason for fate in fates] == ["no time"] * 3
    assert cloud.states == ["queued"] * 3


def test_a_vendor_that_refuses_groups_late_is_well(cloud: Aws) -> None:
    class Late(Group):
        def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
            time.sleep(0.06)
            return super().send_many(tasks, seconds=seconds)

    way = delivery(Late(Refused(Reply(status=400)), "b"), wait_seconds=0.55)
    for _ in range(6):
        fates = sent(way, *events(*"abc"))

    assert [fate.reason for fate in fates] == ["no time"] * 3
    assert way.executor.sender.circuit_breaker("").wait == 0


def _work_until_killed(folder: Path, names: list[str], beside: int) -> None:
    """A worker's process, on a table of files: its vendor kills it when it is sent `bad` and so many others
    are on their way."""
    cloud = Filed(folder)
    aws.post = cloud

    class Deadly(Slow):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if task.event_id == "bad":
                until(lambda: len(self.inside) >= beside)
                os.kill(os.getpid(), 9)
            reply = super().send(task, seconds=seconds)
            (folder / f"sent-{task.event_id}-{time.monotonic_ns()}").touch()
            return reply

    fates = sent(delivery(Deadly(seconds=beside * SECONDS), sends_at_once=3), *events(*names))
    (folder / "fates").write_text(" ".join(type(fate).__name__ for fate in fates))


class Filed(Aws):
    """The table, in a file that outlives its process."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "table"
        self._lock = threading.Lock()
        if self._file.exists():
            self.items = eval(self._file.read_text())  # noqa: S307 - this test wrote it

    def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        with self._lock:
            answer = super().__call__(service, action, body, seconds=seconds)
            self._file.write_text(repr(self.items))
        return answer


def _pass(folder: Path, names: list[str], beside: int = 0) -> int | None:
    process = get_context("fork").Process(target=_work_until_killed, args=(folder, names, beside))
    process.start()
    process.join(SECONDS)
    return process.exitcode


def _leases_are_over(folder: Path) -> None:
    cloud = Filed(folder)
    for item in cloud.items.values():
        if item["state"]["S"] == "sending":
            item["lease"]["N"] = "1"
    (folder / "table").write_text(repr(cloud.items))


def test_a_task_that_kills_its_process_takes_the_others_with_it_once_at_most(tmp_path: Path) -> None:
    names = ["a", "bad", "b", "c", "d", "e"]

    assert _pass(tmp_path, names, beside=2) == -9
    assert not list(tmp_path.glob("sent-*"))
    _leases_are_over(tmp_path)
    assert _pass(tmp_path, names) == -9

    delivered = {path.name.split("-")[1] for path in tmp_path.glob("sent-*")}
    assert delivered >= {"c", "d", "e"}
    _leases_are_over(tmp_path)
    left = [name for name in names if name not in delivered or name == "bad"]
    for _ in range(3):  # as often as its tries allow, alone
        _pass(tmp_path, left)
        _leases_are_over(tmp_path)

    counts = {name: len(list(tmp_path.glob(f"sent-{name}-*"))) for name in names if name != "bad"}
    assert counts == dict.fromkeys("abcde", 1)
    assert "Dead" in (tmp_path / "fates").read_text()
