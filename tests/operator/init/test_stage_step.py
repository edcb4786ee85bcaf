"""`bin/trackgate init` before the deployment: it asks for a stage's settings, and writes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.architecture.house import TEMPLATE
from tests.operator.init.conftest import VALUE, Run
from tools.deploy.stage import STAGES, Stage
from tools.errors import CommandError
from tools.operator.init.stage_text import StageText
from tools.operator.stack import Stack
from tools.systems.registry import names, profile, profiles

pytestmark = pytest.mark.usefixtures("not_deployed")

MODEL = StageText((STAGES / "staging.toml").read_text())
OPEN = [name for name in MODEL.names if MODEL.is_open(name)]
NEEDED = [word for name in OPEN for word in ("--set", f"{name}={VALUE}")]
FORMED, FORM = next(
    (f"{system.prefix}{name}", form) for system in profiles().values() for name, form in system.forms.items()
)
NEXT = "Now deploy it: make deploy STAGE=staging\nThen continue: bin/trackgate init staging\n"


def settings(file: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads(file.read_text())["default"]["deploy"]["parameters"]
    return found


def overrides(file: Path) -> dict[str, object]:
    found = settings(file)["parameter_overrides"]
    assert isinstance(found, dict)
    return found


def test_a_script_fills_in_the_committed_stage(run: Run, folder: Path) -> None:
    file = folder / "staging.toml"
    before = file.read_text()

    done = run("staging", "--yes", *NEEDED, "--region", "eu-west-1")

    assert done.output.endswith(NEXT)
    assert settings(file)["region"] == "eu-west-1"
    assert [overrides(file)[name] for name in OPEN] == [VALUE] * len(OPEN)
    assert list(Stage.read(str(file)).complaints(TEMPLATE)) == []
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert comments == [line for line in file.read_text().splitlines() if line.startswith("#")]


def test_without_credentials_the_file_is_written_and_the_next_command_said(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def signed_out(*_: object, **__: object) -> Stack:
        raise CommandError("No AWS credentials")

    monkeypatch.setattr(Stack, "open", classmethod(signed_out))

    done = run("demo", "--yes", *NEEDED, code=1)

    assert (folder / "demo.toml").exists()
    assert done.output.endswith("No AWS credentials. Then continue: bin/trackgate init demo\n")


def test_a_new_stage_is_another_stack(run: Run, folder: Path) -> None:
    run("demo", "--yes", *NEEDED)

    file = folder / "demo.toml"
    assert settings(file)["stack_name"] == "trackgate-demo"
    assert file.read_text().startswith("# The demo stage: `make deploy STAGE=demo`.")
    assert "<your" in (folder / "staging.toml").read_text(), "the model is as it was"


def test_systems_that_are_not_named_are_off_and_need_nothing(run: Run, folder: Path) -> None:
    last = names()[-1]

    run("staging", "--yes", "--system", last)

    found = overrides(folder / "staging.toml")
    assert {system: found[profile(system).prefix] for system in names()} == {
        system: "on" if system == last else "off" for system in names()
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("staging",), f"set {OPEN[0]}, which is still {MODEL.value(OPEN[0])}"),
        (("staging", *NEEDED, "--set", "Monitoring=some"), "--set Monitoring: 'some' is not one of all"),
        (("staging", *NEEDED, "--set", f"{FORMED}=abc"), f"--set {FORMED}: 'abc' is not {FORM.words}"),
        (("staging", "--set", "Colour=red"), "--set Colour: no such setting"),
        (("staging", "--set", "Monitoring"), "--set Monitoring: write NAME=VALUE"),
        (("staging", "--system", "nosuch"), "There is no system nosuch, only "),
        (("staging", "--region", "Frankfurt"), "--region Frankfurt is not a region"),
        (("My stage",), "'My stage' is not a stage name: use lower-case letters"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_what_cannot_be_deployed_is_not_written(
    run: Run, folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = (folder / "staging.toml").read_text()

    done = run(*arguments, "--yes", code=1)

    assert told in done.output
    assert (folder / "staging.toml").read_text() == before


@pytest.mark.usefixtures("folder")
def test_without_a_terminal_it_says_how_to_answer(run: Run) -> None:
    done = run("staging", code=1)

    assert "There is no terminal to ask on (AWS region): add --yes, and --set NAME=VALUE" in done.output


@pytest.mark.usefixtures("terminal")
def test_a_person_is_asked_for_what_the_systems_that_are_on_need(run: Run, folder: Path) -> None:
    first = names()[0]
    answers = ["staging", "eu west", "eu-west-1", "y", "perhaps", "report", *"n" * (len(names()) - 1), "y"]

    done = run(text="\n".join([*answers, ""]))

    file = folder / "staging.toml"
    assert "'eu west' is not a region" in done.output
    assert "'perhaps' is not one of" in done.output
    assert settings(file)["region"] == "eu-west-1"
    assert overrides(file)[f"{profile(first).prefix}ClientKeys"] == "report"
    assert [overrides(file)[profile(each).prefix] for each in names()] == [
        "on",
        *["off"] * (len(names()) - 1),
    ]


@pytest.mark.usefixtures("terminal")
def test_a_value_in_a_form_that_its_vendor_does_not_have_is_asked_for_again(run: Run, folder: Path) -> None:
    system = next(name for name in names() if FORMED.startswith(profile(name).prefix))
    answers = ["", "abc", VALUE, *[""] * 20]

    done = run("staging", "--system", system, text="\n".join(answers))

    assert f"'abc' is not {FORM.words}" in done.output
    assert overrides(folder / "staging.toml")[FORMED] == VALUE


def test_a_file_of_a_release_that_accepted_more_keeps_its_value(run: Run, filled: Path) -> None:
    filled.write_text(filled.read_text().replace(f'{FORMED} = "{VALUE}"', f'{FORMED} = "1"'))

    run("staging", "--yes", "--set", "LogRetentionDays=30")

    assert overrides(filled)[FORMED] == "1"
    assert list(Stage.read(str(filled)).complaints(TEMPLATE)) == []


@pytest.mark.usefixtures("terminal")
def test_a_file_that_is_there_is_only_changed_if_somebody_agrees(run: Run, filled: Path) -> None:
    before = filled.read_text()

    done = run("staging", "--set", "LogRetentionDays=30", "--system", names()[-1], text="\n\nn\n", code=1)

    assert "+LogRetentionDays = 30" in done.output
    assert "stages/staging.toml was not changed" in done.output
    assert filled.read_text() == before


def test_a_complete_stage_is_not_asked_about(run: Run, filled: Path) -> None:
    before = filled.read_text()

    assert run("staging").output.endswith(NEXT)

    assert filled.read_text() == before
