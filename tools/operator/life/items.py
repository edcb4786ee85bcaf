"""The items of a batch, by its log line: their ids count up from its own, and it says how each call ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SHARED = 24
"""So many characters of its id a batch has in common with its items."""

_MOST = 1022
"""Two characters count to no more."""

_MOST_SPANS = 10
"""So many stretches of indexes fit a line."""

_SPAN = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


def ends(fields: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """What a batch's line says of its items: by index, how each was delivered, and its error or nothing.

    `{"places": {"queued": "0-1", "rejected: invalid": "2"}}` → `{0: ("queued", ""), …}`, in their order.
    """
    places = fields.get("places")
    found: dict[int, tuple[str, str]] = {}
    for ended, spans in places.items() if isinstance(places, dict) else ():
        delivery, _, error = ended.partition(": ")
        found |= dict.fromkeys(_indexes(str(spans)), (delivery, error))
    return dict(sorted(found.items()))


def named(indexes: list[int]) -> str:
    """Items by their indexes, which are in their order: `Items 0 to 2, 4, 5`, `71 items: 0, 2, 4 to 6, …`."""
    spans = _spans(indexes)
    if len(spans) > _MOST_SPANS:
        return f"{len(indexes)} items: {', '.join(spans[:_MOST_SPANS])}, …"
    return f"{'Item' if len(indexes) == 1 else 'Items'} {', '.join(spans)}"


def _spans(indexes: list[int]) -> list[str]:
    found: list[list[int]] = []
    for index in indexes:
        if found and found[-1][-1] == index - 1:
            found[-1].append(index)
        else:
            found.append([index])
    return [f"{span[0]} to {span[-1]}" if len(span) > 2 else ", ".join(map(str, span)) for span in found]


def _indexes(text: str) -> Iterator[int]:
    for first, last in _SPAN.findall(text):
        yield from range(int(first), min(int(last or first), _MOST) + 1)
