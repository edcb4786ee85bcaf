"""What a test or a person asks of the sandbox itself, under /_sandbox/."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tools.sandbox import rules
from tools.sandbox.exchange import Json, Said, said

if TYPE_CHECKING:
    from tools.sandbox.http1 import Request
    from tools.sandbox.server import Server

_BASE = "/_sandbox"
_METHODS = {
    "ledger": ("GET", "DELETE"),
    "counts": ("GET",),
    "faults": ("GET", "POST", "DELETE"),
    "reset": ("POST",),
}
_QUERIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "ledger"): ("system", "since", "limit"),
    ("DELETE", "faults"): ("id",),
}
MOST = 10_000
"""The most entries of the ledger in one answer."""


def is_for_it(request: Request) -> bool:
    """Whether a request is for the sandbox itself, and for none of its vendors."""
    path = request.target.partition("?")[0]
    return path == _BASE or path.startswith(f"{_BASE}/")


def answer(server: Server, request: Request) -> Said:
    """400 says what is wrong with the request; then nothing has changed. 404 lists what there is."""
    path, _, query = request.target.partition("?")
    name = path.removeprefix(_BASE).removeprefix("/")
    if name not in _METHODS:
        listed = "; ".join(f"{', '.join(methods)} {name}" for name, methods in _METHODS.items())
        return said(404, {"error": f"there are {listed}"})
    if request.method not in _METHODS[name]:
        allowed = ", ".join(_METHODS[name])
        refused = said(405, {"error": f"{name} takes {allowed}"})
        return replace(refused, headers=(*refused.headers, ("Allow", allowed)))
    try:
        return _done(server, request, name, _asked(query, request.method, name))
    except ValueError as error:
        return said(400, {"error": str(error)})


def _done(server: Server, request: Request, name: str, asked: dict[str, str]) -> Said:
    match request.method, name:
        case "GET", "ledger":
            return said(200, _ledger(server, asked))
        case "DELETE", "ledger":
            server.clear()
        case "GET", "counts":
            return said(200, server.counts.data())
        case "GET", "faults":
            return said(200, {"faults": server.faults.data()})
        case "POST", "faults":
            return said(200, server.faults.add(rules.read(request.body)).data())
        case "DELETE", "faults":
            number = _whole(asked, "id") if "id" in asked else None
            if not server.faults.clear(number):
                return said(404, {"error": f"there is no fault {number}"})
        case _:
            server.reset()
    return said(200, {})


def _asked(query: str, method: str, name: str) -> dict[str, str]:
    known = _QUERIES.get((method, name), ())
    asked = {each: values[-1] for each, values in parse_qs(query, keep_blank_values=True).items()}
    for each in asked:
        if each not in known:
            raise ValueError(
                f"`{each}` is none {f'of {", ".join(known)}' if known else f'that {name} takes'}"
            )
    return asked


def _ledger(server: Server, asked: dict[str, str]) -> Json:
    system = asked.get("system")
    if system is not None and system not in server.systems:
        raise ValueError(f"`system` is one of {', '.join(server.systems)}")
    limit = min(MOST, _whole(asked, "limit", 1000))
    entries = server.ledger.read(system, _whole(asked, "since", 0), limit)
    return {"entries": entries, "last": server.ledger.last}


def _whole(asked: dict[str, str], name: str, default: int = 0) -> int:
    text = asked.get(name, str(default))
    if re.fullmatch("[0-9]{1,18}", text) is None:
        raise ValueError(f"`{name}` is not a whole number")
    return int(text)
