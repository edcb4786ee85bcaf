"""What Tab offers for an option's value: what is known without a network, since nobody waits for a Tab."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from typer.models import ParameterInfo

from tools.deploy.named import stages
from tools.local.deploy import STACK
from tools.places import DEFAULT_STATE, Places
from tools.programs.environment import given
from tools.systems.registry import names

_TAIL = 65_536
"""Bytes at the end of the log that are read for event ids."""
_MOST = 20


def systems() -> list[str]:
    """The systems of this checkout; the stack may have fewer."""
    return names()


def stacks() -> list[str]:
    """Those that a file in stages/ names, and the local run's."""
    return sorted({STACK, *(stage.stack for stage in stages())})


def regions() -> list[str]:
    """Those that a file in stages/ names."""
    return sorted({stage.region for stage in stages()})


def stage_names() -> list[str]:
    """The files in stages/."""
    return [stage.file.stem for stage in stages()]


def events() -> list[str]:
    """The last events of the local run in the folder STATE, the newest first."""
    log = Places(Path(given(os.environ, "STATE", str(DEFAULT_STATE)))).function_lines
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            lines = file.read().splitlines()
    except OSError:
        return []
    found: dict[str, None] = {}
    for line in reversed(lines):
        with suppress(ValueError, LookupError, TypeError):
            found[str(json.loads(line)["event_id"])] = None
    return list(found)[:_MOST]


OFFERS: dict[str, Callable[[], Iterable[str]]] = {
    "system": systems,
    "stack": stacks,
    "region": regions,
    "stage": stage_names,
    "event_id": events,
}
"""By the name of a command's parameter."""


def offered(parameters: Iterable[inspect.Parameter]) -> None:
    """Let Tab offer values for those of a command's parameters that have some."""
    for parameter in parameters:
        offer = OFFERS.get(parameter.name)
        for info in get_args(parameter.annotation):
            if offer is not None and isinstance(info, ParameterInfo) and info.autocompletion is None:
                info.autocompletion = offering(offer)


def offering(offer: Callable[[], Iterable[str]]) -> Callable[..., Any]:
    """For an option's `autocompletion`: the values that begin as the word that is being typed."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in offer() if value.startswith(incomplete)]

    return complete
