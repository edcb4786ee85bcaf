"""`python -m tools.tables`: writes or checks the tables in docs/, from the template and the endpoints."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.operator.cost.page import page as cost
from tools.places import ROOT
from tools.template.reader import Route, Template

DOCS = ROOT / "docs"
"""Each table stands in the page of its own name, between two markers."""

FUNCTIONS = ROOT / "functions"

_INTERFACE = "AWS::CloudFormation::Interface"
_MOST_VALUES = 4
_OWN_NAME = re.compile(r"`[^`]*`: ")


def main() -> int:
    """Write or check; 1 if a page is stale."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.tables", description="Write the tables in docs/, or check them."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a table is stale")
    options = parser.parse_args()
    stale = 0
    for name, table in tables(Template.read()).items():
        page = DOCS / f"{name}.md"
        written = page.read_text()
        fresh = with_table(written, name, table)
        if not options.check:
            page.write_text(fresh)
        elif fresh != written:
            sys.stderr.write(f"docs/{page.name} is stale: run `make tables`\n")
            stale = 1
    return stale


def tables(template: Template, functions: Path = FUNCTIONS) -> dict[str, str]:
    """Each table's Markdown, by the name of its page."""
    return {
        "endpoints": endpoints(template.routes, functions),
        "settings": settings(template),
        "cost": cost(template),
    }


def with_table(text: str, name: str, table: str) -> str:
    """The text with the table between its two markers. Raises ValueError unless there is one such place."""
    place = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if len(place.findall(text)) != 1:
        raise ValueError(f"there must be one place <!-- {name}: … --> … <!-- /{name} -->")
    return place.sub(lambda at: f"{at[1]}\n{table}\n{at[2]}", text)


def endpoints(routes: list[Route], functions: Path = FUNCTIONS) -> str:
    """One table per system, in the template's order: file, method and paths, and the file's own summary."""
    systems: dict[str, dict[str, list[Route]]] = {}
    for route in routes:
        systems.setdefault(route.system, {}).setdefault(route.endpoint, []).append(route)
    parts = []
    for system, by_endpoint in systems.items():
        about = _purpose(_parsed(functions / system / "__init__.py"))
        rows = [_row(functions, name, found) for name, found in by_endpoint.items()]
        parts.append(
            "\n".join([f"**{system}** · {about}\n", "| endpoint | call | purpose |", "|---|---|---|", *rows])
        )
    return "\n\n".join(parts) + "\n"


def _row(functions: Path, endpoint: str, routes: list[Route]) -> str:
    system, _, name = endpoint.partition(".")
    file = _parsed(functions / system / f"{name}.py")
    verb = method(file)
    calls = "<br>".join(f"`{'POST' if route.is_door else verb} {route.path}`" for route in routes)
    return f"| [{name}](../functions/{system}/{name}.py) | {calls} | {_purpose(file)} |"


def method(file: ast.Module) -> str:
    """The method that an endpoint's file declares; `ANY` for a function that is none."""
    for node in ast.walk(file):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "endpoint":
            named = [word.value for word in node.keywords if word.arg == "method"]
            return ast.literal_eval(named[0]) if named else "POST"
    return "ANY"


def _parsed(path: Path) -> ast.Module:
    # Read, not imported: an import needs the settings of a deployed function.
    return ast.parse(path.read_text(), filename=str(path))


def _purpose(file: ast.Module) -> str:
    """The first sentence or two of the file's docstring, without the name that it begins with."""
    text = " ".join((ast.get_docstring(file) or "").partition("\n\n")[0].split())
    if named := _OWN_NAME.match(text):
        text = text[named.end() :]
        text = text[:1].upper() + text[1:]
    return text.replace("|", "\\|")


def settings(template: Template) -> str:
    """One table per group of the template's parameters. Raises ValueError for a parameter in no group."""
    groups = template.data["Metadata"][_INTERFACE]["ParameterGroups"]
    lost = template.parameters.keys() - {name for group in groups for name in group["Parameters"]}
    if lost:
        raise ValueError(f"in no group of template.yaml's Metadata: {', '.join(sorted(lost))}")
    variables = {parameter: variable for variable, parameter in template.settings.items()}
    return "\n\n".join("\n".join(_group(group, template, variables)) for group in groups) + "\n"


def _group(group: Mapping[str, Any], template: Template, variables: Mapping[str, str]) -> Iterator[str]:
    yield f"**{group['Label']['default']}**\n"
    yield "| parameter | default | values | purpose | in `make local` |"
    yield "|---|---|---|---|---|"
    for name in group["Parameters"]:
        parameter = template.parameters[name]
        default = f"`{parameter['Default']}`" if parameter.get("Default", "") != "" else "none"
        local = f"`{variables[name]}=`" if name in variables else ""
        about = " ".join(parameter["Description"].split()).replace("|", "\\|").replace("*", "\\*")
        yield f"| `{name}` | {default} | {_values(parameter)} | {about} | {local} |"


def _values(parameter: Mapping[str, Any]) -> str:
    allowed = [f"`{value}`" for value in parameter.get("AllowedValues", [])]
    if len(allowed) > _MOST_VALUES:
        return f"{allowed[0]} … {allowed[-1]}"
    if allowed:
        return ", ".join(allowed)
    bounds = [f"`{parameter[bound]}`" for bound in ("MinValue", "MaxValue") if bound in parameter]
    return " … ".join(bounds) + (" …" if len(bounds) == 1 else "") if parameter["Type"] == "Number" else ""


if __name__ == "__main__":
    sys.exit(main())
