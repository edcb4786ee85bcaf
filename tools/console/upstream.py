"""What upstreams received of an event: from the sandbox's ledger, or from a system's own store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from http.client import responses
from typing import Any

from tools.console import message
from tools.console.event import Event
from tools.operator.life.life import Life, iso
from tools.operator.trace.exchanges import exchanges
from tools.sandbox.client import Entry, Sandbox
from tools.systems.local_store import local_stores

SANDBOX, STORE, NOWHERE = "sandbox", "store", "not recorded"


class Upstreams:
    """Where the wires behind the gateway are recorded. It is read when somebody looks, and never before."""

    def __init__(self, sandbox: Sandbox, sandboxed: Iterable[str], stores: Mapping[str, str]) -> None:
        """`sandboxed`: the systems whose vendors the sandbox plays. `stores`: URLs of own event stores, by
        the variables that set them."""
        self._sandbox = sandbox
        self._sandboxed = frozenset(sandboxed)
        self._stores = stores

    def data(self, event: Event, life: Life | None) -> dict[str, Any]:
        """`wire`, `upstream` and `row` of an event's details. Raises OSError."""
        store = local_stores().get(event.system or "")
        if store is not None and event.id is not None:
            row = store.row(self._stores[store.VARIABLE], event.id)
            return {"wire": STORE, "upstream": [], "row": None if row is None else _plain(row)}
        if event.system not in self._sandboxed:
            return {"wire": NOWHERE if event.system else SANDBOX, "upstream": [], "row": None}
        found = exchanges(life, self._sandbox) if life else {}
        return {"wire": SANDBOX, "upstream": [_exchange(entry) for entry in found.values()], "row": None}


def _exchange(entry: Entry) -> dict[str, Any]:
    request = message.request(entry.method, entry.target, entry.headers, entry.content)
    response = None
    if entry.answer is not None and entry.status is not None:
        reason = responses.get(entry.status, "")
        response = message.response(
            entry.status, reason, entry.answer.headers, entry.answer.content, entry.answer.size
        )
    return {
        "time": iso(entry.at),
        "request": request.data(),
        "response": response and response.data(),
        "fault": entry.fault,
        "digest": entry.request,
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON."""
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else value
        if isinstance(value, str | int | float | bool | None)
        else str(value)
        for name, value in row.items()
    }
