"""How long a backlog takes: the template's settings, the formula, and docs/operations.md's table."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from gateway.delivery.queue import CAP_SECONDS, PROBE_SECONDS
from tests.architecture.house import ROOT, TEMPLATE
from tests.proofs.drain.simulation import IN_FLIGHT, Drained, Outage, Workers, simulate
from tools.operator.drain.capacity import capacity

HOUR = 3600.0
SOURCE = "AWS::Lambda::EventSourceMapping"


def settings() -> Workers:
    """The template's, as deployed without changing any; those of most systems."""
    resources = TEMPLATE.data["Resources"].values()
    sources = [found["Properties"] for found in resources if found["Type"] == SOURCE]
    batches = Counter(each["BatchSize"] for each in sources)
    source = max(sources, key=lambda each: batches[each["BatchSize"]])
    worker = TEMPLATE.functions[source["FunctionName"]["Ref"]]

    def default(name: str) -> float:
        return float(TEMPLATE.parameters[name]["Default"])

    return Workers(
        workers=int(default(source["ScalingConfig"]["MaximumConcurrency"]["Ref"])),
        batch=source["BatchSize"],
        window=source.get("MaximumBatchingWindowInSeconds", 0),
        sends_at_once=int(default("SendsAtOnce")),
        timeout=worker["Timeout"],
        wait_seconds=default("WaitSeconds"),
    )


def predicted(workers: Workers, outage: Outage) -> float:
    """Seconds until the queue is empty, by the formula of docs/operations.md."""
    rate = capacity(
        workers=workers.workers,
        batch=workers.batch,
        sends_at_once=workers.sends_at_once,
        latency=outage.latency,
    )
    return max(outage.seconds * outage.rate / rate, CAP_SECONDS)


@cache
def drained(workers: Workers, outage: Outage) -> Drained:
    random.seed(7)
    return simulate(workers, outage)


def test_the_default_settings_drain_an_hour_at_100_per_second_within_two_hours() -> None:
    found = drained(settings(), Outage(seconds=HOUR, rate=100))

    assert found.dead == 0
    assert found.delivered >= 100 * HOUR / settings().workers
    assert found.seconds < 2 * HOUR


def test_one_after_the_other_a_sixth_of_that_takes_more_than_a_sixth() -> None:
    one = replace(settings(), sends_at_once=1)

    assert drained(one, Outage(seconds=600, rate=100)).seconds > 2 * HOUR / 6


@pytest.mark.parametrize(
    ("workers", "outage"),
    [
        (5, Outage(seconds=600, rate=10)),
        (5, Outage(seconds=600, rate=100)),
        (5, Outage(seconds=HOUR, rate=100)),
        (5, Outage(seconds=600, rate=200, latency=1)),
        (20, Outage(seconds=HOUR / 2, rate=1000, latency=0.5)),
        (20, Outage(seconds=2 * HOUR, rate=50, failing=10)),
    ],
    ids=str,
)
def test_the_formula_says_what_the_simulation_sees(workers: int, outage: Outage) -> None:
    given = replace(settings(), workers=workers)

    found = drained(given, outage)

    # A probe finds out within a minute that the vendor is back; jitter shortens the longest wait.
    expected = predicted(given, outage)
    assert 0.9 * expected < found.seconds < 1.1 * expected + PROBE_SECONDS
    assert found.dead == 0


def test_more_than_sqs_lets_be_in_flight_waits_untouched() -> None:
    given = replace(settings(), workers=20)

    found = drained(given, Outage(seconds=HOUR / 2, rate=500))

    assert found.most_in_flight == IN_FLIGHT
    assert found.dead == 0


def test_no_attempt_is_made_too_often_for_the_queue() -> None:
    found = drained(settings(), Outage(seconds=6 * HOUR, rate=2))

    # A thousand receives make a dead letter; the worker's waits grow at 600 and 800.
    assert found.most_receives < 6 * HOUR / PROBE_SECONDS


def test_the_table_of_the_operators_page_is_the_formulas() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    header, *lines = re.findall(r"^\| (.*) \|$", _table(page), re.MULTILINE)
    concurrency = [int(found) for found in re.findall(r"`DeliveryConcurrency` (\d+)", header)]
    rows = [line.split(" | ") for line in lines]

    assert [row[:2] for row in rows] == [
        [outage, f"{rate:,}"] for outage, rate in product(OUTAGES, (10, 100, 1000))
    ]
    for outage, rate, *cells in rows:
        given = Outage(seconds=OUTAGES[outage], rate=int(rate.replace(",", "")))
        expected = [spoken(predicted(replace(settings(), workers=workers), given)) for workers in concurrency]
        assert cells == expected, (outage, rate)


def _table(page: str) -> str:
    return page.split("<!-- drain -->")[1].split("<!-- /drain -->")[0]


OUTAGES = {"10 min": 600, "1 h": HOUR, "6 h": 6 * HOUR, "24 h": 24 * HOUR}


def spoken(seconds: float) -> str:
    """As the table has it."""
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:.1f} h" if seconds < 48 * HOUR else f"{seconds / 24 / HOUR:.1f} days"
