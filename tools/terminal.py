"""A terminal that shows what apps and vendors sent as text, and obeys none of it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

_OBEYED = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - set(b"\t\n")
"""Control characters, and what turns the direction of a line."""

_UNWRITABLE = range(0xD800, 0xE000)
"""Halves of surrogate pairs: no encoding of a terminal has them."""

_HARMLESS = dict.fromkeys({*_OBEYED, *_UNWRITABLE}, "\N{REPLACEMENT CHARACTER}")


def harmless(text: str) -> str:
    """The text with a replacement for each character that a terminal may obey, or cannot be sent."""
    return text.translate(_HARMLESS)


class Terminal(Console):
    """Prints no control character but line ends, tabs and Rich's own codes."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See Console."""
        if isinstance(renderable, Text):
            # Before its lines are laid out: a control character has no width, and what replaces it has.
            renderable = renderable.copy()
            renderable.plain = harmless(renderable.plain)
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))
