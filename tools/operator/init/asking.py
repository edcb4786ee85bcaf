"""Questions with a default: asked on a terminal, answered by `--yes`, refused where nobody can answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import typer

from tools.errors import CommandError
from tools.operator.output import note

type Refusal = Callable[[str], str | None]
"""Why an answer will not do, or None."""


def on_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


@dataclass(frozen=True)
class Asking:
    """How questions are answered. `yes`: by their defaults."""

    yes: bool

    def text(self, question: str, default: str, refusal: Refusal = lambda answer: None) -> str:
        """An answer that is not refused; asked again until there is one. Raises CommandError."""
        if self.yes:
            if reason := refusal(default):
                raise CommandError(f"{question}: {default!r} {reason}")
            return default
        while True:
            self._need_a_terminal(question)
            answer = str(typer.prompt(question, default=default or None, err=True)).strip()
            reason = refusal(answer)
            if reason is None:
                return answer
            note(f"{answer!r} {reason}", "red")

    def agreed(self, question: str, *, default: bool = True) -> bool:
        """Yes or no. Raises CommandError."""
        if self.yes:
            return default
        self._need_a_terminal(question)
        return typer.confirm(question, default=default, err=True)

    def hidden(self, question: str, refusal: Refusal) -> str:
        """A secret that is not echoed; empty if it is skipped, which `--yes` does. Raises CommandError."""
        while not self.yes:
            self._need_a_terminal(question)
            answer = str(typer.prompt(question, default="", hide_input=True, show_default=False, err=True))
            if not answer.strip():
                break
            reason = refusal(answer)
            if reason is None:
                return answer
            note(reason, "red")
        return ""

    def _need_a_terminal(self, question: str) -> None:
        if not on_a_terminal():
            raise CommandError(
                f"There is no terminal to ask on ({question}): add --yes, and --set NAME=VALUE for what "
                "has no default"
            )
