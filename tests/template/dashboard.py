"""The dashboard as CloudWatch receives it: the body with everything filled in, and its lines in full."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.template.decided import decided
from tools.template.translated import translated

REGION = "eu-central-1"
PSEUDO = {"AWS::Region": REGION, "AWS::StackName": "staging"}

_PLACE = re.compile(r"\$\{([^}!]+)\}")


@dataclass(frozen=True)
class Line:
    """One line of a chart: a metric, its dimensions as written, and its options."""

    chart: str
    namespace: str
    metric: str
    dimensions: tuple[str, ...]
    stat: str


def body(values: Mapping[str, str]) -> str:
    """The body's text for these parameters; a resource's name is `<its logical id>`.

    Raises KeyError if it names a resource that is not created.
    """
    template = decided(translated(), values)
    return _text(template["Resources"]["Dashboard"]["Properties"]["DashboardBody"], template["Resources"])


def _text(value: Any, resources: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        return value
    ((function, given),) = value.items()
    if function == "Fn::Join":
        delimiter, parts = given
        return str(delimiter).join(_text(part, resources) for part in parts)
    assert function == "Fn::Sub", function

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if name in PSEUDO:
            return PSEUDO[name]
        assert resources[name.partition(".")[0]], name
        return f"<{name.partition('.')[0]}>"

    return _PLACE.sub(filled, given)


def widgets(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The dashboard's charts."""
    found: list[dict[str, Any]] = json.loads(body(values))["widgets"]
    return found


def lines(values: Mapping[str, str]) -> Iterator[Line]:
    """Every line of every chart, with CloudWatch's shorthand written out."""
    for widget in widgets(values):
        above: list[str] = []
        for given in widget["properties"]["metrics"]:
            options = given[-1] if isinstance(given[-1], dict) else {}
            words = [word for word in given if isinstance(word, str)]
            if words[:1] == ["..."]:
                words = above[: len(above) - len(words) + 1] + words[1:]
            above = [above[place] if word == "." else word for place, word in enumerate(words)]
            stat = options.get("stat", widget["properties"].get("stat", ""))
            yield Line(widget["properties"]["title"], above[0], above[1], tuple(above[2:]), stat)
