"""Records every request received: on disk, so that 100,000 of them take only a few megabytes of memory."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from array import array
from pathlib import Path
from typing import IO

from tools.systems.vendor import Fields, Json, Response

KEPT_ANSWER = 64 * 1024
"""Bytes of an answer's body that an entry keeps."""

_DIGITS = 16


def digest(method: str, target: str, body: bytes) -> str:
    """What a log line of a local run calls the same request, see gateway/core/history.py: 16 hex digits.

    `target` is path and query below the vendor's base URL.
    """
    return hashlib.sha256(f"{method} {target}\n".encode() + body).hexdigest()[:_DIGITS]


class Ledger:
    """Entries are numbered from 1 for the life of the process; clearing does not restart the numbers.

    With a path the entries stay in that file, one JSON object a line (an older file is overwritten).
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path`: None for a temporary file."""
        self._file: IO[bytes] = (
            tempfile.TemporaryFile("w+b") if path is None else path.open("w+b")  # noqa: SIM115
        )
        self._starts = array("Q")
        self._systems = array("B")
        self._digests = array("Q")
        self._names: list[str] = []
        self._end = 0
        self._cleared = 0

    @property
    def last(self) -> int:
        """The number of the newest entry."""
        return self._cleared + len(self._starts)

    def add(
        self,
        *,
        at: float,
        system: str,
        account: str,
        method: str,
        target: str,
        headers: Fields,
        body: bytes,
        status: int | None,
        verdict: str | None,
        fault: str | None,
        answer: Response | None = None,
        answer_size: int | None = None,
    ) -> int:
        """Write an entry and return its number.

        `at`: Unix seconds. `account`: the app or project that the request names, "" if none. `target`: path
        and query as on the request line; the entry's `path` is without the system's base path. `status`: what
        was answered, None for nothing. `verdict`: the vendor's, None where a fault kept the request from it.
        `answer`: what was planned to be written; a fault may have spoilt it on the way. `answer_size`: the
        bytes of its body, if `answer` holds only the beginning.
        """
        path, _, query = target.partition("?")
        named = digest(method, target.removeprefix(f"/{system}"), body)
        line = json.dumps(
            {
                "number": self.last + 1,
                "at": at,
                "system": system,
                "account": account,
                "method": method,
                "target": target,
                "path": path.removeprefix(f"/{system}"),
                "query": query,
                "headers": headers,
                "base64": base64.b64encode(body).decode(),
                "status": status,
                "verdict": verdict,
                "fault": fault,
                "request": named,
                "answer": None if answer is None else _answer(answer, answer_size),
            }
        ).encode()
        self._file.write(line + b"\n")
        self._starts.append(self._end)
        self._systems.append(self._code(system))
        self._digests.append(int(named, 16))
        self._end += len(line) + 1
        return self.last

    def read(self, system: str | None = None, since: int = 0, limit: int = 1000) -> list[Json]:
        """At most `limit` entries with a number above `since`, oldest first. `body` is the text, None where
        the bytes are not UTF-8."""
        if system is not None and system not in self._names:
            return []
        wanted = None if system is None else self._names.index(system)
        self._file.flush()
        found: list[Json] = []
        for index in range(max(0, since - self._cleared), len(self._starts)):
            if len(found) == limit:
                break
            if wanted is None or self._systems[index] == wanted:
                found.append(_with_text(json.loads(self._line(index))))
        return found

    def named(self, digest: str, limit: int = 1000) -> list[Json]:
        """At most `limit` entries of requests with this digest, oldest first."""
        wanted = int(digest, 16)
        found: list[Json] = []
        self._file.flush()
        start = 0
        while len(found) < limit:
            try:
                index = self._digests.index(wanted, start)
            except ValueError:
                break
            found.append(_with_text(json.loads(self._line(index))))
            start = index + 1
        return found

    def clear(self) -> None:
        """Delete all entries."""
        self._cleared = self.last
        self._starts, self._systems, self._digests = array("Q"), array("B"), array("Q")
        self._end = 0
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Write what is buffered and close the file."""
        self._file.close()

    def _line(self, index: int) -> bytes:
        start = self._starts[index]
        end = self._starts[index + 1] if index + 1 < len(self._starts) else self._end
        return os.pread(self._file.fileno(), end - start, start)

    def _code(self, system: str) -> int:
        if system not in self._names:
            self._names.append(system)
        return self._names.index(system)


def _answer(answer: Response, size: int | None) -> Json:
    kept = base64.b64encode(answer.body[:KEPT_ANSWER]).decode()
    return {"headers": answer.headers, "base64": kept, "size": len(answer.body) if size is None else size}


def _with_text(entry: Json) -> Json:
    try:
        text = base64.b64decode(entry["base64"]).decode()
    except UnicodeDecodeError:
        text = None
    return entry | {"body": text}
