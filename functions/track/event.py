"""What the four kinds of track's events have in common."""

from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, model_validator

from gateway.inbound.validate import Parameters
from track.fields import TEXT
from track.row import Row


class Event(Parameters):
    """Base of the kinds. A name that a kind does not have is refused: to drop it silently would lose data.

    A field that is empty or null counts as absent, except that an empty text in `never_empty` is converted,
    and refused; an absent one is stored as its default. So no text is ever too short: `min_length=1` says to
    readers of the interface that a field is required.
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
        """The row that the event becomes, in the table of its kind."""
        return Row(table=f"{type(self).__name__}Event", values=self.model_dump())
