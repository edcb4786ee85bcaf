"""A judge that finds nothing proves nothing: each broken promise, made up, must be seen."""

from collections import Counter
from dataclasses import replace
from typing import Any

from tests.proofs.faults.aws_proxy import Asked, Seen
from tests.proofs.faults.bench import Effect, Function
from tests.proofs.faults.clients import Attempt
from tests.proofs.faults.events import KINDS, Event
from tests.proofs.faults.judge import Evidence, Judge, Verdict
from tests.proofs.faults.processes import Killed
from tests.proofs.faults.prove import Proof

PURCHASE = next(kind for kind in KINDS if kind.adds and not kind.naturally_once)
SYSTEM, ROW = PURCHASE.system, PURCHASE.row
EVENT = Event(1, 1, PURCHASE, 7, "key")
TOLD = Attempt(at=100, answered_at=101, status=200, delivery="delivered", event_id="one")
UNTOLD = Attempt(at=100, answered_at=101, status=502)
ONCE, AGAIN = Effect(SYSTEM, 1, 100.5), Effect(SYSTEM, 2, 110)


def judged(*tried: Attempt, **evidence: Any) -> Verdict:
    return Judge(Evidence(**{"effects": {}, **evidence})).by_row({EVENT: tried})[ROW]


def wrote(state: str, at: float, status: int | None = 200, way: str | None = None) -> Seen:
    asked = Asked(service="dynamodb", action="PutItem", resource="records", key=EVENT.record, state=state)
    return Seen(asked=asked, at=at, done_at=at, status=status, way=way)


def test_an_event_that_was_promised_and_is_nowhere_is_lost() -> None:
    found = judged(TOLD)

    assert (found.accepted, found.delivered, found.lost) == (1, 0, [EVENT])
    assert not found.kept


def test_one_that_nobody_promised_is_not() -> None:
    found = judged(UNTOLD)

    assert (found.accepted, found.unanswered, found.lost) == (0, 1, [])


def test_one_that_waits_or_has_expired_or_is_among_the_dead_letters_is_not_lost() -> None:
    assert judged(TOLD, left={1}).queued == 1
    assert judged(TOLD, expired={"one"}).expired == 1
    assert judged(TOLD, letters={1: [("refused", 400)]}).dead == Counter({"refused, status 400": 1})
    assert judged(TOLD, left={2}, expired={"two"}, letters={2: [("refused", 400)]}).lost == [EVENT]


def test_one_that_was_sent_again_after_it_was_recorded_is_held_against_us() -> None:
    twice = {"effects": {1: [ONCE, AGAIN]}}

    assert judged(TOLD, **twice, seen=[wrote("done", 101)]).recorded_twice == [EVENT]
    assert judged(TOLD, **twice, seen=[wrote("done", 101, status=None, way="reset")]).recorded_twice == []
    assert judged(TOLD, **twice, seen=[wrote("done", 111)]).recorded_twice == []


def test_one_that_arrived_more_often_than_its_tries_allow_is_held_against_us() -> None:
    lost_answers = [Effect(SYSTEM, number, 100 + number, spoiled="html") for number in range(4)]

    assert judged(TOLD, effects={1: lost_answers[:3]}).kept
    assert judged(TOLD, effects={1: lost_answers}).too_often == [EVENT]
    assert judged(TOLD, UNTOLD, effects={1: lost_answers}).kept  # the app asked again


def test_one_that_was_sent_again_for_no_reason_is_held_against_us() -> None:
    found = judged(TOLD, effects={1: [ONCE, AGAIN]})

    assert found.unexplained == [EVENT]
    assert not found.kept


def test_what_nobody_could_know_has_its_reason() -> None:
    def reasons(first: Effect = ONCE, *tried: Attempt, **evidence: Any) -> list[str]:
        found = judged(*(tried or [TOLD]), effects={1: [first, AGAIN]}, **evidence)
        assert found.kept
        return list(found.twice)

    worker = {"worker": Function(SYSTEM, None)}
    assert reasons(Effect(SYSTEM, 1, 100.5, "accept-then-reset")) == ["answer lost (accept-then-reset)"]
    assert reasons(shutting=[(100.6, 100.7)]) == ["answer lost (the vendor went away)"]
    assert reasons(killed=[Killed(105, 9, "worker", "")], functions=worker) == ["killed before the record"]
    assert reasons(killed=[Killed(100.2, 9, "worker", "")], functions=worker) == ["killed before the record"]
    assert reasons(seen=[wrote("done", 101, status=None, way="reset")]) == ["not recorded (reset)"]
    assert reasons(seen=[wrote("queued", 103)]) == ["answer too late"]
    assert reasons(ONCE, Attempt(at=100, answered_at=104, status=502, delivery="unknown"), TOLD) == [
        "answer too late"
    ]


def test_a_row_may_be_stored_long_after_its_request_and_behind_that_of_a_later_one() -> None:
    repeated = Effect(SYSTEM, 1, 105)
    first = Effect(SYSTEM, 2, 100.5, told=120)
    evidence = {"effects": {1: [repeated, first]}, "functions": {"worker": Function(SYSTEM, None)}}

    def judged_with(at: float) -> Verdict:
        return judged(TOLD, **evidence, killed=[Killed(at, 9, "worker", "")])

    assert judged_with(110).twice == Counter({"killed before the record": 1})
    assert judged_with(104).unexplained == [EVENT]
    assert judged_with(121).unexplained == [EVENT]


def test_the_call_that_counts_may_have_a_part_of_the_time_only() -> None:
    halved = replace(EVENT, kind=replace(PURCHASE, patience=0.5))
    evidence = Evidence(effects={1: [ONCE, AGAIN]}, seen=[wrote("queued", 101.3)])

    assert Judge(evidence).by_row({EVENT: [TOLD]})[ROW].unexplained == [EVENT]
    assert Judge(evidence).by_row({halved: [TOLD]})[ROW].twice == Counter({"answer too late": 1})


def test_a_reason_of_another_system_or_another_time_is_none() -> None:
    worker = {"functions": {"worker": Function(SYSTEM, None), "other": Function("another", None)}}
    twice = {"effects": {1: [ONCE, AGAIN]}, **worker}

    for killed in (Killed(105, 9, "other", ""), Killed(99, 9, "worker", ""), Killed(111, 9, "worker", "")):
        assert judged(TOLD, **twice, killed=[killed]).unexplained == [EVENT]
    for away in ((100.3, 100.4), (103, 103.1)):
        assert judged(TOLD, **twice, shutting=[away]).unexplained == [EVENT]
    # Too soon after the upstream had it to call the answer late.
    assert judged(TOLD, **twice, seen=[wrote("queued", 100.6)]).unexplained == [EVENT]


def test_one_that_came_without_the_call_that_goes_first_is_held_against_us() -> None:
    event = replace(EVENT, kind=replace(PURCHASE, prepared=True))

    def found(*effects: Effect) -> Verdict:
        return Judge(Evidence(effects={1: effects})).by_row({event: [TOLD]})[ROW]

    assert found(Effect(SYSTEM, 1, 100.2, prepares=True), AGAIN).kept
    assert found(Effect(SYSTEM, 1, 100.2, prepares=True), replace(ONCE, order=2, prepares=True), AGAIN).kept
    assert found(ONCE).unprepared == [event]
    assert found(ONCE, Effect(SYSTEM, 2, 100.7, prepares=True)).unprepared == [event]
    assert found(Effect(SYSTEM, 1, 100.2, prepares=True)).lost == [event]


def test_an_event_that_came_after_a_later_one_is_counted() -> None:
    later = Event(1, 6, PURCHASE, 7, None)
    after = Attempt(at=102, answered_at=103, status=202, delivery="queued")
    effects = {1: [AGAIN], 6: [ONCE]}

    found = Judge(Evidence(effects=effects)).by_row({EVENT: [TOLD], later: [after]})
    at_once = Judge(Evidence(effects=effects)).by_row(
        {EVENT: [TOLD], later: [Attempt(at=100, answered_at=103, status=202, delivery="queued")]}
    )

    assert found[ROW].reordered == 1
    assert at_once[ROW].reordered == 0


def test_a_run_fails_by_a_fault_that_was_never_met() -> None:
    proof = Proof(run=1, seed=1, events=1, fired={"killed": {"SIGKILL": 0, "upstream": 3}})

    assert proof.failures == ["never fired: killed · SIGKILL"]
