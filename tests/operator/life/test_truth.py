"""Histories drawn at random go through real handlers and workers: each life ends as its event did."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.core.errors import TimedOut, Transient
from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from tests.safety.outside import ENDPOINTS, QUEUE, Outside, deploy, sample, success
from tests.sample_events import with_header
from tools.operator.life.life import Outcome
from tools.operator.life.telling import life_of

DEAD_LETTERS = f"{QUEUE}-dead"
MODULES = sorted(
    module for module, one in ENDPOINTS.items() if one.load().contract.carries_event and one.profile.vendor
)
JSON = {"content-type": "application/json"}
TROUBLE: list[Reply | Exception] = [
    *(Reply(status=status, headers=JSON, body=b"{}") for status in (302, 400, 401, 429, 500, 503)),
    Reply(status=200, body=b"<html>"),
    TimedOut(may_have_arrived=True),
    Transient("unreachable"),
    RuntimeError("ours"),
]
SEEDS = range(40)


class History:
    """One event's: its call, and as many passes of a worker as it takes, at most five."""

    def __init__(self, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.outside = Outside()
        self.event_id = ""
        self._draw = random.Random(seed)
        self._module = self._draw.choice(MODULES)
        delivery = self._draw.choice(["direct", "direct", "queued"])
        self._handler: Endpoint[Any, Any] = deploy(
            self._module, self.outside, patch, dead_letters=DEAD_LETTERS, delivery=delivery
        )

    def outcomes(self) -> Iterator[str]:
        """How the event stands after its call, and after each pass."""
        outcome = self._called()
        yield outcome
        queued = [one for one in self.outside.of_aws("SendMessage") if one["QueueUrl"] == QUEUE]
        for receives in range(1, 6):
            if not queued or outcome not in ("queued", "waiting"):
                return
            outcome = self._worked(queued[0]["MessageBody"], receives)
            yield outcome

    def _meet(self) -> None:
        """What the vendor answers next, and whether the idempotency records can be read."""
        is_well = self._draw.random() < 0.4
        self.outside.vendor = success(self._module) if is_well else self._draw.choice(TROUBLE)
        self.outside.down = {"PutItem"} if self._draw.random() < 0.1 else set()

    def _called(self) -> str:
        event = sample(self._module)
        if self._draw.random() < 0.3:
            with_header(event, "Idempotency-Key", "a-key")
        if self._draw.random() < 0.1:
            event["body"] = "{"
        self._meet()
        answer = self._handler(event)
        headers = answer["headers"]
        self.event_id = headers["Gateway-Event-Id"]
        delivery: str = headers["Gateway-Delivery"]
        is_vendors = headers.get("Gateway-Error", "").startswith("upstream")
        return {"unknown": "failed", "rejected": "refused" if is_vendors else "rejected"}.get(
            delivery, delivery
        )

    def _worked(self, text: str, receives: int) -> str:
        self._meet()
        before = len(self.outside.of_aws("SendMessage"))
        attributes = {
            "ApproximateReceiveCount": str(receives),
            "SentTimestamp": str(round(time.time() * 1e3)),
        }
        message = {"messageId": "m", "receiptHandle": "r", "body": text, "attributes": attributes}
        left = self._handler.system.redelivery({"Records": [message]})
        if left["batchItemFailures"]:
            return "waiting"
        dead = [one["QueueUrl"] for one in self.outside.of_aws("SendMessage")[before:]]
        return "dead letter" if DEAD_LETTERS in dead else "redelivered"


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_life_ends_as_the_event_did(
    seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history, lines = History(seed, monkeypatch), []

    for outcome in history.outcomes():
        lines += told(capsys)
        life = life_of(history.event_id, random.Random(seed).sample(lines, len(lines)))
        assert life.outcome is Outcome(outcome), [step.text for step in life.steps]


def test_the_histories_know_most_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    met = {outcome for seed in SEEDS for outcome in History(seed, monkeypatch).outcomes()}

    assert met == {
        "delivered",
        "redelivered",
        "queued",
        "waiting",
        "dead letter",
        "rejected",
        "refused",
        "failed",
    }
