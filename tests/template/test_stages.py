"""The committed stage files, and what is refused of one before anything is built."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.house import TEMPLATE
from tools.deploy.stage import STAGES, Stage
from tools.errors import CommandError

FILES = sorted(STAGES.glob("*.toml"))
GIVEN = {
    "<your app id at OneSignal>": "5eb5a37e",
    "<your app ids at push.express>": "20523-1212",
    "<ARN of an SNS topic>": "arn:aws:sns:eu-central-1:123456789012:alarms",
}


def filled(file: Path, to: Path, changed: Mapping[str, str]) -> Stage:
    """A committed file with its placeholders replaced, and with further text replaced."""
    text = file.read_text()
    for old, new in {**GIVEN, **changed}.items():
        text = text.replace(old, new)
    to.write_text(text)
    return Stage.read(str(to))


def complaints(stage: Stage) -> list[str]:
    return list(stage.complaints(TEMPLATE))


def test_those_that_the_pages_name_are_there() -> None:
    assert {"production", "staging"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_line_has_a_comment(file: Path) -> None:
    commented, uncommented = False, []
    for line in file.read_text().splitlines():
        if line.startswith("#"):
            commented = True
        elif not line or line.startswith("["):
            commented = commented and bool(line)
        elif not commented and line != "version = 0.1":
            uncommented.append(line)

    assert uncommented == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_as_committed_it_asks_for_what_nobody_else_can_know(file: Path) -> None:
    found = complaints(Stage.read(file.stem))

    assert found == [
        "set OneSignalAppId, which is still <your app id at OneSignal>, or set OneSignal to off",
        "set PushExpressAppIds, which is still <your app ids at push.express>, or set PushExpress to off",
        *(["set AlarmTopicArn, which is still <ARN of an SNS topic>"] if file.stem == "production" else []),
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_with_that_it_can_be_deployed(file: Path, tmp_path: Path) -> None:
    stage = filled(file, tmp_path / "stage.toml", {})

    assert complaints(stage) == []
    assert stage.stack == f"trackgate-{file.stem}"
    assert stage.parameters(TEMPLATE).keys() == TEMPLATE.parameters.keys()


def test_the_stages_differ_in_their_stacks() -> None:
    assert len({Stage.read(file.stem).stack for file in FILES}) == len(FILES)


def test_a_system_that_is_off_needs_no_app_id(tmp_path: Path) -> None:
    off = {'OneSignal = "on"': 'OneSignal = "off"', "5eb5a37e": "<your app id at OneSignal>"}
    stage = filled(FILES[0], tmp_path / "stage.toml", off)

    assert complaints(stage) == []
    assert stage.parameters(TEMPLATE)["OneSignalAppId"] == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ThrottleRate = 1000", 'ThrottleRate = "many"', "ThrottleRate = 'many' is not a number"),
        (
            'LogLevel = "INFO"',
            'LogLevel = "LOUD"',
            "LogLevel = 'LOUD' is not one of DEBUG, INFO, WARN, ERROR",
        ),
        ('LogLevel = "INFO"', 'LogLvl = "INFO"', "LogLvl is not a parameter of template.yaml"),
        ('DomainName = ""', 'DomainName = "a.example.com"', "CertificateArn is needed with DomainName"),
        (
            "trackgate-production",
            "Shop",
            "stack_name Shop has capitals, which a Glue database cannot have: "
            "set TrackDatabaseName, or choose a name without",
        ),
        (
            "trackgate-production",
            "trackgate_production",
            "stack_name trackgate_production must be at most 60 letters, digits and hyphens, "
            "beginning with a letter: it is part of every function's environment",
        ),
    ],
)
def test_what_cloudformation_would_refuse_is_refused_at_once(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert complaints(filled(FILES[0], tmp_path / "stage.toml", {old: new})) == [said]


def test_capitals_are_fine_with_a_database_name(tmp_path: Path) -> None:
    changed = {"trackgate-production": "Shop", 'Track = "on"': 'Track = "on"\nTrackDatabaseName = "shop"'}

    assert complaints(filled(FILES[0], tmp_path / "stage.toml", changed)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "set stack_name under [default.deploy.parameters]"),
        ("[default.deploy.parameters]\nstack_name = 'a'", "set region under"),
        ("not = toml = at all", "cannot be read"),
        (
            "[default.deploy.parameters]\nstack_name = 'a'\nregion = 'r'\nparameter_overrides = 'A=1'",
            "write the settings as a table",
        ),
    ],
)
def test_a_file_that_says_too_little_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "stage.toml"
    file.write_text(text)

    with pytest.raises(CommandError, match=re.escape(said)):
        Stage.read(str(file))


def test_an_unknown_stage_names_those_that_are_there() -> None:
    with pytest.raises(
        CommandError, match="There is no stage nowhere: set STAGE= to one of production, staging"
    ):
        Stage.read("nowhere")
