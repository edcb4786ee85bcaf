"""A released template is the project's own, with zips for folders and one processor."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.places import TEMPLATE
from tools.release import templates
from tools.template.reader import Template

TEXT = TEMPLATE.read_text()


def parsed(text: str, folder: Path) -> dict[str, Any]:
    file = folder / "template.yaml"
    file.write_text(text)
    data: dict[str, Any] = json.loads(json.dumps(Template.read(file).data, default=str))
    return data


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_only_code_and_processor_differ(tmp_path: Path, architecture: str) -> None:
    ours = parsed(TEXT, tmp_path)
    released = parsed(templates.released(TEXT, architecture), tmp_path)

    assert released["Globals"]["Function"].pop("CodeUri") == "functions.zip"
    ours["Globals"]["Function"].pop("CodeUri")
    for layer, file in {"SharedLayer": "shared", "TrackLayer": "track"}.items():
        found = released["Resources"][layer]["Properties"].pop("ContentUri")
        assert found == f"{file}-layer-{architecture}.zip"
        ours["Resources"][layer]["Properties"].pop("ContentUri")
        ours["Resources"][layer].pop("Metadata")
    processor = released["Parameters"].pop("Architecture")
    ours["Parameters"].pop("Architecture")
    assert (processor["Default"], processor["AllowedValues"]) == (architecture, [architecture])
    assert released == ours


@pytest.mark.parametrize(
    "line", ["    CodeUri: functions/", "    Metadata: {BuildMethod: makefile", "  Architecture:"]
)
def test_a_template_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="places of the form"):
        templates.released(TEXT.replace(line, line.replace(":", " :"), 1), "arm64")
