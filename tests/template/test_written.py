"""template.yaml is fresh, made of small parts, and holds a further system as soon as its folder is there."""

import shutil
from pathlib import Path

import pytest

from tests.architecture.house import ROOT
from tools.template import __main__ as command
from tools.template import written as writer
from tools.template.reader import Template
from tools.template.written import written

MAX_WRITER = 160
MAX_PARTS = 1500
MAX_SYSTEM = 60
"""Lines; a system beyond the first five adds its own. 250 of the parts are alarms, charts, saved queries."""

NEWCOMER = """\
id: Newcomer
name: Newcomer, Inc.
url: https://api.newcomer.example
delivery: direct

endpoints:
  ping:
    rights: [queue, records]
    routes: [/newcomer/ping, "/newcomer/{version}/ping"]

worker: {rights: []}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The parts in a folder of their own, with a system more."""
    shutil.copytree(ROOT / "stack", tmp_path / "stack")
    for file in [*(ROOT / "functions").glob("*/*.yaml")]:
        folder = tmp_path / "functions" / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder)
    (tmp_path / "functions" / "newcomer").mkdir()
    (tmp_path / "functions" / "newcomer" / "stack.yaml").write_text(NEWCOMER)
    return tmp_path


def test_it_is_fresh() -> None:
    assert (ROOT / "template.yaml").read_text() == written(ROOT), "run `make template`"


def test_it_says_what_it_is_written_from() -> None:
    assert "make template" in (ROOT / "template.yaml").read_text().partition("\n")[0]


def test_a_stale_one_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "template.yaml"
    copy.write_text("stale")
    monkeypatch.setattr(command, "TEMPLATE", copy)

    monkeypatch.setattr("sys.argv", ["template", "--check"])
    assert command.main() == 1
    assert capsys.readouterr().err == "template.yaml is stale: run `make template`\n"
    monkeypatch.setattr("sys.argv", ["template"])
    assert command.main() == 0
    assert copy.read_text() == written(ROOT)


def test_the_writer_stays_small() -> None:
    assert len(Path(writer.__file__).read_text().splitlines()) <= MAX_WRITER


def test_the_parts_stay_small() -> None:
    parts = [*(ROOT / "stack").rglob("*.yaml"), *(ROOT / "functions").rglob("*.yaml")]
    further = len(Template.read().environments) - 5

    assert sum(len(file.read_text().splitlines()) for file in parts) <= MAX_PARTS + further * MAX_SYSTEM


def test_no_placeholder_is_left() -> None:
    left = ("${System}", "${system}", "${name}", "${rights}", "${routes}", "${function}", "${environment}")

    assert not [name for name in left if name in (ROOT / "template.yaml").read_text()]


def test_a_folder_with_a_part_is_a_system(project: Path) -> None:
    before = Template.read().data
    (project / "template.yaml").write_text(written(project))

    found = Template.read(project / "template.yaml")

    own = {name.replace("Trax", "Newcomer", 1) for name in before["Resources"] if name.startswith("Trax")}
    assert found.data["Resources"].keys() - before["Resources"].keys() == (
        own - {"NewcomerSecret", "NewcomerSession"} | {"NewcomerPing"}
    )
    assert found.data["Parameters"].keys() - before["Parameters"].keys() == {
        "Newcomer",
        "NewcomerUrl",
        "NewcomerRequestsPerSecond",
        "NewcomerDelivery",
    }
    assert found.prefixes["newcomer"] == "Newcomer"
    assert {
        "Label": {"default": "Newcomer, Inc."},
        "Parameters": ["Newcomer", "NewcomerUrl", "NewcomerRequestsPerSecond", "NewcomerDelivery"],
    } in (found.data["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"])
    assert [route.path for route in found.routes if route.system == "newcomer"] == [
        "/newcomer/ping",
        "/newcomer/{version}/ping",
        "/batch/newcomer/ping",
    ]
    (policy,) = found.functions["NewcomerPing"]["Policies"]
    assert [next(iter(one["Resource"].values())) for one in policy["Statement"]] == [
        "NewcomerQueue.Arn",
        "NewcomerRecords.Arn",
    ]
    assert '"system", "newcomer"' in str(found.data["Resources"]["Dashboard"])


def test_without_it_nothing_is_left_of_a_system(project: Path) -> None:
    shutil.rmtree(project / "functions" / "newcomer")

    assert written(project) == written(ROOT)


def test_a_right_that_nobody_describes_is_an_error(project: Path) -> None:
    (project / "functions" / "newcomer" / "stack.yaml").write_text(
        NEWCOMER.replace("records]", "everything]")
    )

    with pytest.raises(KeyError, match="everything"):
        written(project)
