"""A client of the sandbox for tests and tools: reads its ledger and counts, scripts its faults."""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tools.systems.vendor import Fields, Json

_PAGE = 5000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered: the body's first 64 KB, and its `size` in bytes."""

    headers: Fields
    content: bytes
    size: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One request in the ledger.

    `at`: Unix seconds. `account`: the app or project that it names at its vendor, "" if none. `target`: what
    stood on the request line; `path` and `query` are its raw parts, `path` without the vendor's base path.
    `status`: of the response, None if there was none. `verdict`: `taken`, `malformed`, `refused`, or None
    where a fault kept the request from the vendor. `fault`: what it met. `request`: its digest, as in the log
    lines of a local run. `answer`: None where nothing was answered.
    """

    number: int
    at: float
    system: str
    method: str
    target: str
    path: str
    query: str
    headers: Fields
    content: bytes
    status: int | None
    verdict: str | None
    fault: str | None
    account: str = ""
    request: str = ""
    answer: Answer | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header field, whatever its case."""
        return next((value for field, value in self.headers if field.lower() == name.lower()), None)

    def json(self) -> Json:
        """The parsed body. Raises ValueError."""
        return json.loads(self.content)


class Sandbox:
    """A sandbox that runs at `url`."""

    def __init__(self, url: str = "http://127.0.0.1:4010") -> None:
        """`url` has no path."""
        self.url = url.rstrip("/")

    def base(self, system: str) -> str:
        """The base URL of a vendor: `http://127.0.0.1:4010/acme`."""
        return f"{self.url}/{system}"

    def ledger(self, system: str | None = None, since: int = 0) -> list[Entry]:
        """All entries with a number above `since`."""
        return list(self.entries(system, since))

    def entries(self, system: str | None = None, since: int = 0) -> Iterator[Entry]:
        """The same, page by page, for long ledgers."""
        chosen = {} if system is None else {"system": system}
        while True:
            query = urlencode({**chosen, "since": since, "limit": _PAGE})
            page = self._ask("GET", f"ledger?{query}")["entries"]
            for entry in page:
                yield _entry(entry)
            if len(page) < _PAGE:
                return
            since = page[-1]["number"]

    def named(self, request: str) -> list[Entry]:
        """The entries of the requests with this digest. Raises ValueError if it is none."""
        return [_entry(entry) for entry in self._ask("GET", f"ledger?request={request}")["entries"]]

    def wait_for(self, requests: int, system: str | None = None, seconds: float = 60) -> list[Entry]:
        """The ledger as soon as it has that many requests. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while len(found := self.ledger(system)) < requests:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(found)} of {requests} requests after {seconds} s")
            time.sleep(0.02)
        return found

    def clear_ledger(self) -> None:
        """Empty ledger and counts."""
        self._ask("DELETE", "ledger")

    def counts(self) -> Json:
        """See Counts.data."""
        return self._ask("GET", "counts")

    def fault(self, fault: str, **rule: Json) -> int:
        """Script a fault and return its id; the keys are those of Fault. Raises ValueError for a bad rule."""
        number: int = self._ask("POST", "faults", {"fault": fault, **rule})["id"]
        return number

    def faults(self) -> list[Json]:
        """The scripted faults, each with how often it `fired`."""
        listed: list[Json] = self._ask("GET", "faults")["faults"]
        return listed

    def clear_faults(self, number: int | None = None) -> None:
        """Delete one fault, or all."""
        self._ask("DELETE", "faults" if number is None else f"faults?id={number}")

    def state(self, system: str) -> dict[str, Json]:
        """The part of a vendor's state that can be changed; its module says what it means."""
        found: dict[str, Json] = self._ask("GET", "state")[system]
        return found

    def change(self, system: str, **state: Json) -> None:
        """Change some of it. Raises ValueError."""
        self._ask("POST", "state", {"system": system, **state})

    def reset(self) -> None:
        """Empty ledger and counts, delete faults, reset the vendors."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, value: Json = None) -> Json:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request(method, f"/_sandbox/{path}", None if value is None else json.dumps(value))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer


def _entry(entry: Json) -> Entry:
    given = {name: value for name, value in entry.items() if name not in ("base64", "body", "answer")}
    answer = entry["answer"] and Answer(
        headers=_fields(entry["answer"]["headers"]),
        content=base64.b64decode(entry["answer"]["base64"]),
        size=entry["answer"]["size"],
    )
    content = base64.b64decode(entry["base64"])
    return Entry(**given | {"headers": _fields(entry["headers"]), "content": content, "answer": answer})


def _fields(pairs: Json) -> Fields:
    return tuple((name, value) for name, value in pairs)
