"""The prices beside the settings are those that `bin/trackgate cost` calculates with."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, TEMPLATE
from tools.operator.cost.bill import bill
from tools.operator.cost.prices import Prices
from tools.operator.cost.traffic import Traffic

PRICES = Prices.read()
MILLION = Traffic(events=10**6, queued=0, keyed=0, stored=0)
QUIET = Traffic(events=0)


def dollars(item: str = "", traffic: Traffic = MILLION, **settings: str) -> float:
    """What a month costs, or one item of it."""
    lines = bill(TEMPLATE, settings, traffic, PRICES)
    return sum(line.dollars for line in lines if item in ("", line.item))


def of_a_system(**settings: str) -> float:
    """What the dearest system costs while nothing happens."""
    switches = TEMPLATE.prefixes.values()
    idle = dollars(traffic=QUIET, **settings)
    return max(idle - dollars(traffic=QUIET, **{switch: "off"}, **settings) for switch in switches)


SHOWN: Mapping[str, Callable[[], list[float]]] = {
    "Monitoring": lambda: [
        PRICES["alarms"].dollars(1),
        dollars("alarms", QUIET),
        dollars("dashboards", QUIET),
    ],
    "LogLevel": lambda: [dollars("functions' logs", LogLevel=level) for level in ("INFO", "WARN")],
    "LogRetentionDays": lambda: [PRICES["log_storage"].dollars(1)],
    "ApiGatewayLogs": lambda: [dollars("access logs")],
    "Tracing": lambda: [PRICES["traces"].dollars(10**6)],
    "MemorySize": lambda: [PRICES["lambda_arm64"].dollars(10**6 * 0.2 * 0.5)],
    "WafRateLimit": lambda: [
        dollars(traffic=QUIET, WafRateLimit="100") - dollars(traffic=QUIET),
        dollars("requests through the web ACL", WafRateLimit="100"),
    ],
    **{
        switch: lambda: [
            of_a_system(Monitoring="off"),
            of_a_system(Monitoring="alarms") - of_a_system(Monitoring="off"),
        ]
        for switch in TEMPLATE.prefixes.values()
    },
}
"""By parameter, the prices that its description names, in their order."""

NOT_OURS = {"SavedQueries"}
"""What a person's query costs is not in the bill."""


def named(text: str) -> list[float]:
    """The prices in a text."""
    return [float(found) for found in re.findall(r"\$(\d+(?:\.\d+)?)", text)]


@pytest.mark.parametrize("parameter", SHOWN)
def test_a_price_beside_a_setting_is_the_bills(parameter: str) -> None:
    shown = named(TEMPLATE.parameters[parameter]["Description"])

    assert shown == [pytest.approx(price, abs=0.005) for price in SHOWN[parameter]()]


def test_no_other_setting_names_a_price() -> None:
    priced = {name for name, rule in TEMPLATE.parameters.items() if named(rule["Description"])}

    assert priced == SHOWN.keys() | NOT_OURS


def test_arm64_costs_as_much_less_as_its_setting_says() -> None:
    (percent,) = re.findall(r"(\d+)% less", TEMPLATE.parameters["Architecture"]["Description"])
    arm64, x86_64 = (PRICES[name].dollars(1000) for name in ("lambda_arm64", "lambda_x86_64"))

    assert 100 * (1 - arm64 / x86_64) == pytest.approx(float(percent), abs=0.5)


@pytest.mark.parametrize("stage", sorted((ROOT / "stages").glob("*.toml")), ids=lambda file: file.stem)
def test_a_stages_comments_name_the_same_prices(stage: Path) -> None:
    of_settings = {
        price for name in (*SHOWN, *NOT_OURS) for price in named(TEMPLATE.parameters[name]["Description"])
    }

    assert set(named(stage.read_text())) <= of_settings
