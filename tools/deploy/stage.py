"""A stage: a SAM configuration file that names a stack, its region and its settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from tools.errors import CommandError
from tools.places import ROOT
from tools.systems.registry import parts
from tools.template.decided import Conditions
from tools.template.reader import Template

STAGES = ROOT / "stages"

STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
MAX_STACK_NAME = 60
_PLACEHOLDER = re.compile(r"<.*>")


@dataclass(frozen=True)
class Stage:
    """One stage's file. `given`: template parameters as text; others have their defaults."""

    file: Path
    stack: str
    region: str
    given: Mapping[str, str]

    @classmethod
    def read(cls, named: str) -> Self:
        """`staging` means `stages/staging.toml`; a name ending in `.toml` is a path. Raises CommandError."""
        file = Path(named) if named.endswith(".toml") else STAGES / f"{named}.toml"
        try:
            read = tomllib.loads(file.read_text())
        except FileNotFoundError:
            known = ", ".join(sorted(each.stem for each in STAGES.glob("*.toml")))
            missing = f"There is no stage {named}:" if named else "No stage given:"
            raise CommandError(
                f"{missing} set STAGE= to one of {known}, or to the path of a .toml file"
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        settings = read.get("default", {}).get("deploy", {}).get("parameters", {})
        for name in ("stack_name", "region"):
            if not settings.get(name):
                raise CommandError(f"{file}: set {name} under [default.deploy.parameters]")
        given = settings.get("parameter_overrides", {})
        if not isinstance(given, dict):
            raise CommandError(
                f"{file}: write the settings as a table, [default.deploy.parameters.parameter_overrides]"
            )
        return cls(
            file=file,
            stack=str(settings["stack_name"]),
            region=str(settings["region"]),
            given={name: _text(value) for name, value in given.items()},
        )

    @property
    def shown(self) -> str:
        """Its file, relative to the root of the checkout."""
        return str(self.file.relative_to(ROOT)) if self.file.is_relative_to(ROOT) else str(self.file)

    def parameters(self, template: Template) -> dict[str, str]:
        """Every parameter of the template. Placeholders of a system that is off have no effect."""
        defaults = {name: str(rule["Default"]) for name, rule in template.parameters.items()}
        given = {
            name: value
            for name, value in self.given.items()
            if not (_PLACEHOLDER.fullmatch(value) and self._is_off(name, template))
        }
        return defaults | given

    def complaints(self, template: Template) -> Iterator[str]:
        """What keeps the stage from being deployed, one sentence each, before CloudFormation finds out."""
        if not STACK_NAME.fullmatch(self.stack) or len(self.stack) > MAX_STACK_NAME:
            yield (
                f"stack_name {self.stack} must be at most {MAX_STACK_NAME} letters, digits and hyphens, "
                "beginning with a letter: it is part of every function's environment"
            )
        for name in self.given.keys() - template.parameters.keys():
            yield f"{name} is not a parameter of template.yaml"
        values = {
            name: value for name, value in self.parameters(template).items() if name in template.parameters
        }
        bad = False
        for name, value in values.items():
            if _PLACEHOLDER.fullmatch(value):
                bad = True
                switch = self._switch(name, template)
                yield f"set {name}, which is still {value}" + (f", or set {switch} to off" if switch else "")
            elif (refusal := template.refusal(name, value)) is not None:
                bad = True
                yield f"{name} = {value!r} {refusal}"
        if not bad:
            yield from _broken_rules(template, values)
        for rules in _own_rules():
            yield from rules.problems(self.stack, values, Conditions(template.data, values).hold)

    def _switch(self, parameter: str, template: Template) -> str | None:
        """The system's switch that a parameter belongs to: `Acme` of `AcmeAppId`."""
        switches = [template.settings[system.upper()] for system in template.queues]
        return max((name for name in switches if parameter.startswith(name)), key=len, default=None)

    def _is_off(self, parameter: str, template: Template) -> bool:
        switch = self._switch(parameter, template)
        return switch is not None and self.given.get(switch) == "off"


class OwnRules(Protocol):
    """A system's module `stage`: what its resources require of a stage that no template rule can express."""

    def problems(self, stack: str, values: Mapping[str, str], holds: Callable[[str], bool]) -> Iterator[str]:
        """What is wrong, one line each. `holds` evaluates a condition of the template by its name."""


def _own_rules() -> Iterable[OwnRules]:
    return parts("stage").values()


def _text(value: Any) -> str:
    """A value as SAM passes it on: a list joined with commas."""
    return ",".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _broken_rules(template: Template, values: Mapping[str, str]) -> Iterator[str]:
    """The template's own Rules that these values break."""
    conditions = Conditions(template.data, values)
    for rule in template.data["Rules"].values():
        if conditions.decide(rule["RuleCondition"]):
            for assertion in rule["Assertions"]:
                if not conditions.decide(assertion["Assert"]):
                    yield str(assertion["AssertDescription"]).rstrip(".")
