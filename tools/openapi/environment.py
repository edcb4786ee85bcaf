"""The settings that the document speaks of: the template's defaults. Functions read theirs when imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from unittest.mock import patch

from tools.systems.registry import profile
from tools.template.reader import Template

NEEDED = {
    # Nothing is stored, sent or fetched.
    "EVENT_STORE": "",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
"""What keeps a handler to itself."""


def set_up(template: Template) -> None:
    """Import every system as its functions do; what this process was given counts for nothing."""
    shared = _defaults(template, template.data["Globals"]["Function"]["Environment"]["Variables"])
    for system, variables in template.environments.items():
        own = {**_defaults(template, variables), **profile(system).local_settings}
        with patch.dict(os.environ, shared | own | NEEDED, clear=True):
            import_module(f"{system}.system")
    with patch.dict(os.environ, shared | NEEDED, clear=True):
        import_module("edge.unknown_path")


def _defaults(template: Template, variables: Mapping[str, Any]) -> dict[str, str]:
    values = {
        name: template.parameters.get(value["Ref"], {}) for name, value in variables.items() if "Ref" in value
    }
    return {name: str(parameter.get("Default", "")) for name, parameter in values.items()}
