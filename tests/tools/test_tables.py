"""The generated tables say what the template and the endpoints say."""

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.house import TEMPLATE
from tools import tables
from tools.tables import endpoints, method, settings, with_table
from tools.template.reader import Route, Template


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
        "| endpoint | call | purpose |",
        "|---|---|---|",
        "| [buy](../functions/shop/buy.py) | `PUT /shop/buy`<br>`PUT /v2/{shop}/buy`"
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
            "Resources": {},
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

    once = with_table(text, "a", r"new \1")

    assert once == "before\n<!-- a: made -->\n\nnew \\1\n<!-- /a -->\nafter <!-- b -->\n"
    assert with_table(once, "a", r"new \1") == once


@pytest.mark.parametrize("text", ["nothing", "<!-- a: x -->\n<!-- /a -->\n" * 2])
def test_a_place_must_be_there_once(text: str) -> None:
    with pytest.raises(ValueError, match="one place <!-- a: "):
        with_table(text, "a", "")


def test_a_stale_page_is_reported_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = {name: (tables.DOCS / f"{name}.md").read_text() for name in ("cost", "endpoints", "settings")}
    for name, text in fresh.items():
        (tmp_path / f"{name}.md").write_text(text.replace("`POST /onesignal/new-session`", "`POST /old`"))
    monkeypatch.setattr(tables, "DOCS", tmp_path)

    monkeypatch.setattr("sys.argv", ["tables", "--check"])
    assert tables.main() == 1
    assert capsys.readouterr().err == "docs/endpoints.md is stale: run `make tables`\n"
    assert "`POST /old`" in (tmp_path / "endpoints.md").read_text()

    monkeypatch.setattr("sys.argv", ["tables"])
    assert tables.main() == 0
    assert {name: (tmp_path / f"{name}.md").read_text() for name in fresh} == fresh
