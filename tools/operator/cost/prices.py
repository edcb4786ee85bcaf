"""The price table: what a quantity costs, and how that was calculated."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from tools.errors import CommandError

TABLE = Path(__file__).with_name("prices.toml")

_COPY = f"Copy {TABLE.name} from tools/operator/cost, and change its figures."


@dataclass(frozen=True, kw_only=True)
class Price:
    """A price in US dollars for `per` units, by tiers: up to so many units a month, so much.

    `seen`: the figure was found in the source that is named.
    """

    unit: str
    tiers: Sequence[tuple[float, float]]
    source: str
    per: int = 1
    seen: bool = True

    def dollars(self, quantity: float, *, after: float = 0) -> float:
        """What the quantity costs per month, if so many units come before these."""
        return sum(count * price / self.per for count, price in self._by_tier(quantity, after))

    def arithmetic(self, quantity: float, *, after: float = 0) -> str:
        """The same, to check, if so many units come before these: `2,000,000 x $3.50 / 1,000,000`."""
        per = f" / {self.per:,}" if self.per > 1 else ""
        used = self._by_tier(quantity, after) or [(0.0, self.tiers[0][1])]
        return " + ".join(f"{_number(count)} x ${_amount(price)}{per}" for count, price in used)

    def _by_tier(self, quantity: float, after: float = 0) -> list[tuple[float, float]]:
        used, below = [], after
        for limit, price in self.tiers:
            count = min(after + quantity, limit) - below
            if count > 0:
                used.append((count, price))
                below = limit
        return used


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The table, with its date and region."""

    date: date
    region: str
    by_name: Mapping[str, Price]

    @classmethod
    def read(cls, file: Path = TABLE) -> Self:
        """The table in a TOML file. Raises CommandError."""
        try:
            with file.open("rb") as opened:
                found: dict[str, Any] = tomllib.load(opened)
            named = {name: given for name, given in found.items() if isinstance(given, dict)}
            prices = {name: _price(given) for name, given in named.items()}
            return cls(date=found["date"], region=found["region"], by_name=prices)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}. {_COPY}") from error
        except KeyError as error:
            raise CommandError(f"{file} is not a price table: {error} is missing. {_COPY}") from error
        except (ValueError, TypeError) as error:
            raise CommandError(f"{file} is not a price table: {error}. {_COPY}") from error

    def __getitem__(self, name: str) -> Price:
        """The price of this name. Raises CommandError if the table has none."""
        if name not in self.by_name:
            raise CommandError(f"the price table has no {name}. {_COPY}")
        return self.by_name[name]


def _price(given: Mapping[str, Any]) -> Price:
    tiers = [(float(limit), float(price)) for limit, price in given["tiers"]]
    limits = [limit for limit, _ in tiers]
    if not limits or sorted(set(limits)) != limits or limits[-1] != float("inf"):
        raise ValueError(f"tiers must grow, and the last must be inf: {given['tiers']}")
    if any(price < 0 for _, price in tiers):
        raise ValueError(f"a price is negative: {given['tiers']}")
    return Price(**{**given, "tiers": tiers})


def _number(count: float) -> str:
    return f"{count:,.0f}" if count >= 1000 or count == int(count) else f"{count:,.3f}"


def _amount(price: float) -> str:
    return f"{price:.2f}" if price >= 0.01 and round(price, 2) == price else f"{price:.10f}".rstrip("0")
