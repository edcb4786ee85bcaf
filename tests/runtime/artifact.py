"""What `sam build` made: functions and layers, as a deployment would take them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture.house import TEMPLATE, Function
from tests.runtime.secrets_manager import secret_id
from tools.local.build import build
from tools.programs import installed
from tools.template.reader import Template

LAYER = "AWS::Serverless::LayerVersion"


@dataclass(frozen=True)
class Artifact:
    """A copy of a build, which nobody else builds over."""

    folder: Path
    template: Template

    @classmethod
    def of_a_build(cls, folder: Path, logs: Path) -> Artifact:
        """Build for this machine's processor and copy into `folder`."""
        installed.install_missing(logs)
        with build(logs / "build.log") as template:
            shutil.copytree(template.parent, folder, copy_function=_linked)
        return cls(folder, Template.read(folder / template.name))

    def task(self, function: Function) -> Path:
        """What Lambda unpacks to /var/task."""
        return self.folder / str(self.template.functions[function.logical_id]["CodeUri"])

    def layer(self, logical_id: str) -> Path:
        """What Lambda unpacks to /opt, of one layer."""
        return self.folder / str(self.template.data["Resources"][logical_id]["Properties"]["ContentUri"])

    @property
    def layers(self) -> list[str]:
        """The logical ids of all layers."""
        return [name for name, found in self.template.data["Resources"].items() if found["Type"] == LAYER]

    def layers_of(self, function: Function) -> list[Path]:
        """A function's layers, those of Globals first."""
        listed = [
            *self.template.data["Globals"]["Function"]["Layers"],
            *function.properties.get("Layers", []),
        ]
        return [self.layer(name) for name in dict.fromkeys(one["Ref"] for one in listed)]

    def with_layer_changed(self, folder: Path, *, without: str, instead: str | None = None) -> Artifact:
        """A copy whose layers' files that match `without` are gone, or say `instead`."""
        shutil.copytree(self.folder, folder, copy_function=_linked)
        changed = Artifact(folder, self.template)
        for layer in changed.layers:
            for file in list(changed.layer(layer).rglob(without)):
                file.unlink()  # a link: the original stays
                if instead is not None:
                    file.write_text(instead)
        return changed


def environment(function: Function, given: Mapping[str, str]) -> dict[str, str]:
    """A function's variables as the template sets them, with its defaults, but for the settings that are
    `given` by their names in a local run."""
    parameters = {name: str(rule["Default"]) for name, rule in TEMPLATE.parameters.items()}
    parameters |= {TEMPLATE.settings[name]: value for name, value in given.items()}
    variables: dict[str, Any] = {
        **TEMPLATE.data["Globals"]["Function"]["Environment"]["Variables"],
        **function.properties.get("Environment", {}).get("Variables", {}),
    }
    return {name: _value(name, value, function, parameters) for name, value in variables.items()}


def _value(name: str, value: Any, function: Function, parameters: Mapping[str, str]) -> str:
    if name == "SECRET":
        return secret_id(function.system or "")
    if name in ("QUEUE", "RECORDS", "DEAD_LETTERS"):
        # Nothing stands in for these here: without them a function only sends.
        return ""
    if not isinstance(value, dict):
        return str(value)
    ((intrinsic, of),) = value.items()
    if intrinsic == "Ref" and of in parameters:
        return parameters[of]
    if intrinsic == "Fn::FindInMap":
        return str(TEMPLATE.data["Mappings"][of[0]][of[1]][of[2]])
    if intrinsic == "Fn::If":
        return _value(name, of[1], function, parameters)
    return f"runtime-{of}"


def _linked(source: str, target: str) -> str:
    """A hard link where the file system allows it: a build is thousands of files."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target
