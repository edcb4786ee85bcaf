"""The console blocks of a page: each command as it is written, and the output that the page shows."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r" *\d+\.\d s\b")
ELLIPSIS = "…"


@dataclass(frozen=True)
class Command:
    """A command, its continuation lines joined, and what the page shows below it."""

    line: str
    shown: str

    def is_shown_by(self, output: str) -> bool:
        """Whether the output is what the page shows, where `…` stands for any text or any lines.

        Seconds, and the blanks that align them, differ from run to run and count as equal.
        """
        lines = [line.rstrip() for line in _SECONDS.sub(" 0.0 s", output).splitlines()]
        return re.fullmatch(self._pattern, "\n".join([*lines, ""])) is not None

    @property
    def _pattern(self) -> str:
        parts = []
        for line in _SECONDS.sub(" 0.0 s", self.shown).splitlines():
            text = ".*".join(re.escape(part) for part in line.split(ELLIPSIS))
            parts.append(r"(?:.*\n)*?" if line == ELLIPSIS else rf"{text}\n")
        return "".join(parts)


def commands(page: Path) -> list[Command]:
    """Every command of a page's console blocks, in order."""
    found: list[Command] = []
    for block in _BLOCK.findall(page.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = part.replace("\\\n", " ").partition("\n")
            found.append(Command(re.sub(r"\s{2,}", " ", line), shown))
    return found
