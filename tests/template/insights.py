"""Logs Insights in a few lines: reads the part of its language that the saved queries use, and runs it.

What is not in its documentation is an error here:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html (read 2026-11-22). CloudWatch
itself has never been asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COMMANDS = ("filter", "fields", "display", "stats", "sort", "limit")
FUNCTIONS = {"ispresent": 1, "coalesce": 2}
AGGREGATES = {"count", "latest", "min", "max"}

_TOKEN = re.compile(
    r"""\s*(?: (?P<text>"[^"]*") | (?P<pattern>/[^/]+/) | (?P<period>\d+[smhd]\b) | (?P<number>\d+(?:\.\d+)?)
    | (?P<name>[@A-Za-z_][\w.@]*) | (?P<sign>!=|>=|<=|[=<>(),*\[\]|]) )""",
    re.VERBOSE,
)

type Row = Mapping[str, Any]
type Value = Callable[[Row], Any]


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The fields that CloudWatch discovers in a line: `tries.0.status`."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from flat(member, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from flat(member, f"{name}.{place}")
    elif value is not None:
        yield name, value


@dataclass
class Query:
    """A query: the fields of log lines that it reads, and which lines it finds."""

    text: str
    reads: set[str] = field(default_factory=set)
    makes: dict[str, Value] = field(default_factory=dict)
    filters: list[Value] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read it. Raises SyntaxError."""
        lines = [line for line in self.text.splitlines() if not line.lstrip().startswith("#")]
        self._tokens = list(_tokens("\n".join(lines)))
        while True:
            command = self._taken(*COMMANDS)
            self.commands.append(command)
            getattr(self, f"_{command}")()
            if not self._tokens:
                return
            self._taken("|")

    def finds(self, line: Row) -> bool:
        """Whether a line passes all filters."""
        return all(wanted(line) for wanted in self.filters)

    def shown(self, line: Row) -> dict[str, Any]:
        """The fields that the query makes of a line."""
        return {name: value(line) for name, value in self.makes.items()}

    def _filter(self) -> None:
        self.filters.append(self._either())

    def _fields(self) -> None:
        for value in self._list(self._operand):
            if self._next("as"):
                self.makes[self._name()] = value

    def _display(self) -> None:
        self._list(self._operand)

    def _stats(self) -> None:
        made = self._list(self._aggregate)
        if self._next("by"):
            self._list(self._group)
        # What follows sees the groups only.
        self.makes |= dict.fromkeys(made, lambda line: None)

    def _sort(self) -> None:
        self._operand()
        self._taken("asc", "desc")

    def _limit(self) -> None:
        self._number()

    def _aggregate(self) -> str:
        function = self._name()
        if function not in AGGREGATES:
            raise SyntaxError(f"no aggregate: {function}")
        self._taken("(")
        if not self._next("*"):
            self._operand()
        self._taken(")")
        self._taken("as")
        return self._name()

    def _group(self) -> None:
        if self._next("bin"):
            self._taken("(")
            self._kind("period")
            self._taken(")")
        else:
            self._operand()

    def _either(self) -> Value:
        sides = [self._both()]
        while self._next("or"):
            sides.append(self._both())
        return lambda line: any(side(line) for side in sides)

    def _both(self) -> Value:
        sides = [self._comparison()]
        while self._next("and"):
            sides.append(self._comparison())
        return lambda line: all(side(line) for side in sides)

    def _comparison(self) -> Value:
        if self._next("("):
            inside = self._either()
            self._taken(")")
            return inside
        left = self._operand()
        if self._next("in"):
            self._taken("[")
            allowed = self._list(lambda: self._kind("text").strip('"'))
            self._taken("]")
            return lambda line: left(line) in allowed
        if self._next("like"):
            wanted = self._tokens.pop(0)[1]
            pattern = wanted[1:-1] if wanted[0] == "/" else re.escape(wanted.strip('"'))
            return lambda line: re.search(pattern, str(left(line) or "")) is not None
        for sign, holds in _SIGNS.items():
            if self._next(sign):
                right = self._operand()
                return lambda line: left(line) is not None and holds(left(line), right(line))
        return left

    def _operand(self) -> Value:
        kind, word = self._tokens.pop(0)
        if kind == "text":
            return lambda line: word.strip('"')
        if kind == "number":
            return lambda line: float(word)
        if kind != "name":
            raise SyntaxError(f"no operand: {word}")
        if self._next("("):
            given = self._list(self._operand)
            self._taken(")")
            if len(given) != FUNCTIONS.get(word):
                raise SyntaxError(f"no function of {len(given)} values: {word}")
            return lambda line: _FUNCTIONS[word]([value(line) for value in given])
        if word in self.makes:
            return self.makes[word]
        if "stats" in self.commands[:-1]:
            raise SyntaxError(f"stats leaves no field {word}")
        self.reads.add(word)
        return lambda line: line.get(word)

    def _list[Item](self, one: Callable[[], Item]) -> list[Item]:
        found = [one()]
        while self._next(","):
            found.append(one())
        return found

    def _next(self, word: str) -> bool:
        if self._tokens and self._tokens[0][1] == word:
            self._tokens.pop(0)
            return True
        return False

    def _taken(self, *words: str) -> str:
        found = self._tokens.pop(0)[1] if self._tokens else "the end"
        if found not in words:
            raise SyntaxError(f"{found} instead of {' or '.join(words)}")
        return found

    def _kind(self, wanted: str) -> str:
        kind, word = self._tokens.pop(0) if self._tokens else ("", "the end")
        if kind != wanted:
            raise SyntaxError(f"{word} is no {wanted}")
        return word

    def _name(self) -> str:
        return self._kind("name")

    def _number(self) -> str:
        return self._kind("number")


_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    ">=": lambda left, right: float(left) >= right,
}

_FUNCTIONS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "ispresent": lambda given: given[0] is not None,
    "coalesce": lambda given: next((value for value in given if value is not None), None),
}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise SyntaxError(f"not understood: {text[place:][:20]}")
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()
