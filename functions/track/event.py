"""What track's four kinds of events have in common."""

from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, model_validator

from gateway.inbound.validate import Parameters
from track.fields import TEXT
from track.row import Row


class Event(Parameters):
    """Base of the kinds. An unknown field is rejected, because dropping it silently would lose data.

    An empty or null field counts as absent and is stored as its default; only an empty string in a
    `never_empty` field is converted, which rejects it. So no string is ever too short: `min_length=1` tells
    readers of the API that a field is required.
    """

    model_config = ConfigDict(extra="forbid")
    never_empty: ClassVar[frozenset[str]] = frozenset()

    Language: Annotated[str, TEXT, Field(max_length=16)] = ""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        droppable = cls.model_fields.keys() - cls.never_empty
        return {
            name: value
            for name, value in values.items()
            if not (value is None and name in cls.model_fields) and not (value == "" and name in droppable)
        }

    @property
    def row(self) -> Row:
        """The event's row, in the table of its kind."""
        return Row(table=f"{type(self).__name__}Event", values=self.model_dump())
