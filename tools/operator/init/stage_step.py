"""The first step of `bin/trackgate init`: the settings of a stage, asked and written."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.deploy import stage as stages
from tools.deploy.stage import Stage
from tools.errors import CommandError
from tools.operator.init.asking import Asking
from tools.operator.init.stage_text import StageText
from tools.operator.output import note
from tools.systems.registry import profiles
from tools.template.reader import Template

MODEL = "staging"
"""The committed stage that a new one is made from."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def stage_step(
    asking: Asking, name: str, *, systems: Sequence[str], given: Mapping[str, str], region: str | None
) -> Stage:
    """The stage, complete and written. It is only asked about if it is new or incomplete, or if `systems`,
    `given` settings or a `region` change it. Raises CommandError."""
    name = name or asking.text("Stage", MODEL, _bad_name)
    if reason := _bad_name(name):
        raise CommandError(f"{name!r} {reason}")
    template = Template.read()
    file = stages.STAGES / f"{name}.toml"
    there = _read(file) if file.exists() else None
    changed = bool(systems or given or region)
    if there is not None and not changed and not list(Stage.read(str(file)).complaints(template)):
        return Stage.read(str(file))
    model = _read(stages.STAGES / f"{MODEL}.toml")
    text = there or model.named(name, MODEL)
    text = _answered(asking, text, template, systems, given, region)
    stage = _checked(text, name, template)
    _write(asking, file, there, text)
    return Stage(file=file, stack=stage.stack, region=stage.region, given=stage.given)


def _read(file: Path) -> StageText:
    try:
        return StageText(file.read_text())
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror})") from error


def _bad_name(name: str) -> str | None:
    return (
        None if _NAME.fullmatch(name) else "is not a stage name: use lower-case letters, digits and hyphens"
    )


def _answered(
    asking: Asking,
    text: StageText,
    template: Template,
    systems: Sequence[str],
    given: Mapping[str, str],
    region: str | None,
) -> StageText:
    """The text with an answer to each question; what is `given` is not asked."""
    for name, value in given.items():
        if name not in template.parameters:
            raise CommandError(f"--set {name}: no such setting; docs/settings.md lists them")
        if reason := _refusal(template, name, value):
            raise CommandError(f"--set {name}: {value!r} {reason}")
        text = text.with_value(name, value)
    default = region or os.environ.get("AWS_REGION") or text.value("region")
    chosen = region or asking.text("AWS region", default, _bad_region)
    if reason := _bad_region(chosen):
        raise CommandError(f"--region {chosen} {reason}")
    text = text.with_value("region", chosen)
    switches = {system: found.prefix for system, found in profiles().items()}
    for system in systems:
        if system not in switches:
            raise CommandError(f"There is no system {system}, only {', '.join(switches)}")
    for system, switch in switches.items():
        on = (
            system in systems
            if systems
            else asking.agreed(f"Use {profiles()[system].title}?", default=text.value(switch) != "off")
        )
        text = text.with_value(switch, "on" if on else "off")
        own = [*text.group(switch, switches.values()), f"{switch}ClientKeys"] if on else []
        for name in own:
            text = _setting(asking, text, template, name, given)
    ours = [name for name in text.names if not name.startswith(tuple(switches.values()))]
    for name in (name for name in ours if text.is_open(name)):
        text = _setting(asking, text, template, name, given)
    return text


def _setting(
    asking: Asking, text: StageText, template: Template, name: str, given: Mapping[str, str]
) -> StageText:
    if name in given or name not in text.names or (asking.yes and text.is_open(name)):
        return text  # what stays open is complained of, with its name
    if not asking.yes:
        note(text.comment(name))
    default = "" if text.is_open(name) else text.value(name)

    def refusal(value: str) -> str | None:
        if value == default:  # what the file has may come from a release that accepted more
            return template.refusal(name, value)
        return _refusal(template, name, value)

    return text.with_value(name, asking.text(name, default, refusal))


def _refusal(template: Template, name: str, value: str) -> str | None:
    """Why a setting is not given this value, by its system or by the template."""
    for system in profiles().values():
        form = system.forms.get(name.removeprefix(system.prefix)) if name.startswith(system.prefix) else None
        if form is not None and not re.fullmatch(form.pattern, value):
            return f"is not {form.words}"
    return template.refusal(name, value)


def _bad_region(region: str) -> str | None:
    return None if _REGION.fullmatch(region) else "is not a region: use a code such as eu-central-1"


def _checked(text: StageText, name: str, template: Template) -> Stage:
    """The stage that the text makes, as `make deploy` would judge it. Raises CommandError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.toml"
        file.write_text(text.text)
        stage = Stage.read(str(file))
    if complaints := list(stage.complaints(template)):
        told = "\n".join(f"- {complaint}" for complaint in complaints)
        raise CommandError(f"stages/{name}.toml is not written, because it could not be deployed:\n{told}")
    return stage


def _write(asking: Asking, file: Path, there: StageText | None, text: StageText) -> None:
    if there is not None:
        before, after = there.text.splitlines(), text.text.splitlines()
        compared = difflib.unified_diff(before, after, n=0, lineterm="")
        lines = [line for line in compared if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        if not lines:
            return
        for line in lines:
            note(f"  {line}")
        if not asking.agreed(f"Change stages/{file.name}?"):
            raise CommandError(f"stages/{file.name} was not changed")
    file.write_text(text.text)
