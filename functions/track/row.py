"""What track's tasks carry: one row of one table."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from gateway.core.data import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. Values are text, integers and booleans; an amount is text with exactly four decimal places.

    `EventID` is the database's; `Created` and `GatewayEventID` come from the task that carries the row.
    """

    table: str
    values: Mapping[str, str | int | bool]

    @property
    def account(self) -> str:
        """The event store has no accounts."""
        return ""

    def data(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {"table": self.table, "values": dict(self.values)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The row that `data` wrote. Anything else gets no table, so that the store refuses it."""
        values = data.get("values")
        is_row = data.keys() == {"table", "values"} and isinstance(values, dict)
        return cls(
            table=str(data["table"]) if is_row else "", values=values if isinstance(values, dict) else {}
        )

    def spare(self, concerns: Callable[[Any], bool]) -> Self | None:
        """A row is about one person or none."""
        return None if concerns(self.data()) else self
