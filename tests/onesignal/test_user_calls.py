"""The calls of a send in the users model: which are made, in which order, and what each failure means."""

from typing import Any

import pytest

from gateway.core.errors import NotYet, Refused, Setup, TimedOut, Transient, UpstreamError
from gateway.core.identity import key_of
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from onesignal.upstream import Model, OneSignalUpstream
from tests.onesignal.stage import (
    APP_ID,
    MOVED_TO,
    NAMED,
    NOW,
    PLAYER,
    TOKEN,
    USER,
    Stage,
    error,
    queued,
    task,
)

OLD = 61
"""Seconds after which a 404 is no longer a user that was just created."""

LOST = TimedOut(may_have_arrived=True)
SENT = key_of("subscription", {"token": "token-1", "app_version": "1.0"})
HTML = Reply(status=200, body=b"<html>")
EMPTY = Reply(status=202)


def failure(process: OneSignalUpstream, one: DeliveryTask, *, seconds: float = 10) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        process.send(one, seconds=seconds)
    return caught.value


# What is sent.


def test_a_new_players_session(stage: Stage) -> None:
    reply = stage.process().send(task(**TOKEN, language="en", timezone=0), seconds=10)

    assert (reply.status, reply.body) == (200, b'{"success":true}')
    assert [(one.method, one.path) for one in stage.vendor.sent] == [
        ("GET", f"/apps/{APP_ID}/subscriptions/{PLAYER}/user/identity"),
        ("PATCH", f"/apps/{APP_ID}/subscriptions/{PLAYER}"),
        ("PATCH", f"/apps/{APP_ID}/users/by/onesignal_id/{USER}"),
    ]
    assert {one.headers["Authorization"] for one in stage.vendor.sent} == {"Key own-key"}
    look_up, subscription, user = stage.vendor.sent
    assert (look_up.body, "Content-Type" in look_up.headers) == (None, False)
    assert subscription.body == {"subscription": {"token": "token-1", "app_version": "1.0"}}
    assert user.body == {"properties": {"language": "en"}, "deltas": {"session_count": 1}}
    assert user.headers["OneSignal-Subscription-Id"] == PLAYER
    assert user.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("one", "deltas"),
    [
        (task("on_focus"), {"session_time": 60}),
        (
            task("on_purchase", purchases=[{"sku": "a", "iso": "usd", "amount": "0.10"}]),
            {"purchases": [{"sku": "a", "iso": "USD", "amount": "0.10", "count": 1}]},
        ),
        (task(language="en", app_id="x", player_id="y"), {"session_count": 1}),
    ],
)
def test_what_is_not_about_the_device_is_one_call(stage: Stage, one: DeliveryTask, deltas: Any) -> None:
    stage.known()

    stage.process().send(one, seconds=10)

    assert [(one.call, one.body["deltas"]) for one in stage.vendor.sent] == [("user", deltas)]


def test_a_task_is_the_same_once_it_was_queued(stage: Stage) -> None:
    stage.known()
    one = task("on_purchase", purchases=[{"sku": "ü", "iso": "eur", "amount": 5}], existing=True)

    stage.process().send(one, seconds=10)
    stage.process().send(queued(one), seconds=10)

    assert stage.vendor.sent[0].body == stage.vendor.sent[1].body


# Who a player is.


def test_a_player_is_looked_up_once_and_remembered_by_all(stage: Stage) -> None:
    process = stage.process()
    process.send(task("on_focus"), seconds=10)
    process.send(task("on_focus"), seconds=10)
    assert stage.table.asked == ["GetItem", "PutItem", "PutItem"]

    stage.process().send(task("on_focus"), seconds=10)

    assert stage.vendor.calls == ["look-up", "user", "user", "user"]
    assert stage.identity()["onesignal_id"] == USER
    assert float(stage.identity()["expires"]) == NOW + 7 * 86400


def test_how_long_a_player_is_remembered_is_a_setting(stage: Stage) -> None:
    stage.process(identity_days=2).send(task("on_focus"), seconds=10)

    assert float(stage.identity()["expires"]) == NOW + 2 * 86400


def test_a_player_who_may_be_new_is_not_looked_up_again_at_once(stage: Stage) -> None:
    stage.vendor.script["look-up"] = [error(404)]
    one = task("on_focus")
    assert isinstance(failure(stage.process(), one), NotYet)

    stage.clock.now += 2
    found = failure(stage.process(), one)
    assert (type(found), found.tried, found.retry_after) == (NotYet, False, 3)
    assert stage.vendor.calls == ["look-up"]

    stage.clock.now += 3
    stage.process().send(one, seconds=10)
    assert stage.vendor.calls == ["look-up", "look-up", "user"]
    stage.process().send(task("on_focus"), seconds=10)
    assert stage.vendor.calls[3:] == ["user"]


def test_a_player_whom_onesignal_does_not_know_takes_no_turns_of_others(stage: Stage) -> None:
    stage.vendor.script["look-up"] = [error(404) for _ in range(10)]
    assert isinstance(failure(stage.process(), task("on_focus")), NotYet)
    stage.clock.now += 60
    events = [task("on_focus", age=-later) for later in (0, 20, 59, 60)]  # received so much later
    assert isinstance(failure(stage.process(), events[0]), Refused)
    assert stage.vendor.calls == ["look-up"] * 2

    ends = [failure(stage.process(), one) for one in events]

    assert [isinstance(end, NotYet) for end in ends] == [False, True, True, True]
    assert [end.retry_after for end in ends] == [None, 900, 900, 900]
    assert [end.tried for end in ends[1:]] == [False] * 3
    stage.clock.now += 900
    assert isinstance(failure(stage.process(), events[3]), Refused)
    ends = [failure(stage.process(), one) for one in events]
    assert [end.reply and end.reply.status for end in ends] == [400] * 4
    assert stage.vendor.calls == ["look-up"] * 3


def test_what_is_too_old_is_looked_up_again(stage: Stage) -> None:
    stage.known(MOVED_TO, days=-0.1)

    stage.process().send(task("on_focus"), seconds=10)

    assert stage.vendor.calls == ["look-up", "user"]
    assert stage.identity()["onesignal_id"] == USER


def test_what_is_remembered_is_each_apps_own(stage: Stage) -> None:
    stage.table.secret["credentials"][NAMED] = "its-key"
    stage.known(MOVED_TO)

    stage.process().send(task("on_focus", account=NAMED), seconds=10)

    assert stage.vendor.sent[0].path.startswith(f"/apps/{NAMED}/")
    assert stage.vendor.sent[1].path == f"/apps/{NAMED}/users/by/onesignal_id/{USER}"
    assert {one.headers["Authorization"] for one in stage.vendor.sent} == {"Key its-key"}
    assert (stage.identity()["onesignal_id"], stage.identity(app=NAMED)["onesignal_id"]) == (MOVED_TO, USER)


@pytest.mark.parametrize("wait", [0.7, 30])
def test_without_a_turn_a_new_player_waits_untried(stage: Stage, wait: float) -> None:
    stage.turn(wait)
    process = stage.process()

    waiting = failure(process, task("on_focus"))

    assert isinstance(waiting, NotYet)
    assert (waiting.tried, waiting.may_have_arrived, waiting.retry_after) == (False, False, -int(-wait // 1))
    assert stage.vendor.sent == []
    failure(process, task("on_focus"))
    assert stage.table.asked == ["GetItem", "PutItem", "GetItem"]  # it need not ask again before


def test_two_functions_share_the_turns(stage: Stage) -> None:
    other = task("on_focus", account=NAMED)
    stage.table.secret["credentials"][NAMED] = "its-key"
    first, second = stage.process(), stage.process()
    stage.vendor.script["look-up"] = [error(500)]

    failure(first, task("on_focus"))
    assert isinstance(failure(second, task("on_focus")), NotYet)
    second.send(other, seconds=10)

    assert stage.vendor.calls == ["look-up", "look-up", "user"]


@pytest.mark.parametrize("action", ["GetItem", "PutItem"])
def test_while_the_table_is_down_a_new_player_waits_untried(stage: Stage, action: str) -> None:
    stage.table.down = {action}

    waiting = failure(stage.process(), task("on_focus"))

    assert (type(waiting), waiting.tried, stage.vendor.sent) == (NotYet, False, [])


def test_while_the_table_is_down_a_player_in_memory_is_served(stage: Stage) -> None:
    process = stage.process()
    process.send(task("on_focus"), seconds=10)
    stage.table.down = {"GetItem", "PutItem"}

    process.send(task("on_focus"), seconds=10)

    assert stage.vendor.calls == ["look-up", "user", "user"]


def test_what_a_look_up_found_is_used_though_it_cannot_be_kept(stage: Stage) -> None:
    def fail_after_the_turn(action: str, key: str) -> None:
        stage.table.down = {"PutItem"} if stage.vendor.sent else set()

    stage.table.before = fail_after_the_turn
    stage.process().send(task("on_focus"), seconds=10)

    assert stage.vendor.calls == ["look-up", "user"]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(status=200, body=b"{}"),
        Reply(status=200),
        HTML,
        Reply(status=200, body=b'{"identity":{}}'),
        Reply(status=200, body=b'{"identity":{"onesignal_id":"../../x"}}'),
        Reply(status=200, body=b'{"identity":{"onesignal_id":5}}'),
        Reply(status=200, body=b'{"identity":[]}'),
        Reply(status=302),
    ],
)
def test_a_look_up_without_an_id_is_tried_again(stage: Stage, answer: Reply) -> None:
    stage.vendor.script["look-up"] = [answer]

    failed = failure(stage.process(), task("on_focus"))

    assert (type(failed), failed.tried, failed.may_have_arrived) == (Transient, True, False)
    assert stage.vendor.calls == ["look-up"]


def test_a_look_up_that_is_limited_holds_back_all_functions(stage: Stage) -> None:
    stage.vendor.script["look-up"] = [error(429, retry_after="7")]

    limited = failure(stage.process(), task("on_focus"))
    waiting = failure(stage.process(), task("on_focus"))

    for one in (limited, waiting):
        assert (type(one), one.tried, one.may_have_arrived, one.retry_after) == (NotYet, False, False, 7)
    assert stage.vendor.calls == ["look-up"]


@pytest.mark.parametrize(
    ("asked", "pause"), [({}, 5), ({"retry_after": "86400"}, 900), ({"retry_after": "0"}, 5)]
)
def test_a_limit_without_an_end_lasts_for_seconds_and_none_for_hours(
    stage: Stage, asked: Any, pause: int
) -> None:
    stage.vendor.script["look-up"] = [error(429, **asked)]

    assert failure(stage.process(), task("on_focus")).retry_after == pause


# A 404 or 410.


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("call", ["look-up", "subscription", "user"])
def test_a_user_that_was_just_created_may_be_unknown_for_a_minute(
    stage: Stage, call: str, status: int
) -> None:
    stage.vendor.script[call] = [error(status)]

    waiting = failure(stage.process(), task(**TOKEN, age=50))

    assert isinstance(waiting, NotYet)
    assert (waiting.tried, waiting.may_have_arrived) == (True, False)
    assert stage.vendor.calls[-1] == call


def test_for_a_minute_a_user_who_was_looked_up_is_not_looked_up_again(stage: Stage) -> None:
    stage.vendor.script["user"] = [error(404), error(404)]
    process = stage.process()

    for _ in range(2):
        assert isinstance(failure(process, task("on_focus", age=50)), NotYet)
    process.send(task("on_focus", age=50), seconds=10)

    assert stage.vendor.calls == ["look-up", "user", "user", "user"]


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("call", ["look-up", "subscription", "user"])
def test_after_a_minute_a_player_who_was_looked_up_just_now_is_unknown(
    stage: Stage, call: str, status: int
) -> None:
    stage.vendor.script[call] = [error(status)]

    refused = failure(stage.process(), task(**TOKEN, age=OLD))

    assert isinstance(refused, Refused)
    assert (refused.reply.status, refused.reply.body) == (400, b'{"errors":["No user with this id found"]}')
    assert stage.vendor.calls.count("look-up") == 1


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("call", ["subscription", "user"])
@pytest.mark.parametrize("in_memory", [True, False])
def test_after_a_minute_a_player_from_memory_is_looked_up_once_more(
    stage: Stage, call: str, status: int, in_memory: bool
) -> None:
    stage.known(MOVED_TO)
    process = stage.process()
    if in_memory:
        process.send(task("on_focus"), seconds=10)
        stage.vendor.sent.clear()
    stage.vendor.script[call] = [error(status)]

    process.send(task(**TOKEN, age=OLD), seconds=10)

    until = {"subscription": ["subscription"], "user": ["subscription", "user"]}[call]
    assert stage.vendor.calls == [*until, "look-up", "subscription", "user"]
    assert stage.vendor.sent[-1].path.endswith(USER)
    assert stage.identity()["onesignal_id"] == USER


def test_a_user_who_is_unknown_under_the_fresh_id_too_is_refused(stage: Stage) -> None:
    stage.known(MOVED_TO)
    stage.vendor.script["user"] = [error(404), error(404)]

    refused = failure(stage.process(), task("on_focus", age=OLD))

    assert isinstance(refused, Refused)
    assert stage.vendor.calls == ["user", "look-up", "user"]


def test_what_no_longer_leads_to_a_user_is_forgotten_by_all_though_there_is_no_turn(stage: Stage) -> None:
    stage.known(MOVED_TO)
    stage.turn(30)
    stage.vendor.script["user"] = [error(404)]

    waiting = failure(stage.process(), task("on_focus", age=OLD))
    failure(stage.process(), task("on_focus", age=OLD))

    assert (type(waiting), waiting.tried) == (NotYet, False)
    assert stage.vendor.calls == ["user"]
    assert "onesignal_id" not in stage.identity()


def test_a_newer_id_that_another_function_found_is_not_forgotten(stage: Stage) -> None:
    process = stage.process()
    stage.known(MOVED_TO)
    process.send(task("on_focus"), seconds=10)
    stage.known(USER)
    stage.turn(30)
    stage.vendor.script["user"] = [error(404)]

    failure(process, task("on_focus", age=OLD))

    assert stage.identity()["onesignal_id"] == USER
    process.send(task("on_focus"), seconds=10)


# Other failures.


@pytest.mark.parametrize("call", ["look-up", "subscription", "user"])
@pytest.mark.parametrize(
    ("end", "kind", "unknown"),
    [
        (LOST, TimedOut, True),
        (Transient("reset", may_have_arrived=True), Transient, True),
        (Transient("unreachable"), Transient, False),
        (error(500), Transient, True),
        (error(502), Transient, True),
        (error(503), Transient, False),
        (error(408), Transient, False),
        (error(401), Setup, False),
        (error(403), Setup, False),
        (error(404, "app_id not found"), Setup, False),
        (error(400, "app_id not found"), Setup, False),
        (error(400), Refused, False),
        (error(409), Refused, False),
        (error(413), Refused, False),
        (HTML, Transient, True),
        (Reply(status=202, body=b"[]"), Transient, True),
        (Reply(status=302), Transient, True),
        (Reply(status=200, body=b'{"success":false}'), Refused, False),
        (Reply(status=200, body=b'{"errors":[{"code":"c","title":"t"}]}'), Refused, False),
        (Reply(status=200, body=b'{"errors":["app_id not found"]}'), Setup, False),
    ],
)
@pytest.mark.parametrize("age", [0, OLD])
def test_only_the_last_calls_outcome_may_be_unknown(
    stage: Stage, call: str, end: Reply | Exception, kind: type, unknown: bool, age: float
) -> None:
    stage.vendor.script[call] = [end]

    failed = failure(stage.process(), task(**TOKEN, age=age))

    assert type(failed) is kind
    assert failed.outcome_unknown == (unknown and call == "user")
    assert stage.vendor.calls == ["look-up", "subscription", "user"][: stage.vendor.calls.index(call) + 1]


@pytest.mark.parametrize("call", ["subscription", "user"])
def test_a_limit_per_user_is_no_sign_of_how_onesignal_is(stage: Stage, call: str) -> None:
    stage.vendor.script[call] = [error(429, retry_after="1")]

    limited = failure(stage.process(), task(**TOKEN))

    assert isinstance(limited, NotYet)
    assert (limited.tried, limited.may_have_arrived, limited.retry_after) == (False, False, 1)


def test_a_limit_that_the_devices_values_used_up_is_met_only_once(stage: Stage) -> None:
    process = stage.process()
    stage.vendor.script["user"] = [error(429, retry_after="1")]
    failure(process, task(**TOKEN))

    process.send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["look-up", "subscription", "user", "user"]


def test_too_many_tags_are_refused_by_onesignal_and_the_app_sees_it(stage: Stage) -> None:
    answer = error(400, "Too many properties")
    stage.vendor.script["user"] = [answer]

    refused = failure(stage.process(), task(tags={f"t{n}": "x" for n in range(101)}))

    assert isinstance(refused, Refused)
    assert refused.reply == answer
    assert len(stage.vendor.sent[-1].body["properties"]["tags"]) == 101


def test_a_conflict_is_relayed_as_a_400_with_its_body(stage: Stage) -> None:
    answer = error(409, "conflict")
    stage.vendor.script["user"] = [answer]

    refused = failure(stage.process(), task("on_focus"))

    assert isinstance(refused, Refused)
    assert (refused.reply.status, refused.reply.body) == (400, answer.body)


@pytest.mark.parametrize("answer", [EMPTY, Reply(status=200, body=b" \n"), Reply(status=202, body=b"{}")])
@pytest.mark.parametrize("call", ["subscription", "user"])
def test_an_empty_success_is_one(stage: Stage, call: str, answer: Reply) -> None:
    stage.vendor.script[call] = [answer]

    assert stage.process().send(task(**TOKEN), seconds=10).body == b'{"success":true}'


@pytest.mark.parametrize("account", ["", NAMED])
def test_without_a_credential_nothing_is_asked_and_no_turn_is_taken(stage: Stage, account: str) -> None:
    stage.table.secret = {"credentials": {"*": "own-key"} if account else {NAMED: "its-key"}}

    missing = failure(stage.process(), task("on_focus", account=account))

    assert (type(missing), missing.tried) == (Setup, False)
    assert (stage.vendor.sent, stage.table.asked) == ([], [])


def test_a_refused_credential_is_fetched_again(stage: Stage) -> None:
    process = stage.process()
    stage.vendor.script["look-up"] = [error(401)]
    failure(process, task("on_focus"))

    assert process.secret._refused == {"*"}


# The device's values.


def test_the_same_values_are_sent_once(stage: Stage) -> None:
    process = stage.process()
    process.send(task(**TOKEN), seconds=10)
    process.send(task(**TOKEN), seconds=10)
    stage.process().send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["look-up", "subscription", "user", "user", "user"]
    assert stage.identity()["sent"] == SENT


def test_other_values_are_sent_though_another_function_sent_the_first(stage: Stage) -> None:
    first, second = stage.process(), stage.process()
    first.send(task(**TOKEN), seconds=10)
    second.send(task(identifier="token-2"), seconds=10)
    first.send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["look-up", *["subscription", "user"] * 3]
    assert stage.identity()["sent"] == SENT


def test_a_new_look_up_does_not_know_what_was_sent(stage: Stage) -> None:
    stage.known(days=-1, sent=SENT)

    stage.process().send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["look-up", "subscription", "user"]


@pytest.mark.parametrize(
    "end", [LOST, Transient("reset", may_have_arrived=True), error(500), error(400), Transient("unreachable")]
)
def test_after_a_failure_nobody_knows_what_was_sent(stage: Stage, end: Reply | Exception) -> None:
    stage.known(sent="of other values")
    stage.vendor.script["subscription"] = [end]

    failure(stage.process(), task(**TOKEN))

    assert "sent" not in stage.identity()
    assert stage.identity()["onesignal_id"] == USER


def test_of_two_that_send_at_once_one_waits_so_that_it_is_known_which_came_last(stage: Stage) -> None:
    stage.known()
    stage.vendor.script["subscription"] = [LOST]
    failure(stage.process(), task(**TOKEN))

    found = failure(stage.process(), task(identifier="token-2"))

    assert (type(found), found.tried, stage.vendor.calls) == (NotYet, False, ["subscription"])
    stage.clock.now += 10
    stage.process().send(task(identifier="token-2"), seconds=10)
    assert stage.vendor.calls == ["subscription", "subscription", "user"]
    assert stage.identity()["sent"] == key_of("subscription", {"token": "token-2"})


@pytest.mark.parametrize("end", [error(429, retry_after="1"), Transient("unreachable")])
def test_what_certainly_did_not_arrive_keeps_no_other_waiting(stage: Stage, end: Any) -> None:
    stage.known(sent="of other values")
    stage.vendor.script["subscription"] = [end]

    failure(stage.process(), task(**TOKEN))
    assert "sent" not in stage.identity()
    stage.process().send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["subscription", "subscription", "user"]


def test_an_item_that_was_deleted_meanwhile_is_not_written_again(stage: Stage) -> None:
    stage.known()

    def forgotten(action: str, key: str) -> None:
        if stage.vendor.calls:
            stage.table.items.clear()

    stage.table.before = forgotten
    stage.process().send(task(**TOKEN), seconds=10)

    assert stage.table.items == {}


def test_what_cannot_be_noted_is_not_sent(stage: Stage) -> None:
    stage.known(sent="of other values")
    stage.table.down = {"PutItem"}

    waiting = failure(stage.process(), task(**TOKEN))

    assert (type(waiting), waiting.tried, stage.vendor.sent) == (NotYet, False, [])


def test_what_was_sent_and_cannot_be_noted_is_sent_again(stage: Stage) -> None:
    stage.known()

    def down(action: str, key: str) -> None:
        stage.table.down = {"PutItem"} if stage.vendor.calls else set()

    stage.table.before = down
    stage.process().send(task(**TOKEN), seconds=10)
    assert "sent" not in stage.identity()

    stage.table.before, stage.table.down = lambda action, key: None, set()
    stage.clock.now += 10
    stage.process().send(task(**TOKEN), seconds=10)

    assert stage.vendor.calls == ["subscription", "user"] * 2


# Time.


def test_the_calls_share_one_budget(stage: Stage) -> None:
    stage.vendor.takes = 2
    stage.process().send(task(**TOKEN), seconds=10)

    assert [one.seconds for one in stage.vendor.sent] == pytest.approx([10, 8, 6], abs=0.1)


@pytest.mark.parametrize(("takes", "calls"), [(1.4, 1), (0.7, 2), (0.5, 2), (0.44, 3)])
def test_no_call_starts_that_has_no_time_to_end(stage: Stage, takes: float, calls: int) -> None:
    stage.vendor.takes = takes
    process = stage.process()
    if calls == 3:
        process.send(task(**TOKEN), seconds=1.8)
    else:
        late = failure(process, task(**TOKEN), seconds=1.8)
        assert (type(late), late.may_have_arrived, late.tried) == (TimedOut, False, True)

    assert stage.vendor.calls == ["look-up", "subscription", "user"][:calls]


def test_what_was_achieved_before_the_time_was_over_is_not_done_again(stage: Stage) -> None:
    stage.vendor.takes = 1.7
    for _ in range(2):
        failure(stage.process(), task(**TOKEN), seconds=1.8)
    stage.vendor.takes = 0
    assert min(stage.table.limits) >= 0.3

    stage.process().send(task(**TOKEN), seconds=1.8)

    assert stage.vendor.calls == ["look-up", "subscription", "user"]


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_a_short_budget_is_enough_for_short_calls(stage: Stage, seconds: float) -> None:
    stage.vendor.takes = seconds / 4

    stage.process().send(task(**TOKEN), seconds=seconds)

    assert stage.vendor.calls == ["look-up", "subscription", "user"]


def test_no_turn_is_taken_that_there_is_no_time_to_use(stage: Stage) -> None:
    def slow(action: str, key: str) -> None:
        stage.clock.now += 0.9

    stage.table.before = slow
    assert type(failure(stage.process(), task("on_focus"), seconds=1)) is TimedOut

    assert stage.table.asked == ["GetItem"]


# What a worker asks before it claims a task.


def test_a_player_waits_for_a_turn_and_nobody_else(stage: Stage) -> None:
    process = stage.process()
    one = task("on_focus")
    assert process.wait(one) == 0  # nobody knows better

    stage.turn(30)
    failure(process, one)
    stage.table.asked.clear()

    assert process.wait(one) == 30
    assert stage.table.asked == ["GetItem"]
    stage.known()
    assert (process.wait(one), process.wait(one)) == (0, 0)
    assert stage.table.asked == ["GetItem", "GetItem"]


def test_a_player_waits_while_the_table_is_down(stage: Stage) -> None:
    process = stage.process()
    stage.turn(30)
    failure(process, task("on_focus"))
    stage.table.down = {"GetItem"}

    assert process.wait(task("on_focus")) == 30


def test_under_the_players_model_nothing_waits_and_no_table_is_read(stage: Stage) -> None:
    process = stage.process(model=Model.PLAYERS)
    one = task(**TOKEN)

    assert process.wait(one) == 0
    process.send(one, seconds=10)

    assert (stage.vendor.calls, stage.table.asked) == (["player"], [])


# What is dropped.


def test_what_is_dropped_is_counted_once_on_delivery(stage: Stage) -> None:
    stage.vendor.script["user"] = [LOST, error(429)]
    one = task(timezone=0, ad_id="x", device_type=1, my_own_field=1, another=2)
    process = stage.process()
    for _ in range(2):
        failure(process, one)
    assert stage.counted == {}

    process.send(one, seconds=10)

    assert stage.counted == {
        "DroppedField_timezone": 1,
        "DroppedField_ad_id": 1,
        "DroppedField_device_type": 1,
        "DroppedField_other": 2,
    }


def test_what_is_sent_in_full_counts_nothing(stage: Stage) -> None:
    stage.process().send(task(**TOKEN, language="en"), seconds=10)
    stage.process(model=Model.PLAYERS).send(task(timezone=0), seconds=10)

    assert stage.counted == {}


def test_a_look_up_that_was_answered_late_is_kept(stage: Stage) -> None:
    stage.vendor.takes = 9.9
    failure(stage.process(), task("on_focus"))

    assert stage.identity()["onesignal_id"] == USER


def test_ids_are_the_same_in_either_case(stage: Stage) -> None:
    stage.known()

    assert stage.identity(PLAYER.lower(), APP_ID.upper())["onesignal_id"] == USER
