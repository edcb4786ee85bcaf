"""A stage's file outlives releases: an upgrade takes it as it is, a roll back without what is new."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, TEMPLATE
from tests.upgrade.released import RELEASES, Release
from tests.upgrade.stage_file import stage_file
from tools.deploy.stage import STAGES, Stage

SAMPLED = [release for release in RELEASES if release.stage.exists()]
ROLLED_BACK_TO = "0.2.0"
LEFT_OUT = re.compile(r"^\$ sed -E '(/\^\([A-Za-z|]+\) \*=/d)' stages/", re.MULTILINE)
"""What docs/upgrade.md has sed delete."""


@pytest.mark.parametrize("release", SAMPLED, ids=str)
def test_it_is_taken_as_it_is(release: Release) -> None:
    stage = Stage.read(str(release.stage))

    assert list(stage.complaints(TEMPLATE)) == []
    assert stage.parameters(TEMPLATE).items() >= stage.given.items()
    assert len(stage.given) > 50


def test_the_next_release_writes_one_with_every_setting(tmp_path: Path) -> None:
    file = tmp_path / "stage.toml"
    file.write_text(stage_file())

    stage = Stage.read(str(file))

    assert list(stage.complaints(TEMPLATE)) == []
    assert stage.given.keys() == TEMPLATE.parameters.keys()


def test_the_page_leaves_out_what_the_earlier_release_does_not_know() -> None:
    (release,) = (one for one in SAMPLED if str(one) == ROLLED_BACK_TO)
    known = Stage.read(str(release.stage)).given.keys()
    (command,) = LEFT_OUT.findall((ROOT / "docs" / "upgrade.md").read_text())
    pattern = re.compile(command.removeprefix("/").removesuffix("/d"))

    for file in STAGES.glob("*.toml"):
        given = Stage.read(str(file)).given.keys()
        assert given - known, "the command is needed"
        assert {name for name in given if not pattern.match(f"{name} = 1")} <= known

    assert {name for name in TEMPLATE.parameters if pattern.match(f"{name} = 1")} == (
        TEMPLATE.parameters.keys() - known
    )
