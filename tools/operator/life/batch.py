"""The items of a batch, each with how it stands, and in words those that stand alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.core.task import batch_id
from tools.operator.life import words
from tools.operator.life.items import named
from tools.operator.life.life import Item, Kind, Outcome, Step
from tools.operator.life.lines import BATCH, Line, ids, items, line_of, ordered
from tools.operator.life.standing import standing

_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.DEAD_LETTER,
    Outcome.WAITING,
    Outcome.QUEUED,
    Outcome.EXPIRED,
    Outcome.REDELIVERED,
    Outcome.DELIVERED,
    Outcome.DROPPED,
)
"""A batch stands as the worst of these. Rejected items are the app's to fix: they count if all are."""

_NAMED = 3
"""So many ids of items that need attention are named; JSON has all."""


def lines_of_items(own: Iterable[Line], lines: Iterable[Mapping[str, Any]]) -> dict[str, list[Line]]:
    """The lines of each item of a batch, by the items' ids; empty for what is no batch.

    `own` are the batch's own lines, `lines` all that may be about it or its items.
    """
    found = {
        id: [line] for batch in own if batch.message == BATCH for id, line in items(batch.fields).items()
    }
    for fields in lines if found else ():
        for id in found.keys() & ids(fields):
            if (line := line_of(fields)) is not None:
                found[id].append(line)
    return {id: ordered(each) for id, each in found.items()}


def items_named(batch: str, lines: Iterable[Mapping[str, Any]]) -> set[str]:
    """The items of a batch that lines name, if there is no line of its own: it may be older than the log."""
    return {id for fields in lines for id in ids(fields) if batch_id(id) == batch}


def standing_items(lines: Mapping[str, Sequence[Line]]) -> tuple[Item, ...]:
    """How each item stands by its lines."""
    return tuple(_item(id, own) for id, own in lines.items())


def _item(id: str, own: Sequence[Line]) -> Item:
    outcome, why = standing(own)
    index = next((int(line.number("index")) for line in own if "index" in line.fields), 0)
    return Item(index=index, id=id, outcome=outcome, why=why, at=own[-1].at)


def worst(items: Iterable[Item]) -> Outcome:
    """How a batch with these items stands."""
    found = {item.outcome for item in items}
    return next((outcome for outcome in _WORST_FIRST if outcome in found), Outcome.REJECTED)


def alike(items: Iterable[Item]) -> Iterator[Step]:
    """A step for the items that stand alike, when the last of them came to."""
    groups: dict[tuple[Outcome, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.outcome, item.why].append(item)
    for (outcome, why), group in groups.items():
        text = f"{named([item.index for item in group])}: {outcome.value}"
        text += f": {words.reason(why)}" if why else ""
        at = max(item.at for item in group)
        yield Step(at=at, kind=Kind.ITEMS, text=text + _ids(outcome, group), outcome=outcome.value)


def _ids(outcome: Outcome, group: Sequence[Item]) -> str:
    if words.color(outcome) == "" or outcome is Outcome.REJECTED:
        return ""
    named = ", ".join(item.id for item in group[:_NAMED])
    return f" ({named}, …)" if len(group) > _NAMED else f" ({named})"
