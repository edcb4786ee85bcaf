"""What a test or a person asks of the sandbox itself, under /_sandbox/."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tools.sandbox.exchange import Json
from tools.sandbox.reading import parse

if TYPE_CHECKING:
    from tools.sandbox.server import Server
    from tools.sandbox.wire import Request

_ROUTES = "GET, DELETE ledger; GET counts; GET, POST, DELETE faults; POST reset"
MOST = 10_000
"""The most entries of the ledger in one answer."""


def answer(server: Server, request: Request) -> tuple[int, Json]:
    """Status and JSON value: 400 says what is wrong with the request, 404 lists what there is."""
    path, _, query = request.target.partition("?")
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    try:
        match request.method, path.removeprefix("/_sandbox/"):
            case "GET", "ledger":
                return 200, _ledger(server, asked)
            case "DELETE", "ledger":
                server.clear()
            case "GET", "counts":
                return 200, server.counts.data()
            case "GET", "faults":
                return 200, {"faults": server.faults.data()}
            case "POST", "faults":
                return 200, _fault(server, request.body)
            case "DELETE", "faults":
                server.faults.clear(int(asked["id"]) if "id" in asked else None)
            case "POST", "reset":
                server.reset()
            case _:
                return 404, {"error": f"there are {_ROUTES}"}
    except ValueError as error:
        return 400, {"error": str(error)}
    return 200, {}


def _ledger(server: Server, asked: dict[str, str]) -> Json:
    limit = min(MOST, int(asked.get("limit", "1000")))
    entries = server.ledger.read(asked.get("system"), int(asked.get("since", "0")), limit)
    return {"entries": entries, "last": server.ledger.last}


def _fault(server: Server, body: bytes) -> Json:
    rule = parse(body)
    if isinstance(rule, dict):
        # Seconds and shares are plain numbers here, not money.
        rule = {
            name: float(value) if name in ("seconds", "share") and not isinstance(value, str) else value
            for name, value in rule.items()
        }
    return server.faults.add(rule).data()
