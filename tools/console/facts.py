"""What the console's page must know of the run that it belongs to: addresses, systems, sample events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.console import curl, message
from tools.masks import Masks
from tools.places import EVENTS, ROOT
from tools.send.http1 import Request
from tools.send.sample import request_of
from tools.systems.registry import profiles
from tools.template.reader import Route

PLACEHOLDER = "$CLIENT_KEY"
"""Stands for the local client key in everything that the page shows or copies."""

_CLIENTS_OWN = ("accept", "user-agent")
"""Headers of a sample event that no endpoint reads."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A local run. `upstreams`: URLs by system; one below `sandbox` is played by it. `routes`: those that are
    deployed, without the batch doors. `key`: the local client key. `authority`: of the API's certificate, for
    https."""

    version: str
    api: str
    sandbox: str
    key: str
    upstreams: Mapping[str, str]
    routes: tuple[Route, ...]
    faults: tuple[str, ...]
    authority: Path | None = None

    def data(self) -> dict[str, Any]:
        """The answer to `GET /api/run`."""
        systems = sorted({route.system for route in self.routes} & profiles().keys())
        return {
            "version": self.version,
            "api": self.api,
            "sandbox": self.sandbox,
            "placeholder": PLACEHOLDER,
            "faults": list(self.faults),
            "systems": [self._system(name) for name in systems],
        }

    def sandboxed(self, system: str) -> bool:
        """Whether the sandbox plays the system's vendor."""
        return self.upstreams.get(system, "").startswith(f"{self.sandbox}/")

    def command(self, request: message.Message, masks: Masks) -> str | None:
        """A call of this run for a shell, see curl.py."""
        return curl.command(request, self.api, masks, self.authority)

    def _system(self, name: str) -> dict[str, Any]:
        own = [route for route in self.routes if route.system == name]
        return {
            "name": name,
            "title": profiles()[name].title,
            "upstream": self.upstreams.get(name),
            "sandboxed": self.sandboxed(name),
            "endpoints": list(_endpoints(self, name, own)),
        }


def _endpoints(run: Facts, system: str, routes: Iterable[Route]) -> Iterable[dict[str, Any]]:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    seen: set[str] = set()
    for route in routes:
        name = route.endpoint.partition(".")[2]
        file = EVENTS / system / f"{name}.json"
        if name in seen or not file.is_file():
            continue
        seen.add(name)
        event = json.loads(file.read_text())
        request = request_of(event)
        described = paths.get(event["resource"].replace("+}", "}"), {}).get(request.method.lower(), {})
        yield {
            "name": name,
            "title": _purpose(described.get("description", name)),
            "method": request.method,
            "path": request.target.replace(run.key, PLACEHOLDER),
            "sample": _sample(request, run.key),
            "curl": run.command(_sent(request), Masks(run.key)),
        }


def _purpose(description: str) -> str:
    """The first paragraph as a plain title: what the endpoint is for."""
    return description.partition("\n\n")[0].removesuffix(".").replace("`", "")


def _headers(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.headers if name.lower() not in _CLIENTS_OWN]


def _sent(request: Request) -> message.Message:
    return message.request(request.method, request.target, _headers(request), request.body)


def _sample(request: Request, key: str) -> dict[str, Any]:
    return {
        "headers": [[name, value.replace(key, PLACEHOLDER)] for name, value in _headers(request)],
        "body": request.body.decode(errors="replace").replace(key, PLACEHOLDER),
    }
