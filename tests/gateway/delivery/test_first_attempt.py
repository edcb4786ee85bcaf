"""The steps carried out: against an upstream, a queue and a table that fail as the test says."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.answer import Answer, Success
from gateway.core.errors import Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.identity import RequestIdentity
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask, Opaque, Reply
from gateway.delivery import idempotency
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.erasure import Tombstones, item_key
from gateway.delivery.idempotency_store import IdempotencyStore
from gateway.delivery.outcomes import (
    Dead,
    Delivered,
    Done,
    Dropped,
    Ending,
    Expired,
    Failed,
    KeyInFlight,
    KeyReused,
    Later,
    NotDeadLettered,
    NoTime,
    Queued,
    Replayed,
    Unrecorded,
)
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.inbound.dialect import Dialect
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System

OK = Reply(status=200, body=b"{}")
SUCCESS = Success(queued=Answer(status=202))
CLIENTS_KEY = DeliveryPolicy(KeyPolicy.CLIENT)


class Aws:
    """SQS and DynamoDB in a few lines: conditions are those that `records.Table` writes."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.queues: dict[str, list[str]] = {"queue": [], "dead": []}
        self.down: set[str] = set()

    def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        if service in self.down or action in self.down or body.get("QueueUrl") in self.down:
            raise aws.AwsError("ServiceUnavailable", passing=True)
        if action == "SendMessage":
            self.queues[body["QueueUrl"]].append(body["MessageBody"])
            return {}
        if action == "GetItem":
            found = self.items.get(body["Key"]["key"]["S"])
            return {"Item": found} if found else {}
        key = (body.get("Item") or body["Key"])["key"]["S"]
        stands = self.items.get(key)
        wanted = body.get("ExpressionAttributeValues")
        mine = stands is None if wanted is None else stands and stands["owner"] == wanted[":owner"]
        if not mine:
            raise aws.AwsError("ConditionalCheckFailedException", passing=False)
        if action == "PutItem":
            self.items[key] = body["Item"]
        else:
            del self.items[key]
        return {}

    @property
    def states(self) -> list[str]:
        return [item["state"]["S"] for item in self.items.values()]


class Vendor:
    """An upstream that ends each send as the test says; the last end stays."""

    def __init__(self, *ends: Reply | UpstreamError, at_once: int = 1) -> None:
        self.ends = list(ends)
        self.at_once = at_once
        self.sent: list[str] = []

    def prepare(self) -> None:
        pass

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        self.sent.append(task.event_id)
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(end, UpstreamError):
            raise end
        return end

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        assert len(tasks) <= self.at_once
        failures: list[UpstreamError | None] = []
        for task in tasks:
            try:
                self.send(task, seconds=seconds)
                failures.append(None)
            except UpstreamError as error:
                failures.append(error)
        return failures


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Aws:
    cloud = Aws()
    monkeypatch.setattr(aws, "post", cloud)
    return cloud


SETTINGS = Settings(queue="queue", dead_letters="dead", records="records")


def delivery(vendor: Vendor, **settings: Any) -> System:
    return System(
        name="trax",
        settings=SETTINGS.model_copy(update=settings),
        secret=SystemSecret(""),
        upstream=vendor,
        dialect=Dialect(),
        settled=lambda reply: reply.status == 409,
    )


def task(event: str = "e", key: str = "k", fingerprint: str = "f") -> DeliveryTask:
    return DeliveryTask(
        system="trax", endpoint="session", event_id=event, received_at=1.0, payload=Opaque({}), key=key,
        fingerprint=fingerprint,
    )  # fmt: skip


def first(way: System, policy: DeliveryPolicy, **parts: str) -> Any:
    return way.deliver(task(**parts), policy, SUCCESS, seconds_left=10)


def test_a_call_without_a_key_costs_no_record_while_the_upstream_is_well(cloud: Aws) -> None:
    assert first(delivery(Vendor(OK)), DeliveryPolicy()) == Delivered(OK)
    assert (cloud.items, cloud.queues["queue"]) == ({}, [])


@pytest.mark.parametrize(
    "failure",
    [
        Transient("timeout", may_have_arrived=True),
        Transient("status 429"),
        Setup("status 401"),
        Setup("no credential"),
    ],
)
def test_what_cannot_be_sent_is_queued_as_it_was_said(cloud: Aws, failure: UpstreamError) -> None:
    assert first(delivery(Vendor(failure)), DeliveryPolicy()) == Queued()
    assert DeliveryTask.loads(cloud.queues["queue"][0]) == task()


def test_a_refusal_is_never_queued(cloud: Aws) -> None:
    refusal = Refused(Reply(status=400))

    assert first(delivery(Vendor(refusal)), CLIENTS_KEY) == Failed(refusal)
    assert (cloud.items, cloud.queues["queue"]) == ({}, [])


def test_queue_down_too(cloud: Aws) -> None:
    cloud.down = {"queue"}
    failure = Transient("reset")

    assert first(delivery(Vendor(failure)), CLIENTS_KEY) == Failed(failure)
    assert cloud.states == ["sending"]  # SQS may have it, though it did not say so


def test_queue_first(cloud: Aws) -> None:
    vendor = Vendor(OK)

    assert first(delivery(vendor), DeliveryPolicy(queue=QueuePolicy.FIRST)) == Queued()
    assert (vendor.sent, len(cloud.queues["queue"])) == ([], 1)


def test_an_unknown_outcome_is_not_queued_where_the_setting_says_so(cloud: Aws) -> None:
    terms = DeliveryPolicy(queue=QueuePolicy.ON_CERTAIN_FAILURE)
    lost, refused = Transient("timeout", may_have_arrived=True), Transient("unreachable")

    assert first(delivery(Vendor(lost)), terms) == Failed(lost)
    assert first(delivery(Vendor(refused)), terms) == Queued()


def test_a_replay_is_answered_as_first_told(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor)
    first(way, CLIENTS_KEY)

    again = first(way, CLIENTS_KEY, event="e2")

    assert isinstance(again, Replayed)
    assert again.answer is not None
    assert (again.answer.body, again.answer.delivery) == (b"{}", "delivered")
    assert vendor.sent == ["e"]
    assert first(way, CLIENTS_KEY, fingerprint="other") == KeyReused()


def test_a_queued_call_is_replayed_as_queued(cloud: Aws) -> None:
    way = delivery(Vendor(Transient("reset")))
    first(way, CLIENTS_KEY)

    again = first(way, CLIENTS_KEY)

    assert isinstance(again, Replayed)
    assert again.answer is not None
    assert (again.answer.status, again.answer.delivery) == (202, "queued")
    assert len(cloud.queues["queue"]) == 1


def test_a_key_in_flight(cloud: Aws) -> None:
    class Nested(Vendor):
        """The client tries again while its first try is with the upstream."""

        outcome: Any = None

        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if self.outcome is None:
                self.outcome = "asking"
                self.outcome = first(way, self.terms, event="e2", key=task.key)
            return super().send(task, seconds=seconds)

        terms = CLIENTS_KEY

    vendor = Nested(OK)
    way = delivery(vendor)
    assert first(way, CLIENTS_KEY) == Delivered(OK)
    assert isinstance(vendor.outcome, KeyInFlight)
    assert 1.5 < vendor.outcome.seconds < SETTINGS.send_seconds + 0.1, "the send's budget, not the lease"

    natural = Nested(OK)
    natural.terms = DeliveryPolicy(KeyPolicy.NATURAL)
    way = delivery(natural)
    assert first(way, natural.terms, key="n") == Delivered(OK)
    assert natural.outcome == Queued()
    assert natural.sent == ["e"]


def test_table_down(cloud: Aws) -> None:
    cloud.down = {"dynamodb"}
    vendor = Vendor(OK)

    assert first(delivery(vendor), CLIENTS_KEY) == Queued()
    failed = first(delivery(vendor), DeliveryPolicy(KeyPolicy.CLIENT, QueuePolicy.NEVER))
    assert isinstance(failed, Failed)
    assert failed.error.reason == "no idempotency records"
    assert vendor.sent == []


def test_done_that_cannot_be_written_is_answered_anyway(cloud: Aws) -> None:
    class Breaking(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            cloud.down = {"dynamodb"}
            return super().send(task, seconds=seconds)

    assert first(delivery(Breaking(OK)), CLIENTS_KEY) == Delivered(OK)


def test_a_409_after_our_own_unanswered_try_is_a_yes(cloud: Aws) -> None:
    conflict = Refused(Reply(status=409))
    terms = DeliveryPolicy(KeyPolicy.UNTIL_KNOWN, QueuePolicy.NEVER)
    vendor = Vendor(Transient("timeout", may_have_arrived=True), conflict)
    way = delivery(vendor)

    assert isinstance(first(way, terms), Failed)
    assert first(way, terms) == Delivered(Reply(status=200))
    assert cloud.items == {}
    assert first(way, terms) == Failed(conflict)


def test_an_open_breaker_goes_straight_to_the_queue(cloud: Aws) -> None:
    vendor = Vendor(Transient("reset", may_have_arrived=True))
    way = delivery(vendor)
    for _ in range(7):
        assert first(way, DeliveryPolicy()) == Queued()

    assert len(vendor.sent) == 5
    assert len(cloud.queues["queue"]) == 7
    failed = first(way, DeliveryPolicy(queue=QueuePolicy.NEVER))
    assert isinstance(failed, Failed)
    assert failed.error.reason == "breaker open"


def again(way: System, *tasks: DeliveryTask, left: float = 60) -> list[Any]:
    return way.redelivery.send([waiting(task) for task in tasks], seconds_left=lambda: left)


def waiting(task: DeliveryTask, *, last: bool = False) -> Pending:
    return Pending(task=task, text=task.dumps(), receives=3, last=last)


def test_the_worker_delivers_and_drops_the_second_copy(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor)

    assert again(way, task(), task("copy")) == [Done(), Dropped()]
    assert (vendor.sent, cloud.states) == (["e"], ["done"])


def test_what_expires_while_a_batch_is_sent_is_not_sent(cloud: Aws) -> None:
    class Slow(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            time.sleep(0.2)
            return super().send(task, seconds=seconds)

    vendor = Slow(OK)
    soon = replace(task("b", "b"), expires_at=int(time.time()) + 1)
    while soon.expires_at and soon.expires_at - time.time() > 0.15:
        time.sleep(0.01)

    assert again(delivery(vendor), task("a", "a"), soon) == [Done(), Expired()]
    assert vendor.sent == ["a"]


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


def test_a_delivery_of_which_copies_may_wait_is_remembered_as_long_as_they_live(cloud: Aws) -> None:
    way = delivery(Vendor(OK))
    first(way, CLIENTS_KEY, event="a", key="once")
    first(way, DeliveryPolicy(KeyPolicy.NATURAL), event="b", key="natural")
    kept = {key: float(item["expires"]["N"]) - time.time() for key, item in cloud.items.items()}

    assert kept["once"] < idempotency.KEEP_SECONDS + 1
    assert kept["natural"] > idempotency.KEEP_QUEUED_SECONDS - 60


def test_the_workers_failures_stay_and_its_refusals_are_buried(cloud: Aws) -> None:
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


def test_an_unknown_outcome_is_buried_where_the_setting_says_so(cloud: Aws) -> None:
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


def test_what_the_queue_may_have_is_remembered_as_long_as_it_keeps_it(cloud: Aws) -> None:
    cloud.down = {"queue"}
    way = delivery(Vendor(Transient("unreachable"), OK))

    assert isinstance(first(way, CLIENTS_KEY), Failed)
    assert isinstance(first(way, CLIENTS_KEY), Delivered)

    assert float(cloud.items["k"]["expires"]["N"]) - time.time() > idempotency.KEEP_QUEUED_SECONDS - 60


def test_a_call_that_meets_a_former_name_in_flight_is_queued_under_it(cloud: Aws) -> None:
    former = RequestIdentity("former key", "former fingerprint")
    way = delivery(Vendor(OK))
    another = IdempotencyStore("records").claim(
        idempotency.Claim(key=former.key, fingerprint=former.fingerprint, seconds=30), time.time()
    )
    assert isinstance(another, idempotency.Claimed)

    assert first(way, DeliveryPolicy(KeyPolicy.NATURAL, former=former)) == Queued()

    (text,) = cloud.queues["queue"]
    assert (DeliveryTask.loads(text).key, DeliveryTask.loads(text).fingerprint) == (
        former.key,
        former.fingerprint,
    )


def test_the_worker_waits_for_the_table(cloud: Aws) -> None:
    cloud.down = {"dynamodb"}
    vendor = Vendor(OK)

    assert again(delivery(vendor), task()) == [Unrecorded()]
    assert vendor.sent == []
