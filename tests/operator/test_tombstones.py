"""Tombstones are dated by AWS's clock: the operator's may be minutes off."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from gateway.delivery import erasure
from gateway.delivery.erasure import Forgotten
from tests.operator.conftest import World
from tests.operator.test_erasure import ADA, MakeTask, asked
from tools.errors import CommandError
from tools.operator.erasure import tombstones
from tools.operator.erasure.subject import subject_fields


@pytest.mark.parametrize("skew", [-4 * 60.0, 4 * 60.0])
def test_a_tombstone_is_dated_by_awss_clock(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    now = time.time()
    before, after = make_task(player=ADA), replace(make_task(player=ADA), received_at=now + 2)
    monkeypatch.setattr(time, "time", lambda: now + skew)

    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")

    read = Forgotten("onesignal", subject_fields("onesignal"), asked(world))
    assert read.spare(before) is None
    assert read.spare(after) == after
    item = world.stack.client("dynamodb").get_item(
        TableName=world.stack.records("onesignal"),
        Key={"key": {"S": erasure.item_key("onesignal")}},
    )["Item"]
    assert abs(float(item["expires"]["N"]) - now - erasure.KEEP_SECONDS) < 2


@pytest.mark.parametrize("part", [0.0, 0.999])
def test_a_moment_lies_between_call_and_return(monkeypatch: pytest.MonkeyPatch, part: float) -> None:
    aws = 1_800_000_000 + part

    class Sqs:
        def get_queue_attributes(self, **given: Any) -> Any:
            date = formatdate(int(aws), usegmt=True)
            return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}

    def passes(seconds: float) -> None:
        nonlocal aws
        aws += seconds

    monkeypatch.setattr(tombstones, "sleep", passes)
    called = aws

    assert called <= tombstones.aws_now(Sqs(), "queue") <= aws


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_an_answer_without_a_date_ends_the_command(date: str) -> None:
    class Sqs:
        def get_queue_attributes(self, **given: Any) -> Any:
            return {"ResponseMetadata": {"HTTPHeaders": {"date": date} if date else {}}}

    with pytest.raises(CommandError, match="no usable Date"):
        tombstones.aws_now(Sqs(), "queue")
