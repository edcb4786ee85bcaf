"""The console's API: what it tells, what it takes, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.console.asgi import HOST, JSON, OWN, Answer, call, cookie
from tests.console.conftest import SANDBOXED
from tests.console.desk import CREDENTIAL, Run
from tests.console.lines import ID, answered, line, received, tried
from tests.until import until
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.guard import MAX_BODY, App
from tools.console.ring import Filter
from tools.console.sending import MOST_HEADERS
from tools.masks import MASK
from tools.sandbox.client import Answer as Answered
from tools.sandbox.client import Entry

DIGEST = "00112233aabbccdd"
HOSTILE = "<img src=x onerror=alert(1)>\u2028'\"`$(touch pwned)"


@pytest.fixture
def run(facts: Facts, tmp_path: Path) -> Run:
    return Run(facts, tmp_path / "functions.log", [SANDBOXED])


@pytest.fixture
def served(run: Run, access: Access) -> App:
    return application(access, run.desk.facts, run.desk.routes())


@pytest.fixture
def get(served: App, access: Access) -> Any:
    return lambda path: call(served, "GET", f"/api/{path}", [HOST, cookie(access)])


@pytest.fixture
def post(served: App, access: Access) -> Any:
    def post(path: str, value: Any) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return call(served, "POST", f"/api/{path}", [HOST, cookie(access), OWN, JSON], body)

    return post


def entry(number: int, at: float, status: int | None, **parts: Any) -> Entry:
    answer = Answered(headers=(("A", CREDENTIAL),), content=b"ok", size=2) if status else None
    return Entry(
        number=number,
        at=at,
        system=SANDBOXED,
        method="POST",
        target=f"/{SANDBOXED}/x?key={CREDENTIAL}",
        path="/x",
        query="",
        headers=(("Authorization", f"Key {CREDENTIAL}"),),
        content=f'{{"key": "{CREDENTIAL}"}}'.encode(),
        status=status,
        verdict=None,
        fault=None if status else "reset",
        request=DIGEST,
        answer=answer,
    )


def test_an_event_has_both_wires_its_life_and_a_command(run: Run, get: Any) -> None:
    call_line = line("call", status=202, delivery="queued", tries=[tried(503)], system=SANDBOXED)
    run.sandbox.ledger[DIGEST] = [entry(9, 1795320800, 200), entry(7, 1795320766.4, None)]
    run.happens(1, call_line, id=ID, status=202, body=b'{"a": 1}')
    run.happens(2)

    found = get("events/1").json()

    assert found["outcome"] == "queued"
    assert found["app"]["request"]["body"] == '{"a": 1}'
    assert (found["app"]["response"]["status"], found["app"]["response"]["reason"]) == (202, "OK")
    (exchange,) = found["upstream"]
    assert (exchange["time"], exchange["response"], exchange["fault"]) == (
        "2026-11-22T04:12:46.400Z",
        None,
        "reset",
    )
    assert (found["wire"], exchange["digest"]) == ("sandbox", DIGEST)
    assert found["life"]["steps"]
    assert found["curl"].startswith("curl -i ")
    assert get("events/2").json()["life"] is None
    assert get("events/3").status == 404
    assert get("events/x").status == 404


def test_events_come_in_pages(run: Run, get: Any) -> None:
    for number in range(1, 6):
        run.happens(number, target=f"/{number}")

    first = get("events?limit=2").json()
    second = get(f"events?limit=2&before={first['next']}").json()
    last = get(f"events?limit=2&before={second['next']}").json()

    pages = [[event["number"] for event in page["events"]] for page in (first, second, last)]
    assert pages == [[5, 4], [3, 2], [1]]
    assert [page["total"] for page in (first, second, last)] == [5, 5, 5]
    assert last["next"] is None
    assert get("events?text=/3").json()["total"] == 1


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "before=1.5", "before=", "limit=" + "9" * 99])
def test_a_page_that_nobody_can_have_is_a_sentence(get: Any, query: str) -> None:
    answer = get(f"events?{query}")

    assert answer.status == 400
    assert "is not a whole number" in answer.json()["error"]


def test_planted_credentials_are_nowhere(run: Run, get: Any, post: Any) -> None:
    key = run.desk.facts.key
    run.sandbox.ledger[DIGEST] = [entry(7, 1795320766.4, 503)]
    run.happens(
        1,
        line("call", status=202, tries=[tried(503)], system=SANDBOXED, reason=CREDENTIAL),
        id=ID,
        target=f"/a?token={key}&b={CREDENTIAL}",
        headers=[(b"Authorization", key.encode()), (b"X-Odd", CREDENTIAL.encode())],
        body=json.dumps({"key": key, "other": CREDENTIAL}).encode(),
        answer=CREDENTIAL.encode(),
    )

    shown = b"".join(
        answer.body
        for answer in (
            *map(get, ("events", "events/1", "state", "rates", "faults", "run")),
            post("deadletters/drop", {"ids": ["broken"]}),
            post("faults", {"fault": "status", "body": CREDENTIAL}),
        )
    ).decode()

    assert CREDENTIAL not in shown
    assert key not in shown
    assert MASK in json.loads(get("events/1").body)["app"]["request"]["target"]
    assert '\\"$CLIENT_KEY\\"' in json.dumps(get("events/1").json()["curl"])


def test_hostile_texts_stay_texts(run: Run, get: Any) -> None:
    run.happens(1, target="/<img>", headers=[(b"X-A", b"<img onerror=1>")], body=HOSTILE.encode())

    answer = get("events/1")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["app"]["request"]["body"] == HOSTILE


def test_a_call_goes_to_the_runs_own_front(run: Run, post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def send(request: Any, url: str, authority: Any, connected: Any) -> Any:
        connected(50001)
        run.happens(7, client=("127.0.0.1", 50001))
        sent.append((request, url))
        headers = (("Gateway-Event-Id", ID),)
        return request, type("Response", (), {"status": 201, "headers": headers})

    monkeypatch.setattr("tools.console.sending.http1.send", send)

    answer = post(
        "send",
        {
            "method": "PUT",
            "path": "/a?token=$CLIENT_KEY",
            "headers": [["Authorization", "Auth-Token $CLIENT_KEY"]],
            "body": "$CLIENT_KEY é",
        },
    )

    assert answer.json() == {"number": 7, "id": ID, "status": 201}
    ((request, url),) = sent
    assert url == "http://127.0.0.1:3000"
    assert request.target == "/a?token=local-client-key"
    assert request.headers == (("Authorization", "Auth-Token local-client-key"),)
    assert request.body == "$CLIENT_KEY é".encode()
    event = run.ring.get(7)
    assert event is not None
    assert event.source == "console"


CALL: dict[str, Any] = {"method": "POST", "path": "/a", "headers": [], "body": ""}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="no object"),
        pytest.param(CALL | {"url": "http://evil.example"}, id="another host"),
        pytest.param(CALL | {"method": "CONNECT"}, id="a tunnel"),
        pytest.param(CALL | {"method": "GET / HTTP/1.1\r\nX: "}, id="a method with a line break"),
        pytest.param(CALL | {"path": "http://evil.example/"}, id="an absolute target"),
        pytest.param(CALL | {"path": "a"}, id="no slash"),
        pytest.param(CALL | {"path": "/a HTTP/1.1\r\nHost: evil\r\n\r\n"}, id="a path with line breaks"),
        pytest.param(CALL | {"path": "/é"}, id="a path beyond ASCII"),
        pytest.param(CALL | {"headers": {"A": "b"}}, id="headers as an object"),
        pytest.param(CALL | {"headers": [["A"]]}, id="a header without a value"),
        pytest.param(CALL | {"headers": [["A", 1]]}, id="a value that is no text"),
        pytest.param(CALL | {"headers": [["A\r\nB", "c"]]}, id="a name with a line break"),
        pytest.param(CALL | {"headers": [["A", "b\r\nHost: evil"]]}, id="a value with a line break"),
        pytest.param(CALL | {"headers": [["A", "b\nc"]]}, id="a value with half a line break"),
        pytest.param(CALL | {"headers": [["A", "b\0c"]]}, id="a value with a zero byte"),
        pytest.param(CALL | {"headers": [["A", "€"]]}, id="a value beyond Latin-1"),
        pytest.param(CALL | {"headers": [["Host", "evil.example"]]}, id="a host"),
        pytest.param(CALL | {"headers": [["Transfer-Encoding", "chunked"]]}, id="a transfer coding"),
        pytest.param(CALL | {"headers": [["content-length", "1"]]}, id="a length"),
        pytest.param(CALL | {"headers": [["A", "b"]] * (MOST_HEADERS + 1)}, id="too many headers"),
        pytest.param(CALL | {"body": {"a": 1}}, id="a body that is no text"),
        pytest.param(CALL | {"body": "\ud800"}, id="half a character"),
    ],
)
def test_what_cannot_be_sent_is_a_sentence_and_is_not_sent(
    post: Any, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.console.sending.http1.send", lambda *given: pytest.fail("it was sent"))

    answer = post("send", wrong)

    assert answer.status == 400
    assert answer.json()["error"]


def test_a_call_is_copied_as_the_command_that_sends_it(run: Run, post: Any) -> None:
    call = {
        "method": "PUT",
        "path": "/a?token=$CLIENT_KEY",
        "headers": [["X-Other", f"'{CREDENTIAL}'"]],
        "body": "$CLIENT_KEY é",
    }

    assert post("curl", call).json() == {
        "curl": "curl -i -X PUT 'http://127.0.0.1:3000/a?token='\"$CLIENT_KEY\" \\\n"
        f"  -H 'X-Other: '\"'\"'{MASK}'\"'\"'' \\\n"
        "  -H Content-Type: \\\n"
        "  --data-raw '$CLIENT_KEY é'"
    }
    assert run.ring.page(Filter(), None, 9)[1] == 0
    assert post("curl", CALL | {"path": "a"}).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "a" * 70_000},
        {"body": f"\0{CREDENTIAL}"},
        {"headers": [["X-Other", "\x9b31m"]]},
    ],
)
def test_what_cannot_be_a_command_is_told_all_reasons(post: Any, wrong: Any) -> None:
    answer = post("curl", CALL | wrong)

    assert answer.status == 400
    assert "65,536 bytes" in answer.json()["error"]
    assert "control characters in headers" in answer.json()["error"]


def test_half_of_a_surrogate_pair_is_told_as_it_is(
    run: Run, get: Any, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that somebody edited, and a page's own words, may hold one."""
    key = {"name": "a\ud83d"}
    monkeypatch.setattr(run.letters, "data", lambda: {"keys": [key]})

    assert get("state").json() == {"keys": [key]}
    assert post("deadletters/redrive", {"ids": ["dead", "\ud83d"]}).json()["missing"] == ["\ud83d"]
    assert "`\ud83d`" in post("faults", {"fault": "hang", "\ud83d": 1}).json()["error"]


def test_a_front_that_is_gone_is_a_sentence(post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*given: Any) -> Any:
        raise ConnectionRefusedError("127.0.0.1")

    monkeypatch.setattr("tools.console.sending.http1.send", send)

    answer = post("send", CALL)

    assert answer.status == 502
    assert "does not answer" in answer.json()["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_sentence(post: Any, body: bytes) -> None:
    assert post("send", body).json() == {"error": "the body is not JSON"}


def test_a_body_that_does_not_say_how_large_it_is_has_the_same_limit(post: Any) -> None:
    assert post("send", b" " * (MAX_BODY + 1)).status == 413


def test_faults_are_switched_on_and_off(run: Run, get: Any, post: Any) -> None:
    post("faults", {"fault": "status", "system": "a", "status": 503})
    post("faults", {"fault": "hang", "system": "b"})
    assert [rule["fault"] for rule in get("faults").json()["faults"]] == ["status", "hang"]

    assert [rule["system"] for rule in post("faults/clear", {"system": "a"}).json()["faults"]] == ["b"]
    assert post("faults/clear", {"system": None}).json() == {"faults": []}


@pytest.mark.parametrize("rule", [{"fault": "wrong"}, {}, [], {"fault": 1}, {"fault": "status", "self": 1}])
def test_a_wrong_fault_is_a_sentence(post: Any, rule: Any) -> None:
    answer = post("faults", rule)

    assert answer.status == 400
    assert "`" in answer.json()["error"]


def test_dead_letters_are_sent_again_or_dropped(run: Run, post: Any) -> None:
    assert post("deadletters/redrive", {"ids": ["dead", "x"]}).json() == {"done": ["dead"], "missing": ["x"]}
    assert post("deadletters/drop", {"ids": ["x"]}).status == 409
    assert post("deadletters/drop", {"ids": "dead"}).status == 400
    assert post("deadletters/drop", {"ids": [1]}).status == 400
    assert [action for action, _ in run.letters.acted] == ["redrive", "drop"]


def test_rates_count_calls_and_what_upstreams_took(run: Run, get: Any) -> None:
    run.happens(1, line("call", status=200, tries=[tried(200)]), id=ID)
    run.happens(2, status=502)

    rates = get("rates").json()

    assert {len(values) for values in rates.values()} == {60}
    assert (sum(rates["calls"]), sum(rates["failed"])) == (2, 1)
    assert [value for value in rates["p95"] if value is not None] == [12.3]
    assert [value for value in rates["upstream_p95"] if value is not None] == [10.0]


def test_lines_that_are_no_lines_change_nothing(run: Run, get: Any) -> None:
    run.happens(1, '{"event_id', '["event_id"]', '{"event_id": 5, "tries": 3}', "no JSON", id=ID)

    assert get("events").json()["total"] == 1


def test_an_event_that_cannot_be_collected_hides_no_other(
    run: Run, get: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tools.console.collector.PAUSE_SECONDS", 0.005)
    end = run.ring.end

    def fails_once(number: int, *given: Any) -> Any:
        if number == 1:
            raise ZeroDivisionError
        return end(number, *given)

    monkeypatch.setattr(run.ring, "end", fails_once)
    with run.collector:
        for number in (1, 2):
            run.collector.heard(received(number))
            run.collector.heard(answered(number))
        until(lambda: any(each["status"] for each in get("events").json()["events"]))

    assert {each["number"]: each["status"] for each in get("events").json()["events"]} == {1: None, 2: 200}
    assert "an event was not collected" in caplog.text
