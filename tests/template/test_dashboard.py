"""What the dashboard draws: every figure that an operator looks for, and nothing of a system that is off."""

from collections.abc import Mapping
from itertools import combinations

import pytest

from tests.architecture.house import TEMPLATE
from tests.template.dashboard import REGION, Line, lines, widgets

SYSTEMS = TEMPLATE.prefixes
SWITCHES = [
    *(dict.fromkeys(some, "off") for some in combinations(SYSTEMS.values(), 1)),
    *(dict.fromkeys(some, "off") for some in combinations(SYSTEMS.values(), 2)),
    dict.fromkeys(SYSTEMS.values(), "off"),
    {},
]
FUNCTIONS = TEMPLATE.functions
COLUMNS = 24
MAX_LINES = 500
"""Lines of one chart; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""


def own(system: str, found: list[Line]) -> list[Line]:
    """The lines of a system: of its metrics, its queues, its functions."""
    begins = f"<{SYSTEMS[system]}"
    return [line for line in found if any(one == system or one.startswith(begins) for one in line.dimensions)]


@pytest.mark.parametrize("values", SWITCHES, ids=lambda values: " ".join(values) or "all on")
def test_a_system_is_drawn_exactly_while_it_is_on(values: Mapping[str, str]) -> None:
    found = [*lines(values)]
    drawn = {system for system in SYSTEMS if own(system, found)}

    assert drawn == {system for system, switch in SYSTEMS.items() if switch not in values}


def test_a_system_that_is_off_takes_no_line_of_another() -> None:
    everything, (system, switch) = [*lines({})], next(iter(SYSTEMS.items()))
    without = [*lines({switch: "off"})]

    assert without == [line for line in everything if line not in own(system, everything)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_every_figure(system: str) -> None:
    found = {(line.metric, line.stat) for line in own(system, [*lines({})])}

    counted = (
        "Accepted",
        "Delivered",
        "Queued",
        "Rejected",
        "Unknown",
        "Redelivered",
        "Retried",
        "DeadLetter",
    )
    assert found >= {
        *((metric, "Sum") for metric in (*counted, "SetupFailure", "QueueFailed", "Fault")),
        *(("UpstreamLatency", stat) for stat in ("p50", "p95", "p99")),
        ("ApproximateAgeOfOldestMessage", "Maximum"),
        ("ApproximateNumberOfMessagesVisible", "Maximum"),
        ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_of_a_system_is_watched(metric: str) -> None:
    watched = {line.dimensions[-1] for line in lines({}) if line.metric == metric and line.dimensions}

    assert watched == {f"<{name}>" for name in FUNCTIONS if name != "EdgeUnknownPath"}


def test_the_api_is_drawn_as_a_whole() -> None:
    found = {line.metric: line for line in lines({}) if line.namespace == "AWS/ApiGateway"}

    assert found.keys() == {"Count", "4XXError", "5XXError", "Latency"}
    assert {line.dimensions[:3] for line in found.values()} == {("ApiName", "staging", "Stage")}


def test_cloudwatch_has_room_for_it() -> None:
    drawn = widgets({})

    assert all(widget["properties"]["region"] == REGION for widget in drawn)
    assert all(len(widget["properties"]["metrics"]) <= MAX_LINES for widget in drawn)
    width = 0
    for widget in drawn:
        width += widget["width"]
        assert width <= COLUMNS, f"{widget['properties']['title']} begins in one row and ends in the next"
        width %= COLUMNS
    assert width == 0, "a row has a gap"
