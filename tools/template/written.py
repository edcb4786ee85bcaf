"""The text of template.yaml: placeholders filled in, and sections of one name put together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from textwrap import dedent, indent
from typing import Any

import yaml

ABOUT = "# Written by `make template` from stack/ and functions/*/stack.yaml: edit those instead.\n\n"

SECTIONS = {
    "AWSTemplateFormatVersion": "\n",
    "Transform": "\n",
    "Description": "\n",
    "Metadata": "\n",
    "Parameters": "\n\n",
    "Mappings": "\n",
    "Rules": "\n",
    "Conditions": "\n",
    "Globals": "\n",
    "Resources": "\n\n",
    "Outputs": "\n",
}
"""CloudFormation's, in their order, each with what stands between two parts of it."""

_SECTION = re.compile(r"([A-Za-z]\w*):(.*)")
_NAME = re.compile(r"^  (\w+):", re.MULTILINE)
_PER_SYSTEM = re.compile(r"^(.*\$\{(?:System|system|name)\}.*?)(,?)$", re.MULTILINE)

type Part = Mapping[str, str]
"""The text under each section's name."""


def sections(text: str) -> Part:
    """A part, from its text; comments that begin a line are not its own."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if named := _SECTION.match(line):
            found[named[1]] = lines = [named[2].strip()]
        elif not line.startswith("#") and found:
            lines.append(line)
    return {name: "\n".join(lines).strip("\n") for name, lines in found.items()}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with these placeholders filled in; all others are CloudFormation's."""
    for name, value in values.items():
        lines = partial(_indented, dedent(value))
        text = re.sub(rf"^( *)\$\{{{name}\}}\n", lines, text, flags=re.MULTILINE)
        text = text.replace(f"${{{name}}}", value)
    return text


def _indented(lines: str, place: re.Match[str]) -> str:
    return indent(f"{lines}\n", place[1]) if lines else ""


def part(file: Path, values: Mapping[str, str] = {}) -> Part:
    """A part, from its file, with its placeholders filled in."""
    text = file.read_text()
    own = _names(sections(text).get("Parameters", ""))
    return sections(filled(text, {"parameters": own, **values}))


def _names(parameters: str) -> str:
    return ", ".join(_NAME.findall(parameters))


@dataclass(frozen=True)
class System:
    """A folder with a stack.yaml. `own` is what that says, and the defaults for what it does not say."""

    folder: Path
    stack: Path
    own: Part

    @property
    def values(self) -> dict[str, str]:
        """Its placeholders."""
        keys = {name: text for name, text in self.own.items() if name not in SECTIONS}
        return keys | {"System": keys["id"], "system": self.folder.name}

    def parts(self) -> Iterator[Part]:
        """All that is written for it."""
        optional = [self.stack / "optional" / f"{key}.yaml" for key in self.own]
        files = [*filter(Path.exists, optional), *sorted((self.stack / "system").glob("*.yaml"))]
        every = [*(part(file, self.values) for file in files), self.own]
        parameters = _names(together("Parameters", every))
        yield part(self.stack / "heading.yaml", self.values | {"parameters": parameters})
        functions = [*self._functions(every)]
        yield from functions
        last = {**self.values, "charted": together("charted", functions)}
        yield from ({name: filled(text, last) for name, text in found.items()} for found in every)
        for name, source in (yaml.safe_load(self.own["repeat"]) or {}).items():
            yield from (part(self.folder / name, entry) for entry in resolve_name(source)())

    def _functions(self, every: Sequence[Part]) -> Iterator[Part]:
        for name, given in yaml.safe_load(self.own["endpoints"]).items():
            further = {"Endpoint": "".join(map(str.capitalize, name.split("_"))), "endpoint": name}
            further["routes"] = "\n".join(_routes(self.folder.name, name, given))
            yield self._function("endpoint", every, given["rights"], further)
        yield self._function("worker", every, yaml.safe_load(self.own["worker"])["rights"], {})

    def _function(
        self, kind: str, every: Sequence[Part], rights: Sequence[str], further: dict[str, str]
    ) -> Part:
        statements = sections(dedent(together("rights", every)))
        allowed = "\n".join(dedent(statements[right]) for right in rights)
        gathered = {"environment": together("environment", every), "rights": allowed}
        return part(self.stack / "function" / f"{kind}.yaml", self.values | gathered | further)


def _routes(system: str, endpoint: str, given: Mapping[str, Any]) -> Iterator[str]:
    paths = {f"Route{number if number > 1 else ''}": path for number, path in enumerate(given["routes"], 1)}
    if "queue" in given["rights"] and given.get("door", True):
        paths["Batch"] = f"/batch/{system}/{endpoint.replace('_', '-')}"
    for name, path in paths.items():
        yield f'{name}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Method: ANY, Path: "{path}"}}}}'


def together(section: str, parts: Sequence[Part]) -> str:
    """What all parts say in one section."""
    return SECTIONS.get(section, "\n").join(found[section] for found in parts if found.get(section))


def written(root: Path) -> str:
    """The template of the project in this folder."""
    stack = root / "stack"
    defaults = sections((stack / "defaults.yaml").read_text())
    systems = [
        System(file.parent, stack, {**defaults, **sections(file.read_text())})
        for file in sorted((root / "functions").glob("*/stack.yaml"))
    ]
    own = [found for system in systems for found in system.parts()]
    shared = {**defaults, "charts": together("charts", own)}
    common = [part(file, shared) for file in sorted((stack / "common").glob("*.yaml"))]
    parts = [part(stack / "opening.yaml"), *own, *common]
    text = ABOUT
    for name in SECTIONS:
        said = together(name, parts)
        text += f"\n{name}:\n{said}\n" if said.startswith(" ") else f"{name}: {said}\n"
    return _for_systems(text, systems)


def _for_systems(text: str, systems: Sequence[System]) -> str:
    """Each line that still names a system, once per system; a comma at its end stands between them."""

    def repeated(found: re.Match[str]) -> str:
        return f"{found[2]}\n".join(filled(found[1], system.values) for system in systems)

    return _PER_SYSTEM.sub(repeated, text)
