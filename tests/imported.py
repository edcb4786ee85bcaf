"""Endpoints as functions with other settings import them: a system reads its settings when it is imported."""

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from unittest.mock import patch

from gateway.endpoint import Endpoint
from gateway.outbound.http_upstream import HttpUpstream
from tests.conftest import environment


def imported(module: str, settings: Mapping[str, str]) -> Endpoint[Any, Any]:
    """An endpoint's handler (`<system>.<endpoint>`), the same for the same settings, and for no others."""
    return _imported(module, tuple(settings.items()))


@cache
def _imported(module: str, settings: tuple[tuple[str, str], ...]) -> Endpoint[Any, Any]:
    system = module.partition(".")[0]

    def own() -> dict[str, Any]:
        return {name: found for name, found in sys.modules.items() if name.partition(".")[0] == system}

    before = own()
    for name in before:
        del sys.modules[name]
    try:
        with patch.dict(os.environ, {**environment(system), **dict(settings)}):
            handler: Endpoint[Any, Any] = importlib.import_module(module).handler
    finally:
        for name in own():
            del sys.modules[name]
        sys.modules.update(before)
    return handler


def replaced(upstream: HttpUpstream, **deployed: Any) -> HttpUpstream:
    """An upstream with those of the values that it has, as after a deployment."""
    return replace(upstream, **{name: value for name, value in deployed.items() if hasattr(upstream, name)})
