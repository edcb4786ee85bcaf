"""How API Gateway chooses a route; the recorded answers say whether this is how."""

from __future__ import annotations

from collections.abc import Iterable


def routed(method: str, path: str, routes: Iterable[tuple[str, str]]) -> str | None:
    """The path of the route for a request, None for none; `routes` are methods and path templates.

    At each place a word wins over a variable and a variable over a greedy one; a route that lacks the method
    does not take part, so that the greedy one beside it may.
    """
    asked = path.strip("/").split("/")
    ranks = {
        template: rank
        for known, template in routes
        if known in ("ANY", method) and (rank := _rank(template.strip("/").split("/"), asked)) is not None
    }
    return min(ranks, key=lambda template: ranks[template], default=None)


def _rank(template: list[str], asked: list[str]) -> tuple[int, ...] | None:
    rank: list[int] = []
    for place, part in enumerate(template):
        if part.endswith("+}"):
            return (*rank, 2) if asked[place:] and asked != [""] else None
        if place >= len(asked) or (part != asked[place] and not (part.startswith("{") and asked[place])):
            return None
        rank.append(int(part.startswith("{")))
    return tuple(rank) if len(template) == len(asked) else None
