"""A stage's file as text whose values are changed in place, so that its comments and other lines stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_SETTING = re.compile(r"^([A-Za-z_]+) = (.*)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"<.*>")
_PLAIN = re.compile(r"\d+(\.\d+)?")
"""What stays a number, where the file has one."""


@dataclass(frozen=True)
class StageText:
    """The text of `stages/<stage>.toml`."""

    text: str

    @property
    def names(self) -> list[str]:
        """The names of all values, in their order."""
        return [found[1] for found in _SETTING.finditer(self.text)]

    def value(self, name: str) -> str:
        """A value as text, empty if the file has none of that name."""
        found = self._line(name)
        return str(tomllib.loads(found[0])[name]) if found else ""

    def is_open(self, name: str) -> bool:
        """Whether a value is still a placeholder: `<your app id>`."""
        return _PLACEHOLDER.fullmatch(self.value(name)) is not None

    def comment(self, name: str) -> str:
        """The comment above a value, or above several that share it, as one line."""
        lines: list[str] = []
        for line in reversed(self.text[: self._at(name)].splitlines()):
            if line.startswith("# "):
                lines.insert(0, line.removeprefix("# "))
            elif lines or not line:
                break
        return " ".join(lines)

    def group(self, name: str, others: Iterable[str]) -> list[str]:
        """The values that follow a switch, up to the next of the `others` or the next section."""
        names = self.names
        if name not in names:
            return []
        following = []
        for each in names[names.index(name) + 1 :]:
            between = self.text[self._at(name) : self._at(each)]
            if each in others or "# ──" in between:
                break
            following.append(each)
        return following

    def with_value(self, name: str, value: str) -> Self:
        """The text with another value; it is added at the end if the file has none of that name."""
        found = self._line(name)
        if found is None:
            return type(self)(f"{self.text.rstrip()}\n{name} = {json.dumps(value, ensure_ascii=False)}\n")
        plain = _PLAIN.fullmatch(found[2]) and _PLAIN.fullmatch(value)
        written = value if plain else json.dumps(value, ensure_ascii=False)
        return type(self)(f"{self.text[: found.start(2)]}{written}{self.text[found.end(2) :]}")

    def named(self, stage: str, model: str) -> Self:
        """The text of another stage, made from that of the stage `model`."""
        first, rest = self.text.split("\n", 1)
        renamed = first.replace(f"The {model} stage", f"The {stage} stage").replace(
            f"STAGE={model}", f"STAGE={stage}"
        )
        return type(self)(f"{renamed}\n{rest}").with_value("stack_name", f"trackgate-{stage}")

    def _line(self, name: str) -> re.Match[str] | None:
        return next((found for found in _SETTING.finditer(self.text) if found[1] == name), None)

    def _at(self, name: str) -> int:
        found = self._line(name)
        return found.start() if found else len(self.text)
