"""`trackgate status`: what each system holds, queues and has given up, and what of it hurts."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.delivery.hold import Hold
from tests.operator.doctor.aws import Aws, Refusal
from tests.operator.status_account import PREFIXES, account, counts, rows, run
from tools.operator import output
from tools.operator.backlog import Backlog
from tools.operator.status.pains import pains
from tools.operator.status.system_status import SystemStatus
from tools.systems.profile import Rate

FIRST, *OTHERS = PREFIXES

HELD, OVER = Hold(since=0, until=2000), Hold(since=0, until=999)
"""At 1000."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    return account(monkeypatch)


def test_a_row_per_system_says_what_it_queues_and_has_given_up(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.out, "width", 400)
    found = {f"{PREFIXES[FIRST]}Queue": (3, 2, 7), f"{PREFIXES[OTHERS[0]]}DeadLetters": (1, 0, 1)}
    aws.answers["GetQueueAttributes"] = counts(found)

    header, *lines = run().stdout.splitlines()

    names = ["system", "held", "event source", "waiting", "in flight", "dead letters", "what hurts"]
    assert re.split(r"\s{2,}", header.strip()) == names
    assert [re.split(r"\s{2,}", line.strip()) for line in lines] == [
        [FIRST, "no", "Enabled", "5", "7", "0"],
        [
            *(OTHERS[0], "no", "Enabled", "0", "0", "2"),
            f"2 undelivered: trackgate deadletters list --system {OTHERS[0]} --stack trackgate",
        ],
        *([name, "no", "Enabled", "0", "0", "0"] for name in OTHERS[1:]),
    ]


def test_json_has_the_same_in_fields(aws: Aws) -> None:
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (100, 0, 20)})
    now = time.time()
    held = {"since": {"N": f"{now - 60:.0f}"}, "until": {"N": f"{now + 3600:.0f}"}}
    aws.answers["GetItem"] = {"Item": held}

    found = rows(run("--json"))

    assert list(found) == list(PREFIXES)
    row = found[FIRST]
    assert datetime.fromisoformat(row.pop("held_since")).timestamp() == pytest.approx(now - 60, abs=1)
    assert datetime.fromisoformat(row.pop("held_until")).tzinfo == UTC
    (hurts,) = row.pop("hurts")
    assert hurts.startswith("nothing is delivered for another ")
    assert row == {
        "system": FIRST,
        "hold": "held",
        "event_source": "Enabled",
        "waiting": 100,
        "in_flight": 20,
        "dead_letters": 0,
        "rate": None,
    }


def test_the_table_says_when_a_hold_began_and_ends(aws: Aws) -> None:
    held = {"since": {"N": "1795286940"}, "until": {"N": "4000000000"}}
    aws.answers["GetItem"] = {"Item": held}
    assert "2026-11-21 18:49 to 2096-10-02 07:06 UTC" in run().stdout

    aws.answers["GetItem"] = {"Item": held | {"until": {"N": "1795286999"}}}
    assert "over since 2026-11-21 18:49 UTC" in run().stdout


def test_a_hold_that_is_malformed_is_said_in_the_row(aws: Aws) -> None:
    aws.answers["GetItem"] = {"Item": {"since": {"S": "yesterday"}}}

    row = rows(run("--json"))[FIRST]

    (hurts,) = row["hurts"]
    assert "malformed" in hurts
    assert (row["hold"], row["event_source"]) == ("none", "Enabled")


def test_a_missing_right_is_named(aws: Aws) -> None:
    aws.answers["GetItem"] = Refusal("AccessDeniedException", "not authorized to perform: dynamodb:GetItem")

    assert "do not allow dynamodb:GetItem" in run(code=1).output


def system_status(**given: Any) -> SystemStatus:
    usual = {"hold": None, "source": "Enabled", "queued": Backlog(waiting=0, in_flight=0), "dead_letters": 0}
    return SystemStatus(system=FIRST, **{**usual, **given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"queued": Backlog(waiting=1_000_000, in_flight=9)}, []),
        ({"source": "Disabled"}, ["queued events wait, although nobody holds them"]),
        (
            {"hold": HELD, "source": "Disabled"},
            ["nothing is delivered for another 17 m"],
        ),
        (
            {"hold": OVER, "source": "Disabled"},
            ["the hold has ended by itself"],
        ),
        ({"hold": OVER}, ["the hold has ended by itself"]),
        (
            {"hold": replace(HELD, resuming=True), "source": "Enabling"},
            ["a resume is in progress, or was interrupted", "changing the event source (Enabling)"],
        ),
        ({"source": "Creating"}, ["changing the event source (Creating)"]),
        ({"dead_letters": 3}, [f"3 undelivered: trackgate deadletters list --system {FIRST} --local"]),
        (
            {
                "queued": Backlog(waiting=200_000, in_flight=0),
                "rate": Rate(what="new players", per_second=1, accounts=("a",)),
            },
            ["queued events wait up to 2 d for their turn"],
        ),
    ],
)
def test_what_hurts_is_said_with_what_to_do(given: dict[str, Any], expected: list[str]) -> None:
    found = list(pains(system_status(**given), 1000.0, "--local"))

    assert len(found) == len(expected)
    assert all(words in said for words, said in zip(expected, found, strict=True))
