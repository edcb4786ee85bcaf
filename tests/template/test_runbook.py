"""docs/runbook.md has an entry for every alarm of the template, and each alarm leads to its own."""

import re
from typing import Any

import pytest

from tests.architecture.house import ROOT, TEMPLATE

PAGE = (ROOT / "docs" / "runbook.md").read_text()
PARTS = ("Means", "Users notice", "Look", "Fix", "Over when")

ALARMS: dict[str, dict[str, Any]] = {
    name: found["Properties"]
    for name, found in TEMPLATE.data["Resources"].items()
    if found["Type"] == "AWS::CloudWatch::Alarm"
}


def kind(alarm: str) -> str:
    """An alarm's logical id without its system: `SetupAlarm` of `AcmeSetupAlarm`."""
    prefix = max((one for one in TEMPLATE.prefixes.values() if alarm.startswith(one)), key=len, default="")
    return alarm.removeprefix(prefix)


ENTRIES = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_alarm_has_an_entry_and_every_entry_an_alarm() -> None:
    assert ENTRIES.keys() == {kind(name) for name in ALARMS}


def test_the_table_lists_the_entries() -> None:
    assert re.findall(r"^\| \[(\w+)\]\(#\w+\)", PAGE, re.MULTILINE) == list(ENTRIES)


@pytest.mark.parametrize("alarm", ALARMS)
def test_a_description_ends_with_its_entry(alarm: str) -> None:
    said = ALARMS[alarm]["AlarmDescription"]["Fn::Sub"]

    assert said.endswith(f". ${{Runbook}}#{kind(alarm).lower()}")
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html: 1,024 characters.
    assert len(said) + 500 <= 1024


def test_the_page_is_where_descriptions_say_it_is() -> None:
    assert (ROOT / TEMPLATE.parameters["Runbook"]["Default"]).read_text() == PAGE


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_answers_the_same_five_questions(entry: str) -> None:
    text = ENTRIES[entry]
    said = [
        found for found in re.findall(r"^\*\*([A-Z][a-z ]+?)\.?\*\*", text, re.MULTILINE) if found in PARTS
    ]

    assert said == list(PARTS)
    look = text.partition("**Look.**")[2].partition("**Fix")[0]
    assert "$ bin/trackgate " in look, "a command to begin with"
