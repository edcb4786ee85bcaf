"""The tables of docs/cost.md: what the template's defaults cost, and what some settings change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tools.operator.cost.bill import bill
from tools.operator.cost.listing import spoken, total
from tools.operator.cost.prices import Prices
from tools.operator.cost.traffic import Traffic
from tools.template.reader import Template

VOLUMES = (0, 10**6, 10**8, 10**10)

_OFF = {"Monitoring": "off", "Tracing": "off", "ApiGatewayLogs": "off"}
_VARIANTS: Mapping[str, tuple[Mapping[str, str], Traffic]] = {
    "the defaults": ({}, Traffic(events=0)),
    "`Monitoring=off`": ({"Monitoring": "off"}, Traffic(events=0)),
    "`Monitoring`, `Tracing` and `ApiGatewayLogs` off": (_OFF, Traffic(events=0)),
    "vendors that take 1 s instead of 0.2 s": ({}, Traffic(events=0, latency=1)),
    "`LogLevel=WARN`": ({"LogLevel": "WARN"}, Traffic(events=0)),
    "every event with an idempotency key": ({}, Traffic(events=0, keyed=1)),
    "every event fails at first, and is queued": ({}, Traffic(events=0, queued=1)),
    "bodies of 6 kB instead of 600 bytes": ({}, Traffic(events=0, size=6000)),
    "batch doors, 100 events per call": ({}, Traffic(events=0, per_request=100)),
    "batch doors, 100 events per call, and the three switches off": (
        _OFF,
        Traffic(events=0, per_request=100),
    ),
}


def page(template: Template) -> str:
    """Both tables, in Markdown. Raises CommandError."""
    prices = Prices.read()
    unseen = [name for name, price in prices.by_name.items() if not price.seen]
    about = f"List prices of {prices.date} in {prices.region}, without free tiers, in dollars per month."
    if unseen:
        about += f" Not found in a source that could be read on that date: `{'`, `'.join(unseen)}`."
    return "\n".join([f"{about}\n", *_items(template, prices), "", *_totals(template, prices)]) + "\n"


def _items(template: Template, prices: Prices) -> Iterator[str]:
    yield f"| item | {' | '.join(_volume(events) for events in VOLUMES)} |"
    yield "|---|" + "--:|" * len(VOLUMES)
    usual = Traffic(events=0)
    bills = [list(bill(template, {}, replace(usual, events=events), prices)) for events in VOLUMES]
    for item in dict.fromkeys(line.item for lines in bills for line in lines):
        found = [sum(line.dollars for line in lines if line.item == item) for lines in bills]
        yield f"| {item} | {' | '.join(f'{dollars:,.2f}' for dollars in found)} |"
    yield f"| **total** | {' | '.join(f'**{total(lines):,.2f}**' for lines in bills)} |"


def _totals(template: Template, prices: Prices) -> Iterator[str]:
    yield f"| total with … | {' | '.join(_volume(events) for events in VOLUMES)} |"
    yield "|---|" + "--:|" * len(VOLUMES)
    for name, (settings, traffic) in _VARIANTS.items():
        bills = [bill(template, settings, replace(traffic, events=events), prices) for events in VOLUMES]
        yield f"| {name} | {' | '.join(f'{total(list(lines)):,.2f}' for lines in bills)} |"


def _volume(events: float) -> str:
    return f"{spoken(events)} events" if events else "idle"
