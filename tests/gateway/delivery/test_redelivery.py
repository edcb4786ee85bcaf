"""The worker: which messages go and which stay, and for how long."""

import json
import random
import time
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core.errors import NotYet, Transient
from gateway.core.message import Opaque
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.erasure import Forgotten, mark
from gateway.delivery.outcomes import Dead, Done, Ending, Expired, Later, NoTime, Waiting
from gateway.delivery.queue import CAP_SECONDS, PROBE_RECEIVES, SPARING_RECEIVES, SPARING_SECONDS, backoff
from gateway.delivery.redelivery import KEEP_SECONDS, WINDOW_SECONDS, Redelivery
from track.row import Row


class Way(Redelivery):
    """A redelivery that sends nothing, and notes what it is asked: it is its own executor, sender and
    tombstones."""

    system = "track"
    settings = Settings()

    def __init__(self, *fates: Any) -> None:
        stand_in: Any = self
        super().__init__(stand_in, tombstones=stand_in, payload=Row.of, unknown_tries=lambda task: 1)
        self.fates = list(fates)
        self.asked: list[str] = []
        self.last: list[str] = []
        self.dead_lettered: list[tuple[str, str]] = []
        self.waits: dict[str, int] = {}
        self.takes_dead_letters = True
        self.forgotten_at: dict[str, float] | None = {}

    def read(self) -> Forgotten | None:
        if self.forgotten_at is None:
            return None
        asked = {mark("track", who): at for who, at in self.forgotten_at.items()}
        return Forgotten("track", frozenset({"ProfileID"}), asked)

    def send(self, sending: Sequence[Pending], *, seconds_left: Any) -> list[Any]:
        self.asked += [one.task.event_id for one in sending]
        self.last += [one.task.event_id for one in sending if one.last]
        assert all(one.text and one.receives for one in sending)
        return [self.fates.pop(0) for _ in sending]

    def give_up(self, pending: Pending, reason: Ending) -> Any:
        assert self.dead_letter(pending.text, reason, None, pending.receives)
        return Dead(reason)

    def dead_letter(self, message: str, reason: str, reply: Any, receives: int) -> bool:
        if self.takes_dead_letters:
            self.dead_lettered.append((message, reason))
        return self.takes_dead_letters

    @property
    def sender(self) -> "Way":
        return self

    def lane(self, task: DeliveryTask) -> str:
        return task.endpoint

    def postpone(self, receipt: str, seconds: int) -> None:
        self.waits[receipt] = seconds


def text(event: str, *, age: float = 0, expires_in: int | None = None, endpoint: str = "user") -> str:
    now = time.time()
    return DeliveryTask(
        system="track",
        endpoint=endpoint,
        event_id=event,
        received_at=now - age,
        payload=Opaque({}),
        expires_at=None if expires_in is None else int(now) + expires_in,
    ).dumps()


def event(*texts: str, receives: int = 2) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for number, body in enumerate(texts)
        ]
    }


def work(way: Way, *texts: str, receives: int = 2) -> list[str]:
    return [item["itemIdentifier"] for item in way(event(*texts, receives=receives))["batchItemFailures"]]


def test_what_was_delivered_goes_and_what_was_not_stays() -> None:
    way = Way(Done(), Later("timeout", 30), Dead("refused"), Later("timeout"))

    assert work(way, text("a"), text("b"), text("c"), text("d")) == ["m1", "m3"]
    assert 30 <= way.waits["r1"] <= 60
    assert 0 <= way.waits["r3"] <= 8


def test_what_expires_is_not_given_up_before() -> None:
    way = Way(Expired(), Done())
    late = WINDOW_SECONDS + 1

    assert work(way, text("old", age=late, expires_in=0), text("new", age=late, expires_in=60)) == []
    assert (way.asked, way.dead_lettered) == (["old", "new"], [])


def test_after_a_day_the_next_try_is_the_last() -> None:
    way = Way(Done(), Done())

    assert work(way, text("late", age=WINDOW_SECONDS + 1), text("in time", age=WINDOW_SECONDS - 60)) == []
    assert (way.asked, way.last, way.dead_lettered) == (["late", "in time"], ["late"], [])


def queued(*ages: float, received: float = 0) -> dict[str, Any]:
    """Messages that were queued so many seconds ago, of events that were received before."""
    records = event(*(text(f"e{number}", age=age + received) for number, age in enumerate(ages)))
    for record, age in zip(records["Records"], ages, strict=True):
        record["attributes"]["SentTimestamp"] = str(round((time.time() - age) * 1000))
    return records


def test_what_an_operator_queued_again_has_a_new_day() -> None:
    way = Way(Done(), Done())

    way(queued(60, WINDOW_SECONDS + 60, received=3 * WINDOW_SECONDS))

    assert (way.asked, way.last) == (["e0", "e1"], ["e1"])


def test_what_the_queue_will_soon_drop_is_a_dead_letter_untried() -> None:
    way = Way(Done())

    way(queued(KEEP_SECONDS - 60, KEEP_SECONDS + 60))

    assert way.asked == ["e0"]
    assert [reason for _, reason in way.dead_lettered] == ["window over"]


def test_what_the_queue_will_soon_drop_is_a_dead_letter_though_nobody_knows_who_asked() -> None:
    way = Way()
    way.forgotten_at = None

    way(queued(KEEP_SECONDS + 60))

    assert [reason for _, reason in way.dead_lettered] == ["window over"]


def test_what_a_newer_release_queued_waits_for_its_worker() -> None:
    way = Way()

    assert work(way, '{"version":99}') == ["m0"]
    assert way.dead_lettered == []


def test_what_a_newer_release_queued_is_never_dropped_by_its_queue() -> None:
    way = Way()
    records = queued(KEEP_SECONDS + 60)
    records["Records"][0]["body"] = '{"version":99}'

    way(records)

    assert way.dead_lettered == [('{"version":99}', "newer version")]


def test_few_tries_are_spread_over_minutes_and_no_probe_is_one_of_them() -> None:
    lost, away = Transient("timeout", may_have_arrived=True), Transient("status 503")
    way = Way(NoTime(), Later("", None, lost, spaced=True), Later("", None, away), Later("", None, away))
    work(way, text("a"), text("b"), text("c"), text("d"), receives=100)

    assert way.waits["r1"] >= CAP_SECONDS / 2
    assert way.waits["r2"] <= 60


def test_each_lane_has_a_probe_of_its_own() -> None:
    waits: list[int] = []
    for _ in range(100):
        way = Way(*[Later("status 503", None, Transient("status 503"))] * 4)
        sent = [text("a"), text("b"), text("c", endpoint="item"), text("d", endpoint="item")]
        work(way, *sent, receives=100)
        waits += [min(way.waits["r1"], way.waits["r3"])]
        assert way.waits["r0"] <= 60 >= way.waits["r2"]

    assert max(waits) > 60


def test_what_waits_for_its_own_turn_is_no_probe_either() -> None:
    away = Transient("status 503")
    turn = Waiting(seconds=1, error=NotYet("waiting", tried=False))
    waits: list[int] = []
    for _ in range(100):
        way = Way(turn, turn, Later("", None, away))
        work(way, text("a"), text("b"), text("c"), receives=100)
        waits += [way.waits["r0"], way.waits["r1"]]
        assert way.waits["r2"] <= 60

    assert max(waits) > 60


def test_what_waits_for_its_turn_raises_no_alarm_that_deliveries_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    work(Way(Waiting(seconds=1)), text("a"))

    (metrics,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert metrics["Waiting"] == [1.0]
    assert "Retried" not in metrics


def test_what_there_is_never_time_for_does_not_use_up_its_receives() -> None:
    way = Way(NoTime())
    work(way, text("a"), receives=SPARING_RECEIVES + 1)

    assert way.waits["r0"] >= SPARING_SECONDS / 2


def test_nothing_is_given_up_without_the_time_for_it() -> None:
    way = Way()
    context = type("Context", (), {"get_remaining_time_in_millis": lambda self: 4000})()

    answer = way(queued(KEEP_SECONDS + 60), context)

    assert (answer["batchItemFailures"], way.dead_lettered) == ([{"itemIdentifier": "m0"}], [])


def test_without_time_to_postpone_a_message_it_stays_all_the_same() -> None:
    way = Way(Later("timeout"))
    context = type("Context", (), {"get_remaining_time_in_millis": lambda self: 1900})()

    answer = way(event(text("a")), context)

    assert (answer["batchItemFailures"], way.waits) == ([{"itemIdentifier": "m0"}], {})


def test_a_batch_of_what_cannot_be_read_takes_no_longer_than_there_is_time() -> None:
    """Each dead letter may take two seconds, and a batch has fifty."""
    way = Way()
    context = type("Context", (), {"get_remaining_time_in_millis": lambda self: 4000})()

    answer = way(event("{}", "{}"), context)

    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m0", "m1"]
    assert way.dead_lettered == []


@pytest.mark.parametrize("body", ["", "{}", "not JSON", '{"version":0}'])
def test_what_cannot_be_read_is_a_dead_letter(body: str) -> None:
    way = Way()

    assert work(way, body) == []
    assert way.dead_lettered == [(body, "unreadable")]


def test_what_cannot_be_a_dead_letter_stays() -> None:
    way = Way()
    way.takes_dead_letters = False

    assert work(way, "{}") == ["m0"]


def test_what_there_was_no_time_for_comes_back_at_once() -> None:
    way = Way(NoTime())
    work(way, text("a"))

    assert way.waits == {"r0": 0}


def test_backoff_is_full_jitter_up_to_the_cap() -> None:
    drawn = [backoff(30, asked=None, probe=False, scale=1) for _ in range(2000)]

    assert 0 <= min(drawn) < 30
    assert CAP_SECONDS - 30 < max(drawn) <= CAP_SECONDS
    assert max(backoff(1, asked=None, probe=False, scale=1) for _ in range(200)) <= 4
    assert backoff(3, asked=10**9, probe=False, scale=1) == CAP_SECONDS
    assert max(backoff(30, asked=None, probe=False, scale=0.01) for _ in range(200)) <= 9


def test_one_message_of_a_batch_finds_out_within_a_minute() -> None:
    assert all(backoff(600, asked=None, probe=True, scale=1) <= 60 for _ in range(500))
    assert max(backoff(601, asked=None, probe=True, scale=1) for _ in range(500)) > 60
    # A message alone in its queue for a day stays under the thousand receives that SQS allows it.
    waited = receives = 0
    while waited < WINDOW_SECONDS:
        receives += 1
        waited += backoff(receives, asked=None, probe=True, scale=1)
    assert receives < 1000


def test_a_message_that_is_never_tried_lasts_until_it_is_given_up() -> None:
    # As few tries as jitter allows, and the thousand receives must not be used up before.
    random.seed(1)
    for _ in range(20):
        waited = receives = 0
        while waited < KEEP_SECONDS:
            receives += 1
            waited += backoff(receives, asked=None, probe=True, scale=1)
        assert receives < 1000


def test_the_canarys_last_short_wait() -> None:
    waits = [backoff(PROBE_RECEIVES, asked=None, probe=True, scale=1) for _ in range(500)]

    assert max(waits) <= 60


def test_letters_are_read_as_they_were_written() -> None:
    letter = DeadLetter(
        message=text("a"), reason="refused", died_at=5.5, receives=3, status=400, body=b"\xff"
    )

    assert DeadLetter.loads(letter.dumps()) == letter
    assert letter.task is not None


@pytest.mark.parametrize("body", ["", "[]", "not JSON", '{"version":1}'])
def test_what_sqs_moved_itself_is_a_letter_too(body: str) -> None:
    letter = DeadLetter.loads(body)

    assert (letter.message, letter.reason, letter.task) == (body, "received too often", None)


@pytest.mark.parametrize(
    "changed",
    [
        {"died_at": None},
        {"died_at": "soon"},
        {"died_at": "nan"},
        {"died_at": ...},
        {"message": 5},
        {"message": ...},
        {"reason": None},
        {"receives": "3"},
        {"status": "400"},
        {"body": 5},
    ],
)
def test_a_letter_that_cannot_be_read_is_one_all_the_same(changed: dict[str, Any]) -> None:
    good = {"letter": 1, "message": "m", "reason": "refused", "died_at": 5.5, "receives": 3}
    text = json.dumps({name: value for name, value in {**good, **changed}.items() if value is not ...})

    letter = DeadLetter.loads(text)

    assert (letter.message, letter.reason, letter.task) == (text, "unreadable letter", None)


def test_what_a_newer_release_adds_to_a_letter_is_left_out() -> None:
    letter = DeadLetter(message="m", reason="refused", died_at=5.5, receives=3)
    newer = json.dumps({**json.loads(letter.dumps()), "of a newer release": 1})

    assert DeadLetter.loads(newer) == letter


def by(person: int, *, age: float = 0) -> str:
    """A queued event of a person's."""
    row = Row(table="UserEvent", values={"ProfileID": person, "PriceGold": 8})
    return DeliveryTask(
        system="track",
        endpoint="user",
        event_id=f"{person}",
        received_at=time.time() - age,
        payload=row,
    ).dumps()


def test_what_is_queued_of_people_who_asked_to_be_forgotten_goes_unsent() -> None:
    way = Way(Done(), Done())
    way.forgotten_at = {"8": time.time() - 60}

    gone = by(8, age=KEEP_SECONDS + 100)  # not even its dead letter is left
    answer = way(event(by(7, age=100), by(8, age=100), by(8, age=0), gone))

    assert answer == {"batchItemFailures": []}
    # What a person does after having asked is delivered; and 8 pieces of gold are nobody.
    assert (way.asked, way.dead_lettered) == (["7", "8"], [])


def test_nothing_is_sent_while_nobody_knows_who_asked() -> None:
    way = Way()
    way.forgotten_at = None

    assert work(way, by(7)) == ["m0"]


def test_the_window_is_a_day_and_the_queue_keeps_a_day_longer_than_we_do() -> None:
    assert WINDOW_SECONDS == 86400
    assert KEEP_SECONDS == 13 * 86400
