"""From log lines to an event's life: every outcome, its steps, and what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tools.operator.life import words
from tools.operator.life.life import Kind, Life, Outcome, received_at
from tools.operator.life.telling import life_of
from tools.operator.tail.news import news

ID = "01M7XW7VRZX0B36KC0KMPQDNGM"
START = received_at(ID)
OTHER = "01M7XW7VRZX0B36KC0KMPQDNGN"


def line(message: str, after: float, **fields: Any) -> dict[str, Any]:
    """A log line, so many seconds after the event's receipt."""
    moment = datetime.fromtimestamp(START + after, UTC).isoformat(timespec="milliseconds")
    return {
        "message": message,
        "timestamp": moment,
        "event_id": ID,
        "system": "acme",
        "endpoint": "event",
    } | {name: value for name, value in fields.items() if value is not None}


def call(status: int = 200, delivery: str | None = "delivered", **fields: Any) -> dict[str, Any]:
    fields = {"resource": "/acme/event", "milliseconds": 30.0} | fields
    return line("call", 0.03, status=status, delivery=delivery, **fields)


def redelivery(fate: str, after: float = 3.0, **fields: Any) -> dict[str, Any]:
    return line("redelivery", after, fate=fate, age=after, **({"receives": 1} | fields))


def tried(status: int | None, outcome: str, milliseconds: float = 12.0, **fields: str) -> dict[str, Any]:
    return {"status": status, "milliseconds": milliseconds, "outcome": outcome, **fields}


TRIED = [tried(200, "delivered")]
QUEUED = call(202, "queued", reason="status 503", tries=[tried(503, "transient")])
OUTCOMES: dict[str, tuple[list[dict[str, Any]], Outcome, str]] = {
    "delivered": ([call(tries=[tried(200, "delivered")])], Outcome.DELIVERED, "Nothing to do."),
    "queued": ([QUEUED], Outcome.QUEUED, "bin/trackgate status --local"),
    "queued first": ([call(202, "queued", reason="queue first")], Outcome.QUEUED, "a worker takes it"),
    "held": ([call(202, "queued", reason="held")], Outcome.QUEUED, "If they still are: bin/trackgate resume"),
    "dropped by an operator": ([QUEUED, redelivery("dead")], Outcome.DEAD_LETTER, "it was dropped"),
    "redelivered": ([QUEUED, redelivery("done", tries=TRIED)], Outcome.REDELIVERED, "Nothing"),
    "waiting": ([QUEUED, redelivery("later", reason="status 503", wait=4)], Outcome.WAITING, "tried again"),
    "no credential": (
        [QUEUED, redelivery("later", reason="no credential", wait=4)],
        Outcome.WAITING,
        "secrets check --system acme --local",
    ),
    "dead letter": (
        [QUEUED, redelivery("dead", reason="refused")],
        Outcome.DEAD_LETTER,
        f"show {ID} --local --body",
    ),
    "of unknown outcome": (
        [QUEUED, redelivery("dead", reason="outcome unknown")],
        Outcome.DEAD_LETTER,
        "It may have arrived",
    ),
    "redriven": (
        [QUEUED, redelivery("dead", reason="window over"), redelivery("done", 9.0)],
        Outcome.REDELIVERED,
        "Nothing",
    ),
    "expired": ([QUEUED, redelivery("expired")], Outcome.EXPIRED, "no longer useful"),
    "dropped": ([QUEUED, redelivery("dropped", claim="settled")], Outcome.DROPPED, "Nothing"),
    "about an erased person": ([QUEUED, redelivery("unwanted")], Outcome.DROPPED, "Nothing"),
    "a copy of a delivered one": ([call(), redelivery("dropped")], Outcome.DELIVERED, "Nothing"),
    "replayed": ([call(claim="settled", record="0123456789abcdef")], Outcome.REPLAYED, "Nothing"),
    "replayed while queued": ([call(202, "queued", claim="settled")], Outcome.REPLAYED, "Nothing"),
    "rejected": ([call(400, "rejected", error="invalid")], Outcome.REJECTED, "Gateway-Error"),
    "rejected key": ([call(401, "rejected", error="key refused")], Outcome.REJECTED, "keys list --local"),
    "unknown path": (
        [line("unknown path", 0.01, method="POST", status=404, system=None, endpoint=None)],
        Outcome.REJECTED,
        "docs/endpoints.md",
    ),
    "refused": (
        [call(400, "rejected", error="upstream: status 400", tries=[tried(400, "refused")])],
        Outcome.REFUSED,
        "vendor's own refusal",
    ),
    "failed": ([call(503, "unknown", error="upstream: timeout")], Outcome.FAILED, "must send it again"),
    "failed by a hold": ([call(503, "unknown", error="deliveries are on hold")], Outcome.FAILED, "are still"),
    "a fault": ([line("fault", 0.02), call(500, "unknown", error="fault")], Outcome.FAILED, "met a fault"),
    "relayed": ([call(200, None)], Outcome.DELIVERED, "Nothing"),
    "redelivered, and a copy of it": (
        [QUEUED, redelivery("done"), redelivery("dead", 9.0)],
        Outcome.REDELIVERED,
        "Nothing",
    ),
    "a fault on the way": ([QUEUED, line("fault", 2.0)], Outcome.QUEUED, "a worker"),
    "relayed and refused": (
        [call(404, None, error="upstream: status 404")],
        Outcome.REFUSED,
        "fix the request",
    ),
    "a fault without an event": ([call(500, None, error="fault")], Outcome.FAILED, "met a fault"),
    "failed by a credential": (
        [call(503, "unknown", error="upstream: no credential")],
        Outcome.FAILED,
        "secrets check --system acme",
    ),
    "not relayed": ([call(502, None, error="upstream: status 500")], Outcome.FAILED, "send it again"),
    "a worker faster than the call": (
        [redelivery("dead", 0.02, reason="refused"), call(202, "queued", reason="queue first")],
        Outcome.DEAD_LETTER,
        "refuses it",
    ),
    "an unread record": (
        [call(202, "queued", claim="unavailable")],
        Outcome.QUEUED,
        "records can be read again",
    ),
    "one whose call no line tells of": ([redelivery("done")], Outcome.REDELIVERED, "Nothing"),
    "delivered, and then forgotten": ([call(), redelivery("unwanted")], Outcome.DELIVERED, "Nothing"),
    "unknown": ([], Outcome.UNKNOWN, "The log begins with the run"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "outcome", "advice"), OUTCOMES.values(), ids=OUTCOMES)
def test_each_outcome_says_what_to_do(lines: list[dict[str, Any]], outcome: Outcome, advice: str) -> None:
    life = life_of(ID, lines)

    assert life.outcome is outcome
    assert advice in life.advice
    assert "{" not in life.advice
    assert [step.outcome for step in life.steps if step.kind is Kind.END] == [outcome] * outcome.is_settled


def test_every_outcome_is_covered() -> None:
    assert {outcome for _, outcome, _ in OUTCOMES.values()} == set(Outcome)


def told(life: Life) -> list[tuple[str, str]]:
    return [(step.kind.value, step.text) for step in life.steps]


def test_a_life_is_told_in_order_whatever_the_order_of_the_lines() -> None:
    later = redelivery("later", reason="status 503", wait=4, tries=[tried(503, "transient")])
    done = redelivery("done", 7.2, receives=2, tries=[tried(200, "delivered", request="0123456789abcdef")])
    elsewhere = {**QUEUED, "event_id": OTHER}

    life = life_of(ID, [done, elsewhere, QUEUED, {"message": "call"}, {"level": "INFO"}, later])

    assert told(life) == [
        ("received", "Received at /acme/event"),
        ("checked", "Checked: key, path and body are valid"),
        ("try", "acme answered 503 in 12.0 ms"),
        ("queued", "Queued, because the vendor answered 503; the app got 202 after 30.0 ms"),
        ("redelivery", "A worker takes it from the queue, for the 1st time"),
        ("try", "acme answered 503 in 12.0 ms"),
        ("wait", "Waits 4.0 s: the vendor answered 503"),
        ("redelivery", "A worker takes it from the queue, for the 2nd time"),
        ("try", "acme answered 200 in 12.0 ms"),
        ("end", "Delivered from the queue"),
    ]
    assert [step.at for step in life.steps] == sorted(step.at for step in life.steps)
    assert (life.system, life.endpoint, life.received, life.tries) == ("acme", "event", START, 3)


def test_the_life_is_json_with_what_applies() -> None:
    made = tried(200, "delivered", request="0123456789abcdef")

    data = json.loads(json.dumps(life_of(ID, [call(tries=[made])]).data()))

    assert (data["id"], data["received"]) == (ID, "2026-11-21T01:41:24.383Z")
    assert (data["outcome"], data["system"], data["advice"]) == ("delivered", "acme", "Nothing to do.")
    (attempt,) = [step for step in data["steps"] if step["kind"] == "try"]
    assert attempt | {"time": ""} == {
        "time": "", "kind": "try", "text": "acme answered 200 in 12.0 ms", "status": 200,
        "milliseconds": 12.0, "request": "0123456789abcdef", "outcome": "delivered",
    }  # fmt: skip
    assert "status" not in data["steps"][0]


def test_the_calls_line_comes_first_whenever_it_was_written() -> None:
    worker = redelivery("later", 0.02, reason="status 503", wait=4)

    kinds = [kind for kind, _ in told(life_of(ID, [worker, QUEUED, redelivery("done")]))]

    assert kinds == ["received", "checked", "try", "queued", "redelivery", "wait", "redelivery", "end"]


@pytest.mark.parametrize(
    ("claim", "why"), [("unavailable", "records could not be read"), ("in flight", "another attempt has it")]
)
def test_what_was_queued_without_a_try_says_why(claim: str, why: str) -> None:
    (queued,) = [
        text for kind, text in told(life_of(ID, [call(202, "queued", claim=claim)])) if kind == "queued"
    ]

    assert why in queued


def test_tries_follow_each_other_up_to_their_line() -> None:
    life = life_of(
        ID, [redelivery("done", tries=[tried(503, "transient", 400.0), tried(200, "delivered", 100.0)])]
    )

    times = [round(step.at - START, 3) for step in life.steps if step.kind is Kind.TRY]
    assert times == [2.5, 2.9]


@pytest.mark.parametrize(
    ("receives", "text"), [(3, "3rd"), (11, "11th"), (12, "12th"), (13, "13th"), (22, "22nd")]
)
def test_receives_are_counted_in_words(receives: int, text: str) -> None:
    steps = told(life_of(ID, [redelivery("later", receives=receives, wait=4)]))

    assert ("redelivery", f"A worker takes it from the queue, for the {text} time") in steps


def test_a_dead_letter_that_was_redriven_says_so_in_its_place() -> None:
    dead = redelivery("dead", reason="refused", tries=[tried(400, "refused")])

    steps = told(life_of(ID, [QUEUED, dead, redelivery("done", 9.0, tries=TRIED)]))

    assert steps[6:] == [
        ("wait", "Becomes a dead letter: the vendor refuses it"),
        ("redelivery", "A worker takes it from the queue, for the 1st time"),
        ("try", "acme answered 200 in 12.0 ms"),
        ("end", "Delivered from the queue"),
    ]
    assert told(life_of(ID, [QUEUED, dead]))[-2:] == [
        ("try", "acme answered 400 in 12.0 ms: it refuses the event"),
        ("end", "A dead letter: the vendor refuses it"),
    ]


def test_why_a_call_failed_is_said_at_its_end() -> None:
    failed = call(503, "unknown", error="upstream: timeout")

    assert told(life_of(ID, [failed]))[-1] == (
        "end",
        "Neither delivered nor queued: the vendor did not answer in time",
    )


def test_a_worker_that_sent_nothing_took_no_time() -> None:
    idle, busy = (news(redelivery("later", wait=4, tries=tries)) for tries in ([], TRIED))

    assert idle is not None
    assert busy is not None
    assert (" ms" in idle.text(), " ms" in busy.text()) == (False, True)


def test_a_worker_that_was_killed_has_left_no_line() -> None:
    lines = [QUEUED, redelivery("later", receives=2, wait=4), redelivery("done", 9.0, receives=3)]

    texts = [text for kind, text in told(life_of(ID, lines)) if kind == "redelivery"]

    assert texts == [
        "A worker took it before and left no line: it was killed, or could not start",
        "A worker takes it from the queue, for the 2nd time",
        "A worker takes it from the queue, for the 3rd time",
    ]


@pytest.mark.parametrize("fates", ["later1 later1 later2 done2", "later1 later2 dead3 later1 done2"])
def test_copies_and_redriven_letters_miss_no_worker(fates: str) -> None:
    passes = [
        redelivery(fate[:-1], 2.0 + at, receives=int(fate[-1]), wait=4)
        for at, fate in enumerate(fates.split())
    ]

    assert [text for _, text in told(life_of(ID, [QUEUED, *passes])) if "left no line" in text] == []


def test_what_concerned_an_erased_person_ends_so() -> None:
    assert told(life_of(ID, [QUEUED, redelivery("unwanted")]))[-1][1].endswith("an erased person")
    assert told(life_of(ID, [call(), redelivery("unwanted")]))[-1] == ("end", "Delivered")


def test_what_no_call_line_tells_of_was_received_all_the_same() -> None:
    fault = line("fault", 0.5) | {"event_id": None, "event_ids": [ID]}

    assert told(life_of(ID, [fault, redelivery("done")]))[0] == (
        "received",
        "Received; the log has no line about its call",
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("unreadable", "Checked: its body could not be read"),
        ("invalid", "Checked: a field breaks the contract"),
        ("key refused", "Checked: key refused"),
    ],
)
def test_what_was_wrong_is_said_in_words(error: str, text: str) -> None:
    assert life_of(ID, [call(400, "rejected", error=error)]).steps[1].text == text


def test_a_key_that_is_new_and_unnamed_is_no_step() -> None:
    assert [kind for kind, _ in told(life_of(ID, [call(claim="ours")])) if kind == "record"] == []


def test_a_fault_may_name_several_events() -> None:
    several = line("fault", 2.0) | {"event_id": None, "event_ids": [OTHER, ID]}

    assert ("checked", "In the log: fault") in told(life_of(ID, [QUEUED, several]))


def test_times_are_short() -> None:
    assert [words.milliseconds(each) for each in (999.9, 1000.0)] == ["999.9 ms", "1.0 s"]
    assert [words.seconds(each) for each in (9.94, 12.0)] == ["9.9 s", "12 s"]
    assert [words.elapsed(each) for each in (-1.0, 0.999, 1.5)] == ["0 ms", "999 ms", "1.5 s"]


@pytest.mark.parametrize("message", ["call", "redelivery", "batch", ["call"], {}, None])
@pytest.mark.parametrize(
    "fields",
    [
        {"tries": ["x"]},
        {"tries": [{"milliseconds": "x"}, {"milliseconds": 1e400}]},
        {"status": float("nan"), "milliseconds": -1e400, "wait": 1e300, "receives": "x", "items": []},
        {"timestamp": "9999-12-31T23:59:59-12:00"},
        {"timestamp": "0001-01-01T00:00:00+14:00"},
        {"deliveries": {"delivered": []}, "system": ["x"], "error": {}},
    ],
)
def test_a_line_of_nonsense_breaks_nothing(message: Any, fields: dict[str, Any]) -> None:
    nonsense = line("call", 0.01, status=200, fate="later") | fields | {"message": message}

    life = life_of(ID, [nonsense, call()])

    assert life.outcome is Outcome.DELIVERED or message != "call"
    assert json.dumps(life.data())
    assert (told_of := news(nonsense)) is None or told_of.text()


def test_a_try_without_an_answer_says_what_that_means() -> None:
    tries = [tried(None, "timeout", 1800.0), tried(200, "answered"), tried(None, "delivered")]

    life = life_of(ID, [call(tries=tries)])

    assert [text for kind, text in told(life) if kind == "try"] == [
        "acme did not answer within 1.8 s; the event may have arrived",
        "acme answered 200 in 12.0 ms, to a request before the event's own",
        "acme took it in 12.0 ms",
    ]


def test_a_record_is_named_so_that_it_can_be_followed() -> None:
    life = life_of(ID, [call(claim="settled", record="0123456789abcdef")])

    assert (
        "record",
        "An earlier request with this idempotency key was accepted: 0123456789abcdef…",
    ) in told(life)


@pytest.mark.parametrize("text", ["", "x", ID[:-1], ID.lower(), "8" + ID[1:], ID[:-1] + "U", "7" + "Z" * 25])
def test_what_is_no_event_id(text: str) -> None:
    with pytest.raises(ValueError, match="not an event id"):
        received_at(text)
