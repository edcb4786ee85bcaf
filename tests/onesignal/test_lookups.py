"""Turns to look up a player, in DynamoDB (moto): one per interval, whoever takes it."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.core.errors import NotYet
from gateway.outbound import aws
from onesignal import lookups
from onesignal.lookups import LONGEST_PAUSE, Lookups, item_key
from tests.onesignal.stage import NOW, Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lookups, "time", clock)
    return clock


def process(per_second: float = 1) -> Lookups:
    return Lookups("records", per_second=per_second)


def takes(one: Lookups, app: str = "app") -> bool:
    try:
        one.take(app, seconds=1)
    except NotYet:
        return False
    return True


@pytest.mark.parametrize("per_second", [0.1, 1, 3])
def test_there_are_as_many_turns_as_the_setting_allows(records: Any, clock: Clock, per_second: float) -> None:
    processes = [process(per_second) for _ in range(3)]
    taken = 0
    for step in range(200):
        clock.now = step / 10
        taken += sum(takes(one) for one in processes)

    assert 0.8 * 20 * per_second <= taken <= 20 * per_second + 1


@pytest.mark.parametrize("is_down", [False, True])
def test_of_a_workers_threads_one_asks_the_table(monkeypatch: pytest.MonkeyPatch, is_down: bool) -> None:
    """A table that is down takes each a second to find out, and a worker has a minute."""
    asked: list[str] = []

    def post(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        asked.append(action)
        time.sleep(0.02)
        if is_down:
            raise aws.AwsError("unreachable", passing=True)
        return {}

    monkeypatch.setattr(aws, "post", post)
    one = process()

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(lambda _: takes(one), range(10)))

    assert (sum(taken), asked) == (not is_down, ["PutItem"])


def test_apps_have_turns_of_their_own(records: Any) -> None:
    one = process()

    assert [takes(one), takes(one), takes(one, "other"), takes(one, "APP")] == [True, False, True, False]


def test_a_process_need_not_ask_before_it_is_time(
    records: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert takes(process(0.1))
    late = process(0.1)
    assert not takes(late)
    assert late.wait("app") == pytest.approx(10)
    asked: list[str] = []
    ours = aws.post

    def counted(service: str, action: str, body: Any, *, seconds: float) -> Any:
        asked.append(action)
        return ours(service, action, body, seconds=seconds)

    monkeypatch.setattr(aws, "post", counted)

    clock.now = 9.9
    assert not takes(late)
    assert asked == []
    clock.now = 10.1
    assert (late.wait("app"), takes(late), asked) == (0, True, ["PutItem"])


def test_a_pause_is_everybodys(records: Any, clock: Clock) -> None:
    one, other = process(), process()
    assert takes(one)
    one.pause("app", 30, seconds=1)

    clock.now = 29
    assert (takes(other), other.wait("app"), one.wait("app")) == (False, 1, 1)
    clock.now = 30.1
    assert takes(other)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 5), (0, 5), (1, 1), (10**5, LONGEST_PAUSE)])
def test_how_long_a_pause_is(records: Any, asked: int | None, seconds: float) -> None:
    one = process()
    one.pause("app", asked, seconds=1)

    assert one.wait("app") == seconds


def test_a_pause_is_never_shorter_than_the_interval(records: Any) -> None:
    one = process(0.1)
    one.pause("app", 1, seconds=1)

    assert one.wait("app") == 10


def test_a_longer_pause_stays(records: Any, clock: Clock) -> None:
    process().pause("app", 60, seconds=1)
    process().pause("app", 10, seconds=1)

    clock.now = 59
    assert not takes(process())


def test_an_item_that_is_no_longer_used_expires(records: Any) -> None:
    takes(process())

    (item,) = records.scan(TableName="records")["Items"]
    assert item == {
        "key": {"S": item_key("app")},
        "next": {"N": f"{(NOW + 1) * 1000:.0f}"},
        "expires": {"N": f"{NOW + 1 + 86400:.0f}"},
    }


def test_without_a_table_there_is_no_turn(records: Any) -> None:
    assert not takes(Lookups("no-such-table", per_second=1))


def test_a_refusal_that_does_not_say_until_when_costs_an_interval(
    records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(service: str, action: str, body: Any, *, seconds: float) -> Any:
        raise aws.AwsError("ConditionalCheckFailedException", passing=False)

    monkeypatch.setattr(aws, "post", post)
    one = process(0.5)

    assert (takes(one), one.wait("app")) == (False, 2)
