"""Players' users in DynamoDB (moto): what is kept, for how long, and what two functions write at once."""

import time
from typing import Any

import pytest

from gateway.core.errors import NotYet
from onesignal import identities
from onesignal.identities import CACHE_ENTRIES, CACHE_SECONDS, Identities, Identity, Missing, item_key
from tests.onesignal.stage import MOVED_TO, PLAYER, USER, Clock

OF = ("app", PLAYER)


def process(clock: Clock | None = None, *, days: float = 7) -> Identities:
    return Identities("records", days=days, clock=clock.monotonic if clock else Clock().monotonic)


def stored(one: Identities) -> Identity | None:
    found = one.find(*OF, seconds=1, stored=True)
    assert not isinstance(found, Missing)
    return found


def learned(one: Identities, onesignal_id: str = USER) -> Identity:
    return one.learn(*OF, onesignal_id, seconds=1)


def test_what_one_function_learns_another_finds(records: Any) -> None:
    assert process().find(*OF, seconds=1) is None

    identity = learned(process())

    found = process().find("APP", PLAYER.lower(), seconds=1)
    assert isinstance(found, Identity)
    assert (found.onesignal_id, found.sent, found.fresh, identity.fresh) == (USER, "", False, True)


def test_an_item_is_small_and_expires(records: Any) -> None:
    learned(process(days=2))

    (item,) = records.scan(TableName="records")["Items"]
    assert item.keys() == {"key", "onesignal_id", "expires"}
    assert item["key"] == {"S": item_key(*OF)}
    assert item["expires"]["N"].isdigit()


def test_it_is_kept_for_a_while_in_the_process_and_not_longer(records: Any) -> None:
    clock = Clock()
    one = process(clock)
    learned(one)
    learned(process(), MOVED_TO)

    kept = one.find(*OF, seconds=1)
    clock.now += CACHE_SECONDS + 1
    found = one.find(*OF, seconds=1)

    assert isinstance(kept, Identity)
    assert isinstance(found, Identity)
    assert (kept.onesignal_id, found.onesignal_id) == (USER, MOVED_TO)


def test_a_process_keeps_no_more_than_so_many(records: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "CACHE_ENTRIES", 3)
    one = process()
    for number in range(5):
        one.learn("app", f"player-{number}", USER, seconds=1)
    for item in records.scan(TableName="records")["Items"]:
        records.delete_item(TableName="records", Key={"key": item["key"]})

    assert CACHE_ENTRIES > 3
    assert one.find("app", "player-4", seconds=1) is not None
    assert one.find("app", "player-1", seconds=1) is None


def begun(one: Identities, identity: Identity, seconds: float = 10) -> Identity:
    return one.begin(*OF, identity, until=time.time() + seconds, seconds=1)


def test_what_was_sent_is_recorded_once_it_is_certain(records: Any) -> None:
    one = process()
    identity = learned(one)

    one.record(*OF, begun(one, identity), "hash", seconds=1)

    found = stored(process())
    assert isinstance(found, Identity)
    assert (found.sent, found.onesignal_id, found.expires) == ("hash", USER, round(identity.expires))
    begun(one, found)
    unknown = stored(process())
    assert unknown is not None
    assert unknown.sent == ""


def test_while_one_is_on_its_way_no_other_is_sent(records: Any) -> None:
    first, second = process(), process()
    identity = learned(first)
    sending = begun(first, identity)

    with pytest.raises(NotYet, match="in use"):
        begun(second, identity)
    first.record(*OF, sending, "hash", seconds=1)

    assert begun(second, identity).sent == ""


def test_who_was_given_up_records_nothing(records: Any) -> None:
    first, second = process(), process()
    late = begun(first, learned(first), seconds=-0.001)

    sending = begun(second, late)
    first.record(*OF, late, "of one", seconds=1)
    found = stored(process())
    assert isinstance(found, Identity)
    assert found.sent == ""

    second.record(*OF, sending, "of the other", seconds=1)
    first.record(*OF, late, "of one", seconds=1)
    found = stored(process())
    assert isinstance(found, Identity)
    assert found.sent == "of the other"


def test_a_record_whose_answer_was_lost_meets_itself(records: Any) -> None:
    one = process()
    sending = begun(one, learned(one))

    one.record(*OF, sending, "hash", seconds=1)
    one.record(*OF, sending, "hash", seconds=1)

    found = stored(one)
    assert isinstance(found, Identity)
    assert found.sent == "hash"


def test_what_belongs_to_another_user_now_is_left_alone(records: Any) -> None:
    one = process()
    expires = learned(one, MOVED_TO).expires
    former = Identity(onesignal_id=USER, expires=expires, sent="x", sending=expires)

    one.record(*OF, former, "hash", seconds=1)
    one.forget(*OF, former, seconds=1)
    with pytest.raises(NotYet):
        begun(one, former)

    found = stored(one)
    assert isinstance(found, Identity)
    assert (found.onesignal_id, found.sent) == (MOVED_TO, "")


def test_what_is_forgotten_is_unknown_to_all(records: Any) -> None:
    one = process()
    one.forget(*OF, learned(one), seconds=1)

    assert one.find(*OF, seconds=1) is None
    assert process().find(*OF, seconds=1) is None
    (item,) = records.scan(TableName="records")["Items"]
    assert item.keys() == {"key", "expires"}


def test_an_item_that_is_past_its_time_is_none_though_it_is_still_there(
    records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(identities, "time", clock)
    learned(process())

    clock.now = 7 * 86400 - 2
    assert process().find(*OF, seconds=1) is not None
    clock.now += 3
    assert process().find(*OF, seconds=1) is None


@pytest.mark.parametrize(
    "item",
    [
        {"onesignal_id": {"S": USER}},
        {"onesignal_id": {"N": "5"}, "expires": {"N": "9999999999"}},
        {"expires": {"N": "9999999999"}},
        {"onesignal_id": {"S": USER}, "expires": {"S": "soon"}},
    ],
)
def test_an_item_of_another_form_is_none(records: Any, item: Any) -> None:
    records.put_item(TableName="records", Item={"key": {"S": item_key(*OF)}, **item})

    assert process().find(*OF, seconds=1) is None


def test_who_is_missing_is_noted_unless_somebody_found_the_user_meanwhile(
    records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(identities, "time", clock)
    one, start = process(), clock.time()

    one.miss(*OF, None, seconds=1)
    clock.now += 70
    found = one.find(*OF, seconds=1)
    assert found == Missing(missing_since=start, asked=start)
    one.miss(*OF, found, seconds=1)
    assert process().find(*OF, seconds=1) == Missing(missing_since=start, asked=start + 70)

    learned(process())
    one.miss(*OF, found, seconds=1)
    assert isinstance(process().find(*OF, seconds=1), Identity)


def test_a_proof_need_not_wait_as_long_for_a_missing_player() -> None:
    missing = Missing(missing_since=100, asked=110)

    assert [missing.ask_again(scale=scale) for scale in (1, 0.01)] == [115, 110.05]
