"""A month's bill: what runs anyway, and what the traffic uses, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.operator.cost.prices import Prices
from tools.operator.cost.resources import fixed
from tools.operator.cost.traffic import Traffic, uses
from tools.operator.cost.use import Use
from tools.template.reader import Template

_FIXED = {"sqs_requests": "polling idle queues"}
"""What a price pays for when nothing happens, where its own name does not say that."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """`quantity` of a price's unit costs `dollars`, by this `arithmetic`."""

    item: str
    price: str
    quantity: float
    unit: str
    dollars: float
    arithmetic: str


def bill(template: Template, settings: Mapping[str, str], traffic: Traffic, prices: Prices) -> Iterator[Line]:
    """The lines of a month. `settings` are those that differ from the template's defaults.

    What the traffic uses of a price is charged by the tiers that what runs anyway has left. Raises
    CommandError.
    """
    used: dict[str, float] = {}
    every = {name: str(rule["Default"]) for name, rule in template.parameters.items()} | dict(settings)
    on = [system for system, switch in template.prefixes.items() if every[switch] == "on"]
    running = (
        Use(what=_FIXED.get(price, price.replace("_", " ")), price=price, quantity=quantity)
        for price, quantity in fixed(template, settings).items()
    )
    for use in [*running, *uses(traffic, every, on)]:
        price, before = prices[use.price], used.get(use.price, 0.0)
        used[use.price] = before + use.quantity
        yield Line(
            item=use.what,
            price=use.price,
            quantity=use.quantity,
            unit=price.unit,
            dollars=price.dollars(use.quantity, after=before),
            arithmetic=price.arithmetic(use.quantity, after=before),
        )
