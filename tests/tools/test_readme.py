"""The README's tables say what template and endpoints say, and the documents point at what is there."""

import ast
import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tools import readme
from tools.local.places import ROOT
from tools.local.template import Route, Template
from tools.readme import endpoints, method, settings, with_tables

TEMPLATE = Template.read()
README = readme.README.read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/adr/[0-9]*.md"))

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def test_a_row_says_where_how_and_what_for(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text('"""shop.example: where things are sold."""')
    (tmp_path / "shop" / "buy.py").write_text(
        '"""`PUT …/buy`: somebody bought\na thing | two.\n\nMore.\n"""\n'
        '@endpoint(shop, method="PUT")\ndef handler(): ...'
    )
    routes = [
        Route("ShopBuy", "shop.buy.handler", "ANY", "/shop/buy"),
        Route("ShopBuy", "shop.buy.handler", "ANY", "/v2/{shop}/buy"),
    ]

    assert endpoints(routes, tmp_path).splitlines() == [
        "**shop** · shop.example: where things are sold.",
        "",
        "| endpoint | call | what for |",
        "|---|---|---|",
        "| [buy](functions/shop/buy.py) | `PUT /shop/buy`<br>`PUT /v2/{shop}/buy`"
        " | Somebody bought a thing \\| two. |",
    ]


@pytest.mark.parametrize("endpoint", sorted({route.endpoint for route in TEMPLATE.routes}))
def test_the_method_is_the_one_that_the_endpoint_answers(endpoint: str) -> None:
    module = importlib.import_module(endpoint)

    written = method(ast.parse(Path(str(module.__file__)).read_text()))

    assert written == getattr(module.handler, "method", "ANY")


def template(group: list[str], **parameters: Any) -> Template:
    groups = [{"Label": {"default": "Shop"}, "Parameters": group}]
    return Template(
        {
            "Metadata": {"AWS::CloudFormation::Interface": {"ParameterGroups": groups}},
            "Parameters": {
                name: {"Type": "String", "Description": f"About\n{name}."} | more
                for name, more in parameters.items()
            },
            "Globals": {"Function": {"Environment": {"Variables": {"SHOP_URL": {"Ref": "ShopUrl"}}}}},
        }
    )


def test_a_setting_says_its_default_its_values_and_its_local_name() -> None:
    found = settings(
        template(
            ["ShopUrl", "ShopMode", "ShopRate", "ShopDays"],
            ShopUrl={"Default": ""},
            ShopMode={"Default": "on", "AllowedValues": ["on", "off"]},
            ShopRate={"Default": 0, "Type": "Number", "MinValue": 0},
            ShopDays={"Default": 3, "AllowedValues": [1, 3, 5, 7, 14]},
        )
    )

    assert found.splitlines()[4:] == [
        "| `ShopUrl` | none |  | About ShopUrl. | `SHOP_URL=` |",
        "| `ShopMode` | `on` | `on`, `off` | About ShopMode. |  |",
        "| `ShopRate` | `0` | `0` … | About ShopRate. |  |",
        "| `ShopDays` | `3` | `1` … `14` | About ShopDays. |  |",
    ]


def test_a_setting_in_no_group_is_refused() -> None:
    with pytest.raises(ValueError, match=r"in no group of template\.yaml's Metadata: Lost"):
        settings(template(["ShopUrl"], ShopUrl={}, Lost={}))


def test_only_what_is_between_the_markers_changes() -> None:
    text = "before\n<!-- a: made -->\nold\n<!-- /a -->\nafter <!-- b -->\n"

    once = with_tables(text, {"a": r"new \1"})

    assert once == "before\n<!-- a: made -->\n\nnew \\1\n<!-- /a -->\nafter <!-- b -->\n"
    assert with_tables(once, {"a": r"new \1"}) == once


@pytest.mark.parametrize("text", ["nothing", "<!-- a: x -->\n<!-- /a -->\n" * 2])
def test_a_place_must_be_there_once(text: str) -> None:
    with pytest.raises(ValueError, match="one place <!-- a: "):
        with_tables(text, {"a": ""})


def test_a_stale_readme_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.replace("`POST /onesignal/new-session`", "`POST /old`"))
    monkeypatch.setattr(readme, "README", copy)

    monkeypatch.setattr("sys.argv", ["readme", "--check"])
    assert readme.main() == 1
    assert capsys.readouterr().err == "README.md is stale: run `make readme`\n"
    assert "`POST /old`" in copy.read_text()

    monkeypatch.setattr("sys.argv", ["readme"])
    assert readme.main() == 0
    assert copy.read_text() == README


def test_every_package_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    packages = {re.split(r"[^\w-]", wanted)[0] for group in groups for wanted in group}
    reasons = README.partition("\n## Dependencies\n")[2].partition("\n## ")[0]

    unexplained = sorted(package for package in packages if f"`{package}`" not in reasons)

    assert not unexplained, f"say in README.md, Dependencies, what {', '.join(unexplained)} is for"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_point_at_what_is_there(document: Path) -> None:
    dead = []
    for link in _LINK.findall(document.read_text()):
        path, _, place = link.partition("#")
        target = document if not path else document.parent / path
        if not link.startswith("https://") and not (
            target.exists() and (not place or place in _places(target))
        ):
            dead.append(link)

    assert not dead


def _places(document: Path) -> set[str]:
    """The anchors that a Markdown page's headings make."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_why_and_what_would_reverse_it(decision: Path) -> None:
    text = decision.read_text()
    number = int(decision.name.partition("-")[0])

    assert text.startswith(f"# {number}. ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Reverse when",
    ]
    assert f"]({decision.name})" in (decision.parent / "README.md").read_text()


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name.partition("-")[0]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
