"""Finds the stage that a stack belongs to, for who asks for the stack in vain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tools.deploy.stage import STAGES, Stage
from tools.errors import CommandError


def stages() -> Iterator[Stage]:
    """Every readable file in stages/."""
    for file in sorted(STAGES.glob("*.toml")):
        with suppress(CommandError):
            yield Stage.read(str(file))


def where_it_is(stack: str) -> str:
    """What to do about a stack that is not there."""
    found = list(stages())
    for stage in found:
        if stage.stack == stack:
            return (
                f"{stage.shown} names it in {stage.region}, so add --region {stage.region}, or deploy it "
                f"with `make deploy STAGE={stage.file.stem}`"
            )
    names = " or ".join(f"--stack {stage.stack} --region {stage.region}" for stage in found)
    return "set --stack and --region" + (f", such as {names}" if names else "")
