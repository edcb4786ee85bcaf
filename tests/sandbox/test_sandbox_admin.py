"""What cannot be meant is refused by the sandbox's own address: 400 with the reason, and nothing changes."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.sandbox import Send
from tests.sandbox.test_sandbox_faults import BODY, PATH
from tools.sandbox.client import Sandbox

FAULTS = "/_sandbox/faults"
STATE = "/_sandbox/state"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"fault": "status", "share": 2}, "`share` is 0 to 1"),
        ({"fault": "status", "share": -0.5}, "`share` is 0 to 1"),
        ({"fault": "status", "next": -1}, "`next` is 1 or more"),
        ({"fault": "status", "next": 0}, "`next` is 1 or more"),
        ({"fault": "status", "next": 1.5}, "`next` is not an integer"),
        ({"fault": "status", "system": "mixpanel"}, "`system` is one of mytracker, onesignal, "),
        ({"fault": "status", "system": "track"}, "`system` is one of mytracker, onesignal, "),
        ({"fault": "status", "system": None}, "`system` is not a string"),
        ({"fault": "status", "status": 600}, "`status` is 100 to 599"),
        ({"fault": "status", "body": 1.5}, "`body` is not a string or an object or an array"),
        ({"fault": "delay", "seconds": -1}, "`seconds` is 0 to 3600"),
        ({"fault": "delay", "seconds": 1e300}, "`seconds` is 0 to 3600"),
        ({"fault": "delay", "seconds": True}, "`seconds` is not a number"),
        ({"fault": "delay", "seconds": [1]}, "`seconds` is not a number"),
        ({"fault": "delay", "seconds": "soon"}, "`seconds` is not a number"),
        ({"fault": "huge", "size": -1}, "`size` is 0 to 1073741824"),
        ({"fault": "huge", "size": 10**30}, "`size` is 0 to 1073741824"),
        ({"fault": "status", "headers": {"Retry-After": 7}}, "`headers`: the value of Retry-After"),
        ({"fault": "status", "headers": {"A": "b\r\nC: d"}}, "`headers`: the value of A"),
        ({"fault": "status", "headers": {"A": "é€"}}, "`headers`: the value of A"),
        ({"fault": "status", "headers": {"A B": "c"}}, "`headers`: 'A B' is not the name of a header"),
        ({"fault": "status", "headers": {"": "c"}}, "`headers`: '' is not the name of a header"),
        ({"fault": "status", "seconds": 3}, "`seconds` is for delay, hang, drip"),
        ({"fault": "status", "size": 3}, "`size` is for huge"),
        ({"fault": "huge", "body": "x"}, "`body` is not for huge"),
        ({"fault": "hang", "status": 503}, "`status` is not for hang"),
        ({"fault": "reset", "headers": {}}, "`headers` is not for reset"),
        ({"fault": "accept-then-reset", "body": {}}, "`body` is not for accept-then-reset"),
        ({"fault": ["status"]}, "`fault` is not a string"),
        ({}, "an object with the key `fault`"),
        ([{"fault": "status"}], "an object with the key `fault`"),
        (None, "an object with the key `fault`"),
        (1.5, "an object with the key `fault`"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_the_reason(
    send: Send, rule: object, reason: str
) -> None:
    status, answer, _ = send("POST", FAULTS, rule)

    assert status == 400
    assert reason in answer["error"]
    assert send("GET", FAULTS)[1] == {"faults": []}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b'{"fault":"status","fault":"html"}', "twice"),
        (b'{"fault":"status","body":{"a":NaN}}', "NaN"),
        (b'{"fault":"status","body":{"a":1e400}}', "too large"),
        (b'{"fault":"delay","seconds":1e999999999}', "too large"),
        (b'{"fault":"status","body":{"a":' + b"9" * 5000 + b"}}", "too large"),
        (b'{"fault":"status","body":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
        (b'{"fault":"status","body":"\\ud800"}', "surrogate"),
        (b'{"fault":"\xff"}', "UTF-8"),
    ],
)
def test_a_text_that_is_no_rule_is_refused_with_the_reason(send: Send, text: bytes, reason: str) -> None:
    status, answer, _ = send("POST", FAULTS, text)

    assert (status, send("GET", FAULTS)[1]) == (400, {"faults": []})
    assert reason in answer["error"]


def test_a_body_with_fractions_is_said_and_sent(sandbox: Sandbox, send: Send) -> None:
    body = {"a": 1.5, "b": [0.25, {"c": -1e-7}]}
    sandbox.fault("status", status=400, body=body)

    assert sandbox.faults()[0]["body"] == body
    assert send("POST", PATH, BODY)[:2] == (400, body)


def test_an_answer_that_may_have_no_body_has_none(sandbox: Sandbox, send: Send) -> None:
    sandbox.fault("status", status=204, body={"a": 1})

    assert send("POST", PATH, BODY)[:2] == (204, b"")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ledger?system=mixpanel", "`system` is one of mytracker, onesignal, "),
        ("ledger?sytem=trax", "`sytem` is none of system, since, limit, request"),
        ("ledger?limit=-1", "`limit` is not a whole number"),
        ("ledger?limit=abc", "`limit` is not a whole number"),
        ("ledger?limit=", "`limit` is not a whole number"),
        ("ledger?request=abc", "`request` is not a digest"),
        ("ledger?request=00112233aabbccdd&since=1", "`request` goes without `system` and `since`"),
        ("ledger?since=1.5", "`since` is not a whole number"),
        ("ledger?since=%D9%A3", "`since` is not a whole number"),
        ("ledger?since=" + "9" * 5000, "`since` is not a whole number"),
        ("counts?system=trax", "`system` is none that counts takes"),
        ("faults?id=1", "`id` is none that faults takes"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_with_the_reason(
    send: Send, target: str, reason: str
) -> None:
    status, answer, _ = send("GET", f"/_sandbox/{target}")

    assert status == 400
    assert reason in answer["error"]


def test_the_ledger_knows_those_that_reached_no_vendor(send: Send) -> None:
    send("GET", "/elsewhere")

    status, answer, _ = send("GET", "/_sandbox/ledger?system=unknown")

    assert (status, len(answer["entries"])) == (200, 1)


@pytest.mark.parametrize(
    ("number", "reason"), [("7", "there is no fault 7"), ("abc", "`id` is not a whole number")]
)
def test_a_fault_that_is_not_there_cannot_be_taken_back(send: Send, number: str, reason: str) -> None:
    status, answer, _ = send("DELETE", f"{FAULTS}?id={number}")

    assert status == (404 if number == "7" else 400)
    assert reason in answer["error"]


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("PUT", "ledger", "GET, DELETE"),
        ("POST", "counts", "GET"),
        ("PATCH", "faults", "GET, POST, DELETE"),
        ("DELETE", "state", "GET, POST"),
        ("GET", "reset", "POST"),
        ("HEAD", "ledger", "GET, DELETE"),
    ],
)
def test_another_method_is_told_which_there_are(send: Send, method: str, target: str, allowed: str) -> None:
    status, _, headers = send(method, f"/_sandbox/{target}")

    assert (status, headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("target", ["/_sandbox", "/_sandbox/", "/_sandbox/leger", "/_sandbox/ledger/7"])
def test_another_path_is_told_which_there_are(send: Send, target: str) -> None:
    status, answer, _ = send("GET", target)

    assert status == 404
    for name in ("ledger", "counts", "faults", "state", "reset"):
        assert name in answer["error"]


def test_a_vendors_state_is_shown_and_changed(send: Send, sandbox: Sandbox) -> None:
    change = {"system": "onesignal", "missing_seconds": 5}

    status, answer, _ = send("POST", STATE, change)

    assert (status, answer["missing_seconds"]) == (200, 5)
    assert send("GET", STATE)[1]["onesignal"] == answer
    sandbox.reset()
    assert send("GET", STATE)[1]["onesignal"]["missing_seconds"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "a change is an object whose `system` is one of mytracker, onesignal, "),
        ([], "a change is an object whose `system` is one of mytracker, onesignal, "),
        ({"system": []}, "a change is an object whose `system` is one of mytracker, onesignal, "),
        ({"system": "track"}, "a change is an object whose `system` is one of mytracker, onesignal, "),
        ({"system": "trax", "limited": []}, "`limited` is no state of this vendor that can be changed"),
        ({"system": "onesignal", "missing": 5}, "`missing` is none of limited, "),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_with_the_reason(
    send: Send, change: object, reason: str
) -> None:
    before = send("GET", STATE)[1]

    status, answer, _ = send("POST", STATE, change)

    assert status == 400
    assert reason in answer["error"]
    assert send("GET", STATE)[1] == before


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["system", "path", "status", "headers", "body", "seconds", "size", "next", "share", "seed", "taken"]
RULES = st.fixed_dictionaries(
    {"fault": st.sampled_from(["status", "delay", "hang", "huge", "drip", "redirect"]) | VALUES},
    optional=dict.fromkeys(NAMES, VALUES),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RULES | VALUES)
def test_any_rule_is_taken_and_shown_or_refused_with_a_reason(send: Send, rule: object) -> None:
    send("DELETE", FAULTS)

    status, answer, _ = send("POST", FAULTS, json.dumps(rule).encode())
    shown = send("GET", FAULTS)

    if status == 200:
        assert isinstance(rule, dict)
        (kept,) = shown[1]["faults"]
        assert all(kept[name] == rule[name] or math.isclose(kept[name], rule[name]) for name in rule)
    else:
        assert (status, shown[:2]) == (400, (200, {"faults": []}))
        assert answer["error"]
