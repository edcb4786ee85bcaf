"""The table of differences and the doctor's questions are one list, and an answer that differs is found."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.operator.doctor.aws_edge import aws_edge
from tools.operator.doctor.api_client import ApiClient
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.edge.checks import edge
from tools.operator.doctor.edge.differences import DIFFERENCES
from tools.operator.doctor.report import Level, Row
from tools.operator.stack import Stack
from tools.places import ROOT

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

BY_NAME = {difference.name: difference for difference in DIFFERENCES}
SECTION = (ROOT / "docs" / "local.md").read_text().partition("## Where it differs from AWS")[2]
DOCUMENTED = {
    cells[0].strip("`"): cells[1:]
    for line in SECTION.splitlines()
    if line.startswith("| `") and len(cells := [cell.strip() for cell in line.strip("| ").split(" | ")]) == 4
}


def test_every_row_that_the_doctor_asks_is_documented_and_the_other_way_round() -> None:
    assert list(DOCUMENTED) == list(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_documented_answer_begins_with_what_the_doctor_expects(name: str) -> None:
    _, aws, local = DOCUMENTED[name]

    for cell, expected in ((aws, BY_NAME[name].aws), (local, BY_NAME[name].local)):
        assert re.match(rf"{re.escape(expected.removesuffix(')'))}\b", cell), f"{cell!r}: {expected!r}"


def deployment(url: str, *, local: bool = False, key: str = "", **parameters: str) -> Deployment:
    def client(service: str) -> Any:
        raise AssertionError(f"{service} is not asked")

    outputs = {f"{system}QueueUrl": "https://sqs.invalid/queue" for system in ("MyTracker", "Track")}
    stack = Stack(name="test", client=client, outputs=outputs, parameters=parameters, local=local)
    return Deployment(stack=stack, api=ApiClient(url), key=key)


def asked(url: str, **given: Any) -> dict[str, Row]:
    return {row.what.partition(":")[0]: row for row in edge(deployment(url, **given))}


def test_an_api_that_answers_as_aws_does_has_no_finding_and_is_sent_nothing_that_counts() -> None:
    with aws_edge() as (url, received):
        rows = asked(url)

    assert {row.level for row in rows.values()} == {Level.OK}, rows
    assert BY_NAME.keys() <= rows.keys()
    # Whatever goes wrong on its way, no required field of any event is in it.
    bodies = {body for _, _, body in received}
    assert {body for body in bodies if not body.startswith(b"\x1f\x8b")} == {b"", b"{}", b"large"}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_row_that_is_answered_otherwise_is_a_finding_and_the_only_one(name: str) -> None:
    with aws_edge(name) as (url, _):
        rows = asked(url)

    found = {what: row for what, row in rows.items() if row.level is not Level.OK}
    assert set(found) == {name}, found
    assert found[name].level is Level.FINDING
    assert found[name].expected == BY_NAME[name].aws != found[name].seen
    assert found[name].do == BY_NAME[name].do


def test_the_same_answers_are_judged_by_the_local_column_in_a_local_run() -> None:
    with aws_edge() as (url, _):
        rows = asked(url, local=True)

    differing = {each.name for each in DIFFERENCES if each.aws != each.local}
    assert {what for what, row in rows.items() if row.level is Level.FINDING} == differing


def test_where_a_key_is_needed_and_none_is_given_what_reads_a_body_is_not_asked() -> None:
    with aws_edge(required=True) as (url, _):
        without, given = asked(url), asked(url, key="good")

    reading = {each.name for each in DIFFERENCES if each.reads}
    assert {what for what, row in without.items() if row.level is Level.SKIPPED} == reading
    assert all("TRACKGATE_CLIENT_KEY" in without[name].do for name in reading)
    assert {row.level for row in given.values()} == {Level.OK}


def test_an_api_that_does_not_answer_is_one_finding_a_system_and_nothing_more_is_asked() -> None:
    rows = asked("http://127.0.0.1:9/live")

    assert set(rows) == {"POST /v1/login", "POST /v1/track/item"}
    assert {row.level for row in rows.values()} == {Level.FINDING}
    assert all("--url" in row.do for row in rows.values())


def test_another_api_at_the_address_is_a_finding() -> None:
    with aws_edge() as (url, _):
        rows = asked(url.replace("/live", "/other"))

    row = rows["POST /v1/track/item"]
    assert (row.level, row.seen) == (Level.FINDING, '404 {"message":"Not found"}')
