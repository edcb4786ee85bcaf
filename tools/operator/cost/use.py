"""What a bill is made of: a quantity of a price's unit, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass

GB = 1024**3

HOURS = 730
"""Hours of a month, as AWS counts them."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """A quantity of the price of this name, per month."""

    what: str
    price: str
    quantity: float
