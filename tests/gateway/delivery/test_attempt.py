"""Redeliveries of queued tasks, against an upstream, a queue and a table that fail as the test says."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.core.account import Account
from gateway.core.errors import NotYet, Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.message import HttpRequest, Opaque
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.erasure import Tombstones, item_key, mark
from gateway.delivery.outcomes import (
    Dead,
    Done,
    Dropped,
    Ending,
    Expired,
    Later,
    NotDeadLettered,
    NoTime,
    Unrecorded,
    Waiting,
)
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System
from tests.gateway.delivery.cloud import CLIENTS_KEY, OK, Aws, Vendor, delivery, first, task


def again(way: System, *tasks: DeliveryTask, left: float = 60) -> list[Any]:
    return way.redelivery.send([waiting(task) for task in tasks], seconds_left=lambda: left)


def waiting(task: DeliveryTask, *, last: bool = False) -> Pending:
    return Pending(task=task, text=task.dumps(), receives=3, last=last)


def test_the_worker_delivers_and_drops_the_second_copy(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor)

    assert again(way, task(), task("copy")) == [Done(), Dropped()]
    assert (vendor.sent, cloud.states) == (["e"], ["done"])


def test_what_expires_while_a_batch_is_sent_is_not_sent(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()

    class Slow(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            monkeypatch.setattr(
                "gateway.delivery.sending.time",
                SimpleNamespace(time=lambda: now + 20, monotonic=time.monotonic),
            )
            return super().send(task, seconds=seconds)

    vendor = Slow(OK)
    soon = replace(task("b", "b"), expires_at=int(now) + 10)

    assert again(delivery(vendor), task("a", "a"), soon) == [Done(), Expired()]
    assert vendor.sent == ["a"]


def test_what_is_not_worth_its_claim_yet_waits_unclaimed(cloud: Aws) -> None:
    vendor = Vendor(OK, at_once=500)
    vendor.waits = {"b": 7.5}
    sending = [waiting(task(name, name), last=True) for name in "abc"]

    fates = delivery(vendor).redelivery.send(sending, seconds_left=lambda: 60)

    assert [type(fate) for fate in fates] == [Done, Waiting, Done]
    assert isinstance(fates[1], Waiting)
    assert (fates[1].seconds, fates[1].finds_out) == (7.5, False)
    assert (sorted(cloud.items), cloud.queues["dead"]) == (["a", "c"], [])


def test_waiting_for_its_turn_is_no_try_however_long_it_takes(cloud: Aws) -> None:
    way = delivery(Vendor(NotYet("look-up rate", tried=False, retry_after=1)))

    for _ in range(10):
        (fate,) = way.redelivery.send([waiting(task(), last=True)], seconds_left=lambda: 60)
        assert (type(fate), cloud.states) == (Waiting, ["queued"])
    assert way.executor.sender.circuit_breaker("").wait == 0


@pytest.mark.parametrize(
    "failure",
    [
        NotYet("unknown user"),
        NotYet("status 429", tried=False, reply=Reply(status=429)),
        Transient("breaker open", tried=False),
    ],
)
def test_whom_the_upstream_turned_away_does_not_count_as_waiting_for_a_turn(
    cloud: Aws, failure: Transient
) -> None:
    (fate,) = delivery(Vendor(failure)).redelivery.send([waiting(task())], seconds_left=lambda: 60)

    assert type(fate) is Later


def give_up(way: System, one: DeliveryTask) -> Any:
    return way.redelivery.give_up(waiting(one), Ending.WINDOW_OVER)


def test_what_is_given_up_is_a_dead_letter_that_a_redrive_may_send(cloud: Aws) -> None:
    way = delivery(Vendor(OK))

    assert give_up(way, task()) == Dead("window over")
    assert DeadLetter.loads(cloud.queues["dead"][0]).reason == "window over"
    assert again(way, task()) == [Done()]


def test_a_copy_of_what_was_delivered_is_not_given_up_but_dropped(cloud: Aws) -> None:
    way = delivery(Vendor(OK))
    first(way, CLIENTS_KEY)

    assert give_up(way, task()) == Dropped()
    assert cloud.queues["dead"] == []


def test_what_cannot_be_given_up_stays(cloud: Aws) -> None:
    cloud.down = {"dead"}

    assert give_up(delivery(Vendor(OK)), task()) == NotDeadLettered()


def test_what_its_queue_will_soon_drop_is_given_up_though_nobody_knows_whether_it_was_delivered(
    cloud: Aws,
) -> None:
    cloud.down = {"dynamodb"}

    assert give_up(delivery(Vendor(OK)), task()) == Dead("window over")


@pytest.mark.parametrize(
    "failure", [Transient("unreachable"), Transient("timeout", may_have_arrived=True), Setup("status 401")]
)
def test_the_last_try_is_made_and_ends_it_if_it_fails(cloud: Aws, failure: UpstreamError) -> None:
    vendor = Vendor(failure, OK)
    way = delivery(vendor)

    assert way.redelivery.send([waiting(task(), last=True)], seconds_left=lambda: 60) == [Dead("window over")]
    assert vendor.sent == ["e"]
    assert DeadLetter.loads(cloud.queues["dead"][0]).reason == "window over"
    assert way.redelivery.send([waiting(task(), last=True)], seconds_left=lambda: 60) == [
        Done()
    ]  # redriven, late too


def test_a_pass_that_does_not_send_gives_nothing_up(cloud: Aws) -> None:
    missing = Setup("no credential", tried=False)
    (fate,) = delivery(Vendor(missing)).redelivery.send([waiting(task(), last=True)], seconds_left=lambda: 60)

    assert isinstance(fate, Later)
    assert fate.reason == "no credential"
    way = delivery(Vendor(Transient("status 503", retry_after=60, reply=Reply(status=503))))
    again(way, task("b", "b"))
    (fate,) = way.redelivery.send([waiting(task("c", "c"), last=True)], seconds_left=lambda: 60)
    assert isinstance(fate, Later)
    assert fate.reason == "breaker open"
    assert cloud.queues["dead"] == []


LOST = Transient("timeout", may_have_arrived=True)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_sends_with_an_unknown_outcome_are_bounded(cloud: Aws, most: int) -> None:
    vendor = Vendor(LOST)

    fates = [
        fate for _ in range(most + 3) for fate in again(delivery(vendor, max_unknown_tries=most), task())
    ]

    assert len(vendor.sent) == most
    assert fates[: most - 1] == [Later("timeout", None, LOST, spaced=True)] * (most - 1)
    assert fates[most - 1] == Dead("outcome unknown")
    # Another copy of the message, or a dead letter that could not be deleted, is not sent once more.
    assert fates[most:] == [Dead("outcome unknown")] * 3


@pytest.mark.parametrize(
    "certain",
    [
        Transient("unreachable"),
        Transient("status 429", reply=Reply(status=429)),
        Transient("status 503", may_have_arrived=True, reply=Reply(status=503)),
        Setup("status 401"),
    ],
)
def test_sends_that_did_not_arrive_are_not_counted(cloud: Aws, certain: UpstreamError) -> None:
    vendor = Vendor(*[certain] * 20, LOST)

    fates = [fate for _ in range(22) for fate in again(delivery(vendor), task())]

    assert {fate.reason for fate in fates[:20]} == {certain.reason}
    assert [type(fate) for fate in fates[20:]] == [Later, Dead]


def test_a_worker_that_is_killed_has_used_a_try(cloud: Aws) -> None:
    class Deadly(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            self.sent.append(task.event_id)
            raise SystemExit

    vendor = Deadly(OK)
    for _ in range(2):
        with pytest.raises(SystemExit):
            again(delivery(vendor), task())
        for item in cloud.items.values():
            item["lease"]["N"] = "1"  # long over

    assert again(delivery(vendor), task()) == [Dead("outcome unknown")]
    assert vendor.sent == ["e", "e"]


def test_where_a_repeat_is_harmless_nothing_is_counted(cloud: Aws) -> None:
    vendor = Vendor(LOST)
    way = replace(delivery(vendor), contract=Contract(idempotent=True))

    for _ in range(4):
        assert again(way, task()) == [Later("timeout", None, LOST)]
    assert "unknown_tries" not in cloud.items["k"]


def test_tombstones_are_read_every_ten_seconds_and_serve_for_a_minute(cloud: Aws) -> None:
    clock = [100.0]
    tombstones = Tombstones("trax", "records", frozenset(), clock=lambda: clock[0])

    def asked() -> int | None:
        found = tombstones.read()
        return None if found is None else len(found.asked)

    assert asked() == 0
    cloud.items[item_key("trax")] = {"people": {"M": {"ada": {"N": "1"}}}}
    clock[0] += 9.9
    assert asked() == 0
    clock[0] += 0.2
    assert asked() == 1
    cloud.down = {"dynamodb"}
    clock[0] += 59
    assert asked() == 1
    clock[0] += 2
    assert asked() is None


def test_a_dead_letter_holds_nothing_of_an_erased_user(cloud: Aws) -> None:
    cloud.items[item_key("trax")] = {"people": {"M": {mark("trax", "ada"): {"N": f"{time.time():.0f}"}}}}
    batch = HttpRequest(method="POST", path="/", body=b'[{"user":"ada"},{"user":"bob"}]')
    way = replace(delivery(Vendor(Refused(Reply(status=400)))), subject_fields=frozenset({"user"}))
    queued = replace(task(), payload=batch, received_at=time.time() - 60)
    record = {
        "messageId": "1", "receiptHandle": "r", "body": queued.dumps(),
        "attributes": {"ApproximateReceiveCount": "1"},
    }  # fmt: skip

    way.redelivery({"Records": [record]})

    letter = DeadLetter.loads(cloud.queues["dead"][0])
    assert letter.task is not None
    assert letter.task.payload.data() == replace(batch, body=b'[{"user":"bob"}]').data()


def test_the_workers_failures_stay_and_its_refusals_are_dead_letters(cloud: Aws) -> None:
    (fate,) = again(delivery(Vendor(Transient("status 503", retry_after=7))), task("a", "a"))
    assert (fate.reason, fate.seconds) == ("status 503", 7)

    way = delivery(Vendor(Refused(Reply(status=400, body=b"no")), Setup("status 401")))
    fates = again(way, task("b", "b"), task("c", "c"))
    assert fates[0] == Dead("refused")
    assert fates[1].reason == "status 401"
    letter = DeadLetter.loads(cloud.queues["dead"][0])
    assert (letter.reason, letter.status, letter.body, letter.receives) == ("refused", 400, b"no", 3)
    assert letter.task == task("b", "b")
    assert cloud.states == ["queued"] * 3


def test_the_worker_and_a_reused_key(cloud: Aws) -> None:
    way = delivery(Vendor(OK))
    first(way, CLIENTS_KEY)

    assert again(way, task("e2", fingerprint="other")) == [Dead("key reused")]
    assert json.loads(cloud.queues["dead"][0])["reason"] == "key reused"


def test_an_unknown_outcome_is_a_dead_letter_where_the_setting_says_so(cloud: Aws) -> None:
    way = delivery(Vendor(Transient("timeout", may_have_arrived=True)), on_unknown_outcome="fail")

    assert again(way, task()) == [Dead("outcome unknown")]


def test_without_dead_letters_nothing_is_given_up(cloud: Aws) -> None:
    cloud.down = {"dead"}
    (fate,) = again(delivery(Vendor(Refused(Reply(status=400)))), task())

    assert isinstance(fate, Later)


def test_the_worker_sends_nothing_that_it_has_no_time_for(cloud: Aws) -> None:
    vendor = Vendor(OK)

    assert again(delivery(vendor), task(), left=14.9) == [NoTime()]
    assert (vendor.sent, cloud.items) == ([], {})


def test_the_worker_leaves_a_dying_upstream_alone(cloud: Aws) -> None:
    vendor = Vendor(Transient("reset", may_have_arrived=True))
    fates = again(delivery(vendor), *(task(str(n), str(n)) for n in range(8)))

    assert [fate.reason for fate in fates] == ["reset"] * 5 + ["breaker open"] * 3
    assert len(vendor.sent) == 5


def test_several_at_once(cloud: Aws) -> None:
    vendor = Vendor(OK, Refused(Reply(status=400)), OK, at_once=500)

    fates = again(delivery(vendor), *(task(str(n), str(n)) for n in range(4)))

    assert fates == [Done(), Dead("refused"), Done(), Done()]


def test_a_fault_of_ours_costs_no_neighbour(cloud: Aws) -> None:
    class Faulty(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if task.event_id == "bad":
                raise RuntimeError("broken")
            return super().send(task, seconds=seconds)

    fates = again(delivery(Faulty(OK)), task("a", "a"), task("bad", "b"), task("c", "c"))

    assert (fates[0], fates[1].reason, fates[2]) == (Done(), "fault", Done())


def test_a_fault_before_the_send_is_no_try(cloud: Aws) -> None:
    class Faulty(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            raise Unsent from RuntimeError("broken")

    way = delivery(Faulty(OK))

    fates = [way.redelivery.send([waiting(task(), last=True)], seconds_left=lambda: 60)[0] for _ in range(4)]

    assert {getattr(fate, "reason", None) for fate in fates} == {"fault"}
    assert cloud.queues["dead"] == []


def test_the_worker_waits_for_the_table(cloud: Aws) -> None:
    cloud.down = {"dynamodb"}
    vendor = Vendor(OK)

    assert again(delivery(vendor), task()) == [Unrecorded()]
    assert vendor.sent == []


def test_an_account_with_its_own_credential_has_a_circuit_breaker_of_its_own(cloud: Aws) -> None:
    slow = Transient("status 429", reply=Reply(status=429))
    vendor = Vendor(*[slow] * 5, OK)
    apps = Account("app", "[a-z]", "a letter", named_by_key=True, own_credential=True)
    way = replace(delivery(vendor, retry_scale=0.05), secret=SystemSecret("", apps))

    def of(account: str, event: str) -> Pending:
        return waiting(replace(task(event, event), payload=Opaque({"account": account})))

    sending = [*(of("a", str(number)) for number in range(6)), of("b", "b"), of("", "own")]
    fates = way.redelivery.send(sending, seconds_left=lambda: 60)

    assert [getattr(fate, "reason", "done") for fate in fates] == [
        *["status 429"] * 5, "breaker open", "done", "done",
    ]  # fmt: skip
    assert vendor.sent == ["0", "1", "2", "3", "4", "b", "own"]


def test_accounts_that_share_a_credential_share_a_circuit_breaker(cloud: Aws) -> None:
    vendor = Vendor(Transient("timeout"))
    way = replace(delivery(vendor), secret=SystemSecret("", Account("project", "[a-z]", "a letter")))
    sending = [waiting(replace(task(name, name), payload=Opaque({"account": name}))) for name in "abcdef"]

    fates = way.redelivery.send(sending, seconds_left=lambda: 60)

    assert [getattr(fate, "reason", "") for fate in fates] == [*["timeout"] * 5, "breaker open"]
