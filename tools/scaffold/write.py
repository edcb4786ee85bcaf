"""Writes what templates/ holds into the checkout; existing files are never overwritten."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from string import Template as Text

from tools.errors import CommandError
from tools.scaffold.names import check_endpoint, check_system, pascal, systems
from tools.scaffold.neighbor import Neighbor

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".template"
"""Keeps linters from reading what is no Python yet."""


def new_system(root: Path, name: str, endpoint: str) -> list[Path]:
    """Write a system with its first endpoint; the files. Raises CommandError."""
    check_system(root, name)
    check_endpoint(root, name, endpoint)
    values = _values(name, endpoint, f"/{name}/{_action(endpoint)}")
    return write(root, _filled("system", values) | _filled("endpoint", values))


def new_endpoint(root: Path, system: str, name: str) -> list[Path]:
    """Write an endpoint of a system that is there; the files. Raises CommandError."""
    if system not in (known := systems(root)):
        near = difflib.get_close_matches(system, known, n=1)
        meant = f", did you mean {near[0]}?" if near else f": take one of {', '.join(known)}"
        raise CommandError(f"there is no system {system or '(none)'}{meant}")
    check_endpoint(root, system, name)
    neighbor = Neighbor.of(root, system)
    route = neighbor.route(_action(name))
    files = _filled("endpoint", _values(system, name, route))
    files[Path("events", system, f"{name}.json")] = neighbor.event(route)
    written = write(root, files)
    neighbor.enter(name, route)
    return [*written, neighbor.stack]


def write(root: Path, files: Mapping[Path, str]) -> list[Path]:
    """Write texts at paths below the root. Raises CommandError, and writes nothing, if one is there."""
    there = [str(path) for path in files if (root / path).exists()]
    if there:
        raise CommandError(f"{', '.join(there)} would be overwritten: remove or rename first")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return [root / path for path in files]


def _filled(kind: str, values: Mapping[str, str]) -> dict[Path, str]:
    folder = TEMPLATES / kind
    return {
        Path(Text(str(file.relative_to(folder)).removesuffix(SUFFIX)).substitute(values)): Text(
            file.read_text()
        ).substitute(values)
        for file in sorted(folder.rglob(f"*{SUFFIX}"))
    }


def _values(system: str, endpoint: str, route: str) -> dict[str, str]:
    return {
        "system": system,
        "System": pascal(system),
        "endpoint": endpoint,
        "Endpoint": pascal(endpoint),
        "action": _action(endpoint),
        "route": route,
    }


def _action(endpoint: str) -> str:
    return endpoint.replace("_", "-")
