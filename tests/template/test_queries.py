"""The saved queries of Logs Insights read fields that log lines have, and find what they are for."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gateway.core.reply import Reply
from tests.architecture.house import ROOT, TEMPLATE
from tests.safety.outside import ENDPOINTS, OTHER_KEY, Outside, deploy, sample
from tests.template.insights import Query, flat
from tools.operator.cost.traffic import BATCH, PASS_LOG_BYTES

QUERIES = {
    name: found["Properties"]
    for name, found in TEMPLATE.data["Resources"].items()
    if found["Type"] == "AWS::Logs::QueryDefinition"
}
OF_FUNCTIONS = [name for name in QUERIES if name != "AccessQuery"]
NAME = re.compile(r"\$\{AWS::StackName\}/[^:*/]{1,100}")
"""A folder and a name: the resource's schema allows no `:` and no `*`, and a `/` between the two."""

OF_EVERY_LINE = {"@timestamp", "@message", "@logStream"}
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html"""

ENDED = {
    "time": "2026-11-22T03:30:00.123Z",
    "type": "platform.report",
    "record": {"requestId": "1", "status": "error", "errorType": "Runtime.ExitError", "metrics": {}},
}
"""As Lambda describes it: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html"""

CRASHED = {"timestamp": "2026-11-22T03:30:00Z", "level": "ERROR", "errorType": "KeyError"}
"""As Lambda's Python runtime writes what no function caught (awslambdaric 4.2, bootstrap.py, `log_error`)."""

QUEUEING = next(
    module
    for module, one in ENDPOINTS.items()
    if one.profile.vendor and one.profile.client_keys != "never" and one.load().success.queued
)


def query(name: str) -> Query:
    return Query(QUERIES[name]["QueryString"])


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    """What functions wrote, by what happened: the line's fields as CloudWatch discovers them."""
    found: dict[str, dict[str, Any]] = {}

    def happened(
        what: str, outside: Outside, change: Callable[[dict[str, Any]], object] = dict, **settings: Any
    ) -> Outside:
        with monkeypatch.context() as patch:
            handler = deploy(QUEUEING, outside, patch, **settings)
            event = sample(QUEUEING)
            change(event)
            handler(event)
            for queued in outside.of_aws("SendMessage") if "SendMessage" not in outside.down else []:
                sent = {"ApproximateReceiveCount": "2", "SentTimestamp": str(round(time.time() * 1000))}
                message = {"messageId": "m", "receiptHandle": "r", "attributes": sent}
                handler.system.redelivery({"Records": [message | {"body": queued["MessageBody"]}]})
        for text in capsys.readouterr().out.splitlines():
            line = json.loads(text)
            name = f"{what}: {line['message']}" if "message" in line else f"{what}: metrics"
            found[name] = {"@message": text, "@timestamp": 0, "@logStream": "s", **dict(flat(line))}
        return outside

    def without_key(event: dict[str, Any]) -> None:
        ENDPOINTS[QUEUEING].profile.present(event, OTHER_KEY)

    def without_body(event: dict[str, Any]) -> None:
        event["body"] = "{"
        event["isBase64Encoded"] = False

    capsys.readouterr()
    happened("delivered", Outside())
    happened("outage", Outside(vendor=Reply(status=503)))
    happened("nothing works", Outside(vendor=Reply(status=503), down={"SendMessage"}))
    happened("bad credential", Outside(vendor=Reply(status=401)))
    happened("a bug", Outside(vendor=RuntimeError("ours")))
    happened("bad input", Outside(), without_body)
    happened("no key", Outside(), without_key)
    happened("no key, report", Outside(), without_key, client_keys="report")
    for what, line in (("ended", ENDED), ("crashed", CRASHED)):
        found[what] = {"@message": json.dumps(line), "@timestamp": 0, "@logStream": "s", **dict(flat(line))}
    return found


def found(name: str, lines: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """What a query finds."""
    return {what for what, line in lines.items() if query(name).finds(line)}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_one(name: str) -> None:
    assert query(name).commands
    assert NAME.fullmatch(QUERIES[name]["Name"]["Fn::Sub"])
    assert QUERIES[name]["QueryString"].startswith("# "), "says what it is for"


@pytest.mark.parametrize("name", OF_FUNCTIONS)
def test_a_query_reads_fields_that_lines_have(name: str, lines: Mapping[str, Mapping[str, Any]]) -> None:
    known = {field for line in lines.values() for field in line}

    assert query(name).reads - OF_EVERY_LINE - {"tries.1.milliseconds", "tries.1.outcome"} <= known


def test_the_access_logs_query_reads_fields_that_they_have() -> None:
    text = TEMPLATE.data["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Fn::If"][1]["Format"]
    fields = set(re.findall(r'"(\w+)":"\$context', text["Fn::Sub"][0]))

    assert query("AccessQuery").reads <= fields


def test_failures_are_found_with_their_reason(lines: Mapping[str, Mapping[str, Any]]) -> None:
    failures = {what: query("FailuresQuery").shown(lines[what]) for what in found("FailuresQuery", lines)}

    assert {what: made["failure"] for what, made in failures.items() if "a bug" not in what} == {
        "outage: call": "status 503",
        "outage: redelivery": "status 503",
        "nothing works: call": "status 503",
        "bad credential: call": "status 401",
        "bad credential: redelivery": "status 401",
        "bad credential: setup failure": "status 401",
    }
    assert failures["a bug: call"]["failure"] == "fault"


def test_the_slowest_requests_are_those_that_left(lines: Mapping[str, Mapping[str, Any]]) -> None:
    happenings = {what.partition(":")[0] for what in found("SlowestQuery", lines)}
    shown = query("SlowestQuery").shown(lines["outage: call"])

    assert happenings >= {"delivered", "outage", "nothing works", "bad credential"}
    assert not happenings & {"bad input", "no key"}
    assert (shown["outcome"], shown["request_ms"] >= 0) == ("transient", True)


def test_a_request_after_a_look_up_is_the_one_that_counts() -> None:
    two = dict(
        flat({"tries": [{"milliseconds": 1, "outcome": "answered"}, {"milliseconds": 2, "outcome": "ok"}]})
    )

    assert query("SlowestQuery").shown(two) == {"request_ms": 2, "outcome": "ok"}


def test_rejected_calls_and_missing_keys_are_told_apart(lines: Mapping[str, Mapping[str, Any]]) -> None:
    assert found("RejectedQuery", lines) == {"bad input: call", "no key: call"}
    assert found("KeysQuery", lines) == {"no key: call", "no key, report: call"}


def test_errors_are_ours_and_lambdas(lines: Mapping[str, Mapping[str, Any]]) -> None:
    assert found("ErrorsQuery", lines) == {
        "nothing works: queue failed",
        "bad credential: setup failure",
        "a bug: fault",
        "ended",
        "crashed",
    }


def test_an_events_lines_are_found_by_its_id(lines: Mapping[str, Mapping[str, Any]]) -> None:
    (given,) = re.findall(r'like "(\w{26})"', QUERIES["OneEventQuery"]["QueryString"])
    event = str(lines["outage: call"]["event_id"])
    own = Query(QUERIES["OneEventQuery"]["QueryString"].replace(given, event))

    assert {what for what, line in lines.items() if own.finds(line)} == {"outage: call", "outage: redelivery"}


def test_a_worker_writes_about_as_much_as_is_charged_for(lines: Mapping[str, Mapping[str, Any]]) -> None:
    line, metrics = (len(lines[f"outage: {what}"]["@message"]) + 27 for what in ("redelivery", "metrics"))

    # CloudWatch adds 26 bytes to each line; a batch has one line of metrics.
    assert line + metrics / BATCH == pytest.approx(PASS_LOG_BYTES["INFO"], rel=0.2)


def test_the_runbook_names_every_query() -> None:
    page = (ROOT / "docs" / "runbook.md").read_text()
    names = {found["Name"]["Fn::Sub"].partition("/")[2] for found in QUERIES.values()}

    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize(
    "text",
    [
        "filter",
        "filter a =",
        'filter a = "b',
        "fields nothing(a) as b",
        "fields coalesce(a) as b",
        "stats count(*) by a",
        "stats count(*) as n by a | sort b desc",
        "sort a",
        "limit ten",
        "find a",
        'filter a in ["b"',
    ],
)
def test_a_mistake_is_seen(text: str) -> None:
    with pytest.raises((SyntaxError, IndexError)):
        Query(text)
