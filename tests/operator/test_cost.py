"""`bin/trackgate cost`: what a deployment costs, and that nothing paid in the template is forgotten."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.architecture.house import ROOT, TEMPLATE
from tests.conftest import environment
from tests.operator.status_account import account, stack
from tools.errors import CommandError
from tools.operator.app import app
from tools.operator.cost.bill import bill
from tools.operator.cost.prices import TABLE, Price, Prices
from tools.operator.cost.resources import BY_USE, FREE, PAID, fixed
from tools.operator.cost.traffic import CALL_LOG_BYTES, Traffic
from tools.template.reader import Template

PRICES = Prices.read()
ROUTE = TEMPLATE.routes[0]
CALL = f"""
import json
from importlib import import_module

class Context:
    aws_request_id, memory_limit_in_mb = "0" * 36, 512
    function_name = "trackgate-{ROUTE.function}-0123456789AB"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:" + function_name
    def get_remaining_time_in_millis(self):
        return 20000

event = json.load(open("events/{ROUTE.endpoint.replace(".", "/")}.json"))
import_module("{ROUTE.endpoint}").handler(event, Context())
"""


@pytest.fixture(autouse=True)
def template(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template is read once."""
    monkeypatch.setattr(Template, "read", lambda: TEMPLATE)


OF_STORES = sum(name.endswith("StreamAlarm") for name in TEMPLATE.data["Resources"])
"""Alarms of what a system keeps its events in."""


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["cost", *arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def lines(*arguments: str) -> dict[str, dict[str, Any]]:
    """The lines of one bill by item, from `--json`."""
    found = [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]
    assert len({line["item"] for line in found}) == len(found)
    return {line["item"]: line for line in found}


def dollars(settings: dict[str, str], **traffic: Any) -> float:
    return sum(line.dollars for line in bill(TEMPLATE, settings, Traffic(**traffic), PRICES))


def changed(**resources: dict[str, Any]) -> Template:
    """The template with further resources."""
    data = copy.deepcopy(dict(TEMPLATE.data))
    data["Resources"] = data["Resources"] | resources
    return Template(data)


def test_an_idle_stack_without_alarms_and_dashboard_costs_less_than_four_dollars() -> None:
    found = lines("--events", "0", "--set", "Monitoring=off")

    assert {item: line["dollars"] for item, line in found.items()} == {
        # Five polls at a time, 180 times an hour.
        "polling idle queues": pytest.approx(len(TEMPLATE.queues) * 5 * 730 * 180 * 0.40 / 10**6),
        "secrets": pytest.approx(len(TEMPLATE.secrets) * 0.40),
    }
    assert sum(line["dollars"] for line in found.values()) <= 4


def test_alarms_and_the_dashboard_are_counted_as_the_template_has_them() -> None:
    kinds = Counter(resource["Type"] for resource in TEMPLATE.data["Resources"].values())
    idle = dollars({"Monitoring": "off"}, events=0)

    alarms = dollars({"Monitoring": "alarms"}, events=0) - idle
    everything = dollars({}, events=0) - idle

    assert alarms == pytest.approx(0.10 * kinds["AWS::CloudWatch::Alarm"])
    assert everything == pytest.approx(alarms + 3.00)


def test_a_system_that_is_off_costs_nothing() -> None:
    off = dict.fromkeys(TEMPLATE.prefixes.values(), "off")

    assert dollars({**off, "Monitoring": "off"}, events=0) == 0


def test_every_kind_of_resource_is_judged_once() -> None:
    kinds = {resource["Type"] for resource in TEMPLATE.data["Resources"].values()}

    assert kinds == PAID.keys() | BY_USE | FREE
    assert not PAID.keys() & BY_USE
    assert not PAID.keys() & FREE
    assert not BY_USE & FREE


def test_a_new_kind_of_resource_is_not_taken_for_free() -> None:
    key = changed(Key={"Type": "AWS::KMS::Key", "Properties": {}})

    with pytest.raises(CommandError, match=r"^Key: what AWS::KMS::Key costs is unknown"):
        fixed(key, {})


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (
            "AWS::Serverless::Function",
            {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}},
        ),
        ("AWS::Serverless::Function", {"SnapStart": {"ApplyOn": "PublishedVersions"}}),
        ("AWS::Lambda::EventSourceMapping", {"ProvisionedPollerConfig": {"MinimumPollers": 2}}),
        (
            "AWS::DynamoDB::Table",
            {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": {"Ref": "Backups"}}},
        ),
        ("AWS::Serverless::Api", {"MethodSettings": [{"MetricsEnabled": True}]}),
    ],
)
def test_a_new_property_that_costs_something_is_not_taken_for_free(
    kind: str, properties: dict[str, Any]
) -> None:
    with pytest.raises(CommandError, match=r"^New: what "):
        fixed(changed(New={"Type": kind, "Properties": properties}), {})


def test_what_is_billed_by_use_has_no_capacity_of_its_own() -> None:
    tables = [each for each in TEMPLATE.data["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table"]

    assert {each["Properties"]["BillingMode"] for each in tables} == {"PAY_PER_REQUEST"}


def test_a_price_has_its_unit_and_its_source() -> None:
    for name, price in PRICES.by_name.items():
        assert price.unit, name
        assert re.search(r"\d{4}-\d\d-\d\d", price.source), f"{name}: when was it read?"
        assert price.seen is ("not readable on" not in price.source), name


def test_tiers_are_charged_one_after_the_other() -> None:
    price = Price(unit="call", per=10, tiers=[(100, 2.0), (300, 1.0), (float("inf"), 0.5)], source="")

    assert price.dollars(50) == 10
    assert price.dollars(100) == 20
    assert price.dollars(350) == 20 + 20 + 2.5
    assert price.dollars(100, after=50) == 10 + 5
    assert price.dollars(10, after=300) == 0.5
    assert price.dollars(0) == 0
    assert price.arithmetic(350) == "100 x $2.00 / 10 + 200 x $1.00 / 10 + 50 x $0.50 / 10"
    assert price.arithmetic(0) == "0 x $2.00 / 10"


@pytest.mark.parametrize("events", ["0", "1M", "100M", "10G"])
def test_the_arithmetic_that_is_shown_gives_the_dollars(events: str) -> None:
    for item, line in lines("--events", events).items():
        terms = re.sub(r"[,$]", "", line["arithmetic"]).replace("x", "*")
        assert re.fullmatch(r"[0-9.*/+ ]+", terms)
        found = sum(
            float(count) * float(price) / float(per or 1)
            for count, price, per in re.findall(r"([\d.]+) \* ([\d.]+)(?: / (\d+))?", terms)
        )
        assert found == pytest.approx(line["dollars"], rel=0.01, abs=0.001), item


def test_a_large_bill_is_what_a_hand_calculates() -> None:
    found = lines("--events", "10G", "--queued", "0%", "--keyed", "0%", "--stored", "0%", "--latency", "190")

    assert found["API Gateway"]["dollars"] == pytest.approx(333 * 3.5 + 667 * 2.8 + 9000 * 2.38)
    assert found["Lambda requests"]["dollars"] == pytest.approx(10_000 * 0.20)
    # 200 ms at 512 MB: a billion GB-seconds.
    assert found["Lambda duration"]["dollars"] == pytest.approx(13_333.4)
    assert found["claims and records"]["dollars"] == 0
    assert found["queued events"]["dollars"] == 0


@pytest.mark.parametrize(
    ("stored", "keyed", "writes"), [("0%", "0%", 2), ("100%", "0%", 0), ("100%", "100%", 4)]
)
def test_a_queued_row_without_a_key_is_not_claimed(stored: str, keyed: str, writes: int) -> None:
    found = lines("--events", "1M", "--queued", "100%", "--stored", stored, "--keyed", keyed)

    assert found["claims and records"]["quantity"] == writes * 1_000_000
    assert found["queued events"]["quantity"] > 1_000_000


def test_settings_and_traffic_change_the_bill() -> None:
    usual = {"events": 10**8}
    base = dollars({}, **usual)

    assert dollars({"Tracing": "off"}, **usual) == pytest.approx(base - 37.48, abs=0.01)
    assert dollars({"Architecture": "x86_64"}, **usual) > base
    assert dollars({"ApiGatewayLogs": "off"}, **usual) < base
    assert dollars({"LogLevel": "WARN"}, **usual) < base - 15
    assert dollars({"LogRetentionDays": "365"}, **usual) > base
    assert dollars({"WafRateLimit": "1000"}, **usual) == pytest.approx(base + 6 + 60)
    assert dollars({"EventStore": "mysql+pymysql://u@h/d"}, **usual) < base
    assert dollars({}, **usual, keyed=1) == pytest.approx(base + 0.95 * 100 * 2 * 0.625, rel=0.05)
    assert dollars({}, **usual, queued=0.5) > base
    assert dollars({}, **usual, size=100_000) > base
    assert dollars({}, **usual, per_request=100) < base / 2


def test_a_volume_has_a_column_and_the_lines_a_total() -> None:
    header, *rows = run("--events", "250k", "--events", "2.5M").stdout.splitlines()

    assert re.split(r"\s{2,}", header.strip()) == ["dollars per month", "250 k events", "2.5 M events"]
    cells = [[float(cell.replace(",", "")) for cell in row.split()[-2:]] for row in rows if row.strip()]
    *items, total = cells
    for column in (0, 1):
        assert sum(row[column] for row in items) == pytest.approx(total[column], abs=0.1)


def test_each_line_can_be_explained() -> None:
    done = run("--events", "1M", "--explain")

    assert "1,000,000 x $3.50 / 1,000,000" in done.stdout
    assert f"List prices of {PRICES.date} in us-east-1" in done.stderr
    assert "To check" not in done.stderr


def test_a_price_that_nobody_could_read_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(TABLE.read_text().replace("[kms_requests]", "[kms_requests]\nseen = false"))

    used = run("--events", "1M", "--prices", str(own))
    idle = run("--events", "0", "--prices", str(own))

    assert "could not be read on that date: kms_requests\n" in used.stderr
    assert "kms_requests" not in idle.stderr


def test_a_row_needs_no_claim() -> None:
    usual = {"events": "1M", "keyed": "0%", "queued": "100%"}

    def claims(**options: str) -> float:
        given = [word for name, value in options.items() for word in (f"--{name}", value)]
        return float(lines(*given)["claims and records"]["quantity"])

    assert claims(**usual, stored="100%") == 0
    assert claims(**usual, stored="0%") == 2 * 10**6
    assert claims(**usual, stored="50%") == claims(**usual, stored="50%", **{"per-request": "100"}) == 10**6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "many"], "'--events': many: use a number and k, M or G"),
        (["--events", "-1"], "250k, 5M, 10G"),
        (["--events", "10001G"], "at most 10000G"),
        (["--queued", "0.1"], "'--queued': 0.1: use a percentage"),
        (["--keyed", "101%"], "'--keyed': 101%: use a percentage"),
        (["--stored", "-1%"], "'--stored': -1%: use a percentage"),
        (["--set", "Monitoring"], "docs/settings.md"),
        (["--set", "Nothing=1"], "docs/settings.md"),
        (["--set", "Monitoring=some"], "Monitoring=some is not one of all, alarms, off"),
        (["--set", "ThrottleRate=0"], "ThrottleRate=0 is less than 1"),
        (["--region", "eu-central-1"], "'--region': it says where --stack is"),
    ],
)
def test_a_wrong_option_is_refused(arguments: list[str], said: str) -> None:
    words = re.sub(r"[\s│]+", " ", run(*arguments, code=2).output)

    assert said in words


def test_another_price_table_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(TABLE.read_text().replace("[[inf, 0.40]]", "[[inf, 0.80]]"))

    assert lines("--events", "0", "--prices", str(own))["secrets"]["arithmetic"].endswith(" x $0.80")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file"),
        ("", "is not a price table: 'date' is missing"),
        ("no table", "is not a price table: Expected"),
        ("date = 2026-11-21\nregion = 'r'", "the price table has no "),
        ("date = 2026-11-21\nregion = 'r'\n[secrets]\ntiers = []", "tiers must grow"),
    ],
)
def test_what_is_no_price_table_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    own = tmp_path / "own.toml"
    if text is not None:
        own.write_text(text)

    words = " ".join(run("--prices", str(own), code=1).output.split())

    assert said in words
    assert "Copy prices.toml" in words


def test_a_deployed_stacks_parameters_count(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = account(monkeypatch)
    off = {TEMPLATE.prefixes[next(iter(TEMPLATE.secrets))]: "off"}
    aws.answers["DescribeStacks"] = stack(Monitoring="alarms", OfAnotherRelease="1", **off)

    found = lines("--events", "0", "--stack", "trackgate")

    assert found["alarms"]["quantity"] == 2 + 7 * (len(TEMPLATE.prefixes) - 1) + OF_STORES
    assert "dashboards" not in found
    assert found["secrets"]["quantity"] == len(TEMPLATE.secrets) - 1


@pytest.mark.parametrize("level", ["INFO", "WARN"])
def test_a_call_writes_about_as_much_as_is_charged_for(level: str) -> None:
    given = environment(ROUTE.system) | {
        "POWERTOOLS_LOG_LEVEL": level,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "PYTHONPATH": "functions:layers/shared",
    }

    ended = subprocess.run(
        [sys.executable, "-c", CALL], cwd=ROOT, env=os.environ | given, capture_output=True, check=True
    )

    written = [line for line in ended.stdout.splitlines() if b'"_aws"' in line or b'"call"' in line]
    assert written
    # CloudWatch adds 26 bytes to each line.
    assert sum(len(line) + 1 + 26 for line in written) == pytest.approx(CALL_LOG_BYTES[level], rel=0.2)
