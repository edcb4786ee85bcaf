"""Events are joined from calls and log lines, bounded in number and size, and found by filters."""

import json

from gateway.core.task import batch_id, item_id
from tests.console.lines import ID, SYSTEM, line, tried
from tools.console import message
from tools.console.event import Event
from tools.console.ring import Filter, Ring


def begin(
    ring: Ring, number: int, target: str = "/a", body: bytes = b"{}", header: str = "Header value"
) -> Event:
    headers = [("X-Name", header)]
    return ring.begin(number, 1795320765.0, "app", message.request("POST", target, headers, body))


def end(
    ring: Ring, number: int, status: int = 200, id: str = ID, delivery: str = "", body: bytes = b""
) -> None:
    given = {"Gateway-Event-Id": id, "Gateway-Delivery": delivery}
    headers = [(name, value) for name, value in given.items() if value]
    ring.end(number, message.response(status, "", headers, body), 12.34)


def add(ring: Ring, text: str) -> list[int]:
    told = ring.add_line(text, json.loads(text))
    for event in told:
        ring.learn(event)
    return [event.number for event in told]


def test_an_event_is_in_progress_until_it_is_answered() -> None:
    ring = Ring()
    event = begin(ring, 1)

    assert event.summary() == {
        "number": 1,
        "id": None,
        "time": "2026-11-22T04:12:45.000Z",
        "system": None,
        "endpoint": None,
        "method": "POST",
        "path": "/a",
        "status": None,
        "milliseconds": None,
        "outcome": "in progress",
        "tries": 0,
        "from": "app",
    }


def test_log_lines_tell_the_outcome_and_a_worker_changes_it() -> None:
    ring = Ring()
    event = begin(ring, 1)
    end(ring, 1, 202)
    outcomes = [event.outcome]
    assert add(ring, line("call", status=202, delivery="queued", tries=[tried(503)])) == [1]
    outcomes.append(event.outcome)
    add(ring, line("redelivery", fate="later", tries=[tried(503)], wait=1.0))
    outcomes.append(event.outcome)
    add(ring, line("redelivery", fate="done", tries=[tried(200, outcome="delivered")]))
    outcomes.append(event.outcome)

    assert outcomes == ["unknown", "queued", "waiting", "redelivered"]
    assert (event.system, event.endpoint, event.tries) == (SYSTEM, "event", 3)
    assert event.changed == ring.changes == 5


def test_lines_that_come_before_the_answer_count() -> None:
    ring = Ring()
    event = begin(ring, 1)

    assert add(ring, line("call", status=200, delivery="delivered", tries=[tried(200)])) == []
    end(ring, 1)

    assert (event.outcome, event.tries) == ("delivered", 1)


def test_a_line_about_several_events_changes_each() -> None:
    ring = Ring()
    for number, id in enumerate((ID, "01M7XW7VRZX0B36KC0KMPQDNGN"), 1):
        begin(ring, number)
        end(ring, number, id=id)

    text = line("redelivery", fate="done", event_ids=[ID, "01M7XW7VRZX0B36KC0KMPQDNGN"])

    assert sorted(add(ring, text)) == [1, 2]


def test_the_lines_of_a_batchs_items_are_the_batchs() -> None:
    ring, batch = Ring(), batch_id(ID)
    event = begin(ring, 1)
    first, second = (line("redelivery", item_id(batch, index), fate="done") for index in range(2))
    call = line("batch", batch, status=200, deliveries={"queued": 2}, places={"queued": "0-1"})

    assert add(ring, first) == []
    end(ring, 1, id=batch)
    assert add(ring, call) == [1]
    assert event.outcome == "queued"
    assert add(ring, second) == [1]

    assert event.outcome == "redelivered"
    assert [found["number"] for found in ring.page(Filter(id=item_id(batch, 1)), None, 10)[0]] == [1]
    assert ring.page(Filter(id=ID[:-3] + "X00"), None, 10)[1] == 0


def test_without_lines_the_answer_tells_as_much_as_it_can() -> None:
    ring = Ring()
    outcomes = []
    for number, (status, delivery) in enumerate(
        [(200, "delivered"), (202, "queued"), (400, "rejected"), (502, "unknown"), (413, ""), (502, "")], 1
    ):
        event = begin(ring, number)
        end(ring, number, status, id="", delivery=delivery)
        outcomes.append(event.outcome)

    assert outcomes == ["delivered", "queued", "rejected", "failed", "rejected", "failed"]


def test_a_browsers_preflight_is_not_an_event_of_unknown_outcome() -> None:
    ring = Ring()
    event = ring.begin(1, 1795320765.0, "app", message.request("OPTIONS", "/a", [], b""))

    end(ring, 1, 204, id="")

    assert event.outcome == "preflight"


def test_the_oldest_events_make_room() -> None:
    ring = Ring(most_events=3)
    for number in range(1, 6):
        begin(ring, number)
        end(ring, number, id=f"{ID[:-1]}{number}")

    events, total = ring.page(Filter(), None, 10)
    assert [event["number"] for event in events] == [5, 4, 3]
    assert total == len(ring) == 3
    assert add(ring, line("call", f"{ID[:-1]}1", status=200)) == []
    ring.end(1, message.response(200, "", [], b""), 1)


def test_bodies_have_a_limit_each_and_together() -> None:
    ring = Ring(most_bytes=3 * message.KEPT)
    large = b"a" * (message.KEPT + 1)
    events = [begin(ring, number, body=large) for number in range(1, 5)]

    assert [len(event.request.body) for event in events] == [0, 0, message.KEPT, message.KEPT]
    assert events[0].request.data()["size"] == message.KEPT + 1
    assert all(event.request.data()["cut"] for event in events)
    assert [event.request.data()["kept"] for event in events] == [False, False, True, True]
    end(ring, 4, body=large)
    assert [event.size > message.KEPT for event in events] == [False, False, False, True]


def test_headers_are_in_the_limit() -> None:
    ring = Ring(most_bytes=30_000)
    events = [begin(ring, number, header="h" * 10_000) for number in range(1, 5)]

    assert sum(event.size for event in events) < 30_000
    assert [event.request.data()["headers"] for event in events[:2]] == [[], []]
    assert len(events[3].request.headers) == 1


def test_an_answer_to_a_forgotten_request_takes_no_room_and_tells_its_outcome() -> None:
    ring = Ring(most_bytes=100)
    first = begin(ring, 1)
    begin(ring, 2, body=b"b" * 100)
    end(ring, 1, delivery="queued", body=b"a" * 100)

    assert first.size == 0
    assert (first.outcome, first.id) == ("queued", ID)


def test_a_cut_does_not_turn_text_into_bytes() -> None:
    cut = message.request("POST", "/", [], b"a" + "é".encode() * message.KEPT)

    assert cut.data()["binary"] is False
    assert message.request("POST", "/", [], b"\xff\x00").data() | {"headers": []} == {
        "method": "POST",
        "target": "/",
        "headers": [],
        "body": "",
        "size": 2,
        "cut": False,
        "kept": True,
        "binary": True,
    }


def test_events_are_found_by_every_filter() -> None:
    ring = Ring()
    for number in (1, 2, 3):
        begin(ring, number, f"/path/{number}", f'{{"Name": "Value{number}"}}'.encode())
        end(ring, number, id=f"{ID[:-1]}{number}", body=f"answer-{number}".encode())
    add(ring, line("call", f"{ID[:-1]}2", status=400, delivery="rejected"))

    def found(**wanted: str) -> list[int]:
        return [event["number"] for event in ring.page(Filter(**wanted), None, 10)[0]]

    assert found() == [3, 2, 1]
    assert found(system=SYSTEM) == [2]
    assert found(outcome="rejected") == [2]
    assert found(id=f"{ID[:-1]}3") == [3]
    assert found(id=ID[:-1]) == [3, 2, 1]
    assert found(id=f" {ID[:-1].lower()}3") == [3]
    assert found(text="PATH/1") == [1]
    assert found(text="value2") == [2]
    assert found(text="ANSWER-3") == [3]
    assert found(text="x-name: header VALUE") == [3, 2, 1]
    assert found(text="nowhere") == []
    assert ring.page(Filter(), 3, 1)[0][0]["number"] == 2
