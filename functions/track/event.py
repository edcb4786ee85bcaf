"""What the four kinds of track's events have in common."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from gateway.call import Row
from gateway.validate import Parameters
from track.fields import TEXT


class Event(Parameters):
    """Base of the kinds. A name that a kind does not have is refused: to drop it silently would lose data.

    A field that is empty or null counts as absent; an absent one is stored as its default. So no text is
    ever too short: `min_length=1` says to readers of the interface that a field is required.
    """

    model_config = ConfigDict(extra="forbid")

    Language: Annotated[str, TEXT, Field(max_length=16)] = ""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != "" or name not in cls.model_fields}

    @property
    def row(self) -> Row:
        """The row that the event becomes, in the table of its kind."""
        return Row(table=f"{type(self).__name__}Event", values=self.model_dump())
