"""The life of a batch and of its items: what its one line, and the workers' lines, tell of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.reply import Reply
from gateway.core.task import batch_id, item_id
from tests.fixtures.doors import DOORS, Door, items
from tests.gateway.delivery.cloud import Aws
from tests.sample_events import load_event
from tools.openapi.sample_event import sample_body
from tools.operator.life.items import named
from tools.operator.life.life import Kind, Life, Outcome, received_at
from tools.operator.life.telling import MOST_TRIES, life_of
from tools.operator.tail.news import news

ID = "01M7XW7VRZX0B36KC0KMPQDN00"
START = received_at(ID)
ITEM = item_id(ID, 1)


def line(message: str, event_id: str, after: float, **fields: Any) -> dict[str, Any]:
    """A log line, so many seconds after the batch's receipt."""
    moment = datetime.fromtimestamp(START + after, UTC).isoformat(timespec="milliseconds")
    said = {"message": message, "timestamp": moment, "event_id": event_id, "system": "acme"}
    return {**said, "endpoint": "event", **fields}


def batch(status: Any = 207, **places: str) -> dict[str, Any]:
    """The batch's line; `rejected="1"` is one that the gateway rejected as invalid."""
    named = {f"{how}: invalid" if how == "rejected" else how: spans for how, spans in places.items()}
    return line(
        "batch", ID, 0.1, resource="/batch/acme/event", status=status, items=3, milliseconds=90.0,
        deliveries=dict.fromkeys(places, 1), places=named,
    )  # fmt: skip


def worked(index: int, fate: str, after: float = 1.0, **fields: Any) -> dict[str, Any]:
    return line(
        "redelivery", item_id(ID, index), after, **{"fate": fate, "receives": 1, "age": after, **fields}
    )


def tried(status: int, **fields: Any) -> list[dict[str, Any]]:
    outcome = "delivered" if status == 200 else "transient"
    return [{"status": status, "milliseconds": 12.0, "outcome": outcome, **fields}]


def told(life: Life) -> list[str]:
    return [step.text for step in life.steps]


LATER: dict[str, Any] = {"fate": "later", "reason": "status 503", "wait": 4, "tries": tried(503)}


def test_a_batch_tells_what_became_of_its_items() -> None:
    lines = [
        batch(queued="0,2", rejected="1"),
        worked(0, "done", tries=tried(200)),
        worked(2, **LATER, after=1.5),
    ]

    life = life_of(ID, lines)

    assert told(life) == [
        "Received at /batch/acme/event",
        "Checked: key and path are valid",
        "A batch of 3: 1 queued, 1 rejected; the app got 207 after 90.0 ms",
        "Item 1: rejected: a field breaks the contract",
        "Item 0: acme answered 200 in 12.0 ms",
        "Item 0: redelivered",
        "Item 2: acme answered 503 in 12.0 ms",
        f"Item 2: waiting: the vendor answered 503 ({item_id(ID, 2)})",
    ]
    assert (life.outcome, life.tries, life.is_settled) == (Outcome.WAITING, 2, False)
    assert life.advice == (
        "1 item on the way. Wait; for the state of the system: bin/trackgate status --local "
        "1 item rejected: the batch's answer tells the app why."
    )
    assert [(item["index"], item["outcome"], item["reason"]) for item in life.data()["items"]] == [
        (0, "redelivered", None),
        (1, "rejected", "invalid"),
        (2, "waiting", "status 503"),
    ]


def test_a_batch_ends_when_its_last_item_does() -> None:
    lines = [batch(200, queued="0-2"), *(worked(index, "done", 1.0 + index) for index in range(3))]

    before, after = life_of(ID, lines[:3]), life_of(ID, lines)

    assert (before.outcome, before.is_settled) == (Outcome.QUEUED, False)
    assert told(after)[-2:] == ["Items 0 to 2: redelivered", "No item is on its way any more"]
    assert (after.outcome, after.is_settled, after.advice) == (Outcome.REDELIVERED, True, "Nothing to do.")
    assert after.steps[-1].at == START + 3.0


@pytest.mark.parametrize(
    ("places", "fates", "outcome", "advice"),
    [
        ({"delivered": "0-2"}, {}, Outcome.DELIVERED, "Nothing to do."),
        ({"rejected": "0-2"}, {}, Outcome.REJECTED, "3 items rejected"),
        ({"delivered": "0,2", "rejected": "1"}, {}, Outcome.DELIVERED, "1 item rejected"),
        ({"queued": "0-1", "unknown: upstream: timeout": "2"}, {}, Outcome.FAILED, "must repeat what failed"),
        ({"queued": "0-2"}, {0: "dead", 1: "done"}, Outcome.DEAD_LETTER, "list --system acme --local"),
        ({"queued": "0-2"}, {0: "expired", 1: "done", 2: "done"}, Outcome.EXPIRED, "no longer useful"),
        ({"queued": "0-2"}, {0: "dropped", 1: "dropped", 2: "dropped"}, Outcome.DROPPED, "Nothing to do."),
    ],
)
def test_a_batch_stands_as_the_worst_of_its_items(
    places: dict[str, str], fates: dict[int, str], outcome: Outcome, advice: str
) -> None:
    lines = [batch(**places), *(worked(index, fate) for index, fate in fates.items())]

    life = life_of(ID, lines)

    assert life.outcome is outcome
    assert advice in life.advice
    assert "{" not in life.advice


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("held", "3 items on hold: bin/trackgate resume --system acme --stack mine"),
        ("no credential", "3 items waiting for a credential: bin/trackgate secrets check --system acme"),
    ],
)
def test_what_all_items_wait_for_is_said_once(reason: str, advice: str) -> None:
    lines = [batch(200, queued="0-2"), *(worked(index, "later", reason=reason) for index in range(3))]

    assert advice in life_of(ID, lines, option="--stack mine").advice


def test_indexes_are_short_and_plain() -> None:
    assert named([0, 1, 3, 4, 5, 9]) == "Items 0, 1, 3 to 5, 9"
    assert named([7]) == "Item 7"
    assert named([*range(0, 40, 2)]) == "20 items: 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, …"


def test_why_an_item_failed_is_said_in_words() -> None:
    life = life_of(ID, [batch(**{"unknown: upstream: status 503": "0"})])

    assert f"Item 0: failed: the vendor answered 503 ({item_id(ID, 0)})" in told(life)


def test_a_large_batch_has_few_steps() -> None:
    lines = [batch(200, queued="0-499"), *(worked(index, **LATER) for index in range(500))]

    life = life_of(ID, lines)

    assert sum(step.kind is Kind.TRY for step in life.steps) == MOST_TRIES
    assert life.tries == 500
    assert told(life)[-2:] == [
        "480 more requests left for acme",
        "Items 0 to 499: waiting: the vendor answered 503 "
        f"({item_id(ID, 0)}, {item_id(ID, 1)}, {item_id(ID, 2)}, …)",
    ]


def test_an_item_tells_of_its_batch_and_then_its_own_way() -> None:
    done = worked(1, "done", 2.5, receives=2, tries=tried(200))
    lines = [batch(200, queued="0-2"), worked(0, "dead"), worked(1, **LATER), done]

    life = life_of(ITEM, lines)

    assert told(life) == [
        f"Received at /batch/acme/event, as item 1 of the batch {ID}",
        "Checked: key, path and body are valid",
        "Queued; the app got 200 for the batch after 90.0 ms",
        "A worker takes it from the queue, for the 1st time",
        "acme answered 503 in 12.0 ms",
        "Waits 4.0 s: the vendor answered 503",
        "A worker takes it from the queue, for the 2nd time",
        "acme answered 200 in 12.0 ms",
        "Delivered from the queue",
    ]
    assert (life.outcome, life.items) == (Outcome.REDELIVERED, ())


@pytest.mark.parametrize(
    ("place", "outcome", "advice"),
    [
        ("queued", Outcome.QUEUED, "a worker takes it"),
        ("delivered", Outcome.DELIVERED, "Nothing"),
        ("rejected: invalid", Outcome.REJECTED, "must fix"),
        ("rejected: upstream: status 400", Outcome.REFUSED, "vendor's own refusal"),
        ("unknown: upstream: timeout", Outcome.FAILED, "send it again"),
    ],
)
def test_an_item_is_known_before_a_worker_has_it(place: str, outcome: Outcome, advice: str) -> None:
    life = life_of(ITEM, [batch(**{"delivered": "0", place: "1"})])

    assert life.outcome is outcome
    assert advice in life.advice
    assert [step.outcome for step in life.steps if step.kind is Kind.END] == [outcome] * outcome.is_settled


def test_an_id_that_the_batch_has_no_item_for_is_unknown() -> None:
    assert life_of(item_id(ID, 3), [batch(queued="0-2")]).outcome is Outcome.UNKNOWN


def test_of_a_batch_without_a_line_an_item_may_tell() -> None:
    life = life_of(ID, [worked(2, "done"), worked(1, "done")], option="--stack mine")

    assert life.outcome is Outcome.UNKNOWN
    assert (
        life.advice == f"No log line names the batch. An item of it: bin/trackgate trace {ITEM} --stack mine"
    )


def test_a_batch_that_was_refused_as_a_whole_has_no_items() -> None:
    refused = line("batch", ID, 0.1, status=403, error="key refused", items=0, deliveries={"rejected": 1})

    life = life_of(ID, [refused])

    assert (life.outcome, life.items) == (Outcome.REJECTED, ())
    assert "keys list" in life.advice
    assert told(life)[1:] == ["Checked: key refused", "The app got 403", "Rejected"]


@pytest.mark.parametrize(
    "places", [["x"], {"queued": 7}, {"queued": "x"}, {"queued": "0-9999,-1"}, {"": "0"}]
)
def test_nonsense_in_a_batchs_line_breaks_nothing(places: Any) -> None:
    odd = {**batch(queued="0"), "places": places}

    for event_id in (ID, ITEM):
        assert json.dumps(life_of(event_id, [odd]).data())


def test_tail_counts_the_items_of_a_batch() -> None:
    said = news(batch(queued="0,2", rejected="1"))

    assert said is not None
    assert (said.id, said.outcome, said.why) == (ID, Outcome.QUEUED, "1 queued, 1 rejected")


@pytest.mark.parametrize("path", DOORS)
def test_every_doors_items_are_found_by_the_ids_in_its_answer(
    door: Callable[[str], Door],
    door_cloud: Aws,
    door_log: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    opened = door(path)
    upstream = opened.handler.system.upstream
    monkeypatch.setattr(upstream, "send_many", lambda tasks, seconds: [None] * len(tasks))
    monkeypatch.setattr(upstream, "send", lambda task, seconds: Reply(status=200))
    body = sample_body(load_event(DOORS[path].endpoint.replace(".", "/")))

    answer = opened([body, [], body])

    lines = [json.loads(text) for text in door_log().splitlines()]
    own = answer["headers"]["Gateway-Event-Id"]
    for item in items(answer):
        assert batch_id(item["event_id"]) == own
        assert life_of(item["event_id"], lines).outcome == item["delivery"]
    assert [item.outcome for item in life_of(own, lines).items] == [
        item["delivery"] for item in items(answer)
    ]
