"""The sandbox's own API, under /_sandbox/, for tests and people."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol
from urllib.parse import parse_qs

from tools.sandbox import rules
from tools.sandbox.counts import Counts
from tools.sandbox.faults import Faults
from tools.sandbox.http1 import RawRequest
from tools.sandbox.ledger import Ledger
from tools.systems.vendor import Json, Response, Vendor, json_response

_BASE = "/_sandbox"
_METHODS = {
    "ledger": ("GET", "DELETE"),
    "counts": ("GET",),
    "faults": ("GET", "POST", "DELETE"),
    "state": ("GET", "POST"),
    "reset": ("POST",),
}
_QUERIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "ledger"): ("system", "since", "limit", "request"),
    ("DELETE", "faults"): ("id",),
}
MOST = 10_000
"""Maximum number of ledger entries in one response."""


class Administered(Protocol):
    """What this API reads and changes: the sandbox's ledger, counts, faults and vendors."""

    ledger: Ledger
    counts: Counts
    faults: Faults
    vendors: dict[str, Vendor]

    @property
    def systems(self) -> list[str]:
        """The systems that a ledger entry may name."""

    def clear(self) -> None:
        """Empty ledger and counts."""

    def reset(self) -> None:
        """Return to the initial state."""


def is_admin_request(request: RawRequest) -> bool:
    """Whether a request is for the sandbox itself, not for one of its vendors."""
    path = request.target.partition("?")[0]
    return path == _BASE or path.startswith(f"{_BASE}/")


def answer(sandbox: Administered, request: RawRequest) -> Response:
    """A 400 says what is wrong with the request, which then has changed nothing; a 404 lists what exists."""
    path, _, query = request.target.partition("?")
    name = path.removeprefix(_BASE).removeprefix("/")
    if name not in _METHODS:
        listed = "; ".join(f"{', '.join(methods)} {name}" for name, methods in _METHODS.items())
        return json_response(404, {"error": f"there are {listed}"})
    if request.method not in _METHODS[name]:
        allowed = ", ".join(_METHODS[name])
        refused = json_response(405, {"error": f"{name} takes {allowed}"})
        return replace(refused, headers=(*refused.headers, ("Allow", allowed)))
    try:
        return _done(sandbox, request, name, _asked(query, request.method, name))
    except ValueError as error:
        return json_response(400, {"error": str(error)})


def _done(sandbox: Administered, request: RawRequest, name: str, asked: dict[str, str]) -> Response:
    match request.method, name:
        case "GET", "ledger":
            return json_response(200, _ledger(sandbox, asked))
        case "DELETE", "ledger":
            sandbox.clear()
        case "GET", "counts":
            return json_response(200, sandbox.counts.data())
        case "GET", "faults":
            return json_response(200, {"faults": sandbox.faults.data()})
        case "POST", "faults":
            return json_response(200, sandbox.faults.add(rules.read(request.body)).data())
        case "DELETE", "faults":
            number = _whole(asked, "id") if "id" in asked else None
            if not sandbox.faults.clear(number):
                return json_response(404, {"error": f"there is no fault {number}"})
        case "GET", "state":
            return json_response(200, {name: vendor.state() for name, vendor in sandbox.vendors.items()})
        case "POST", "state":
            return json_response(200, _changed(sandbox.vendors, rules.read(request.body)))
        case _:
            sandbox.reset()
    return json_response(200, {})


def _changed(vendors: dict[str, Vendor], asked: Json) -> Json:
    if not isinstance(asked, dict) or asked.get("system") not in [*vendors]:
        raise ValueError(f"a change is an object whose `system` is one of {', '.join(vendors)}")
    vendor = vendors[asked["system"]]
    vendor.change({name: value for name, value in asked.items() if name != "system"})
    return vendor.state()


def _asked(query: str, method: str, name: str) -> dict[str, str]:
    known = _QUERIES.get((method, name), ())
    asked = {each: values[-1] for each, values in parse_qs(query, keep_blank_values=True).items()}
    for each in asked:
        if each not in known:
            raise ValueError(
                f"`{each}` is none {f'of {", ".join(known)}' if known else f'that {name} takes'}"
            )
    return asked


def _ledger(sandbox: Administered, asked: dict[str, str]) -> Json:
    system = asked.get("system")
    if system is not None and system not in sandbox.systems:
        raise ValueError(f"`system` is one of {', '.join(sandbox.systems)}")
    limit = min(MOST, _whole(asked, "limit", 1000))
    if "request" in asked:
        entries = sandbox.ledger.named(_digest(asked), limit)
        return {"entries": entries, "last": sandbox.ledger.last}
    entries = sandbox.ledger.read(system, _whole(asked, "since", 0), limit)
    return {"entries": entries, "last": sandbox.ledger.last}


def _digest(asked: dict[str, str]) -> str:
    if re.fullmatch("[0-9a-f]{16}", asked["request"]) is None:
        raise ValueError("`request` is not a digest: 16 hexadecimal digits")
    if asked.keys() & {"system", "since"}:
        raise ValueError("`request` goes without `system` and `since`")
    return asked["request"]


def _whole(asked: dict[str, str], name: str, default: int = 0) -> int:
    text = asked.get(name, str(default))
    if re.fullmatch("[0-9]{1,18}", text) is None:
        raise ValueError(f"`{name}` is not a whole number")
    return int(text)
