"""What track's Glue database asks of a stage's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping


def problems(stack: str, values: Mapping[str, str], holds: Callable[[str], bool]) -> Iterator[str]:
    """The database is called like the stack, unless it is given a name."""
    if holds("TrackStreams") and not values["TrackDatabaseName"] and stack != stack.lower():
        yield (
            f"stack_name {stack} has capitals, which a Glue database cannot have: "
            "set TrackDatabaseName, or choose a name without"
        )
