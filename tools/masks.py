"""Hides credentials in what tools show, by their known values in any spelling."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote_plus

MASK = "••••"
SHORTEST = 4
"""Characters of a credential: shorter ones would hide half of every text."""

HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-user-key"}
)
"""Headers (in lower case) whose values are hidden, whatever they hold; a scheme before it stays."""

_CLIENT_KEY = "tg_[0-9a-f]{10}_[0-9a-f]{64}"
"""A client key as `bin/trackgate keys` makes it, of any stack."""
_PASSWORD = re.compile(r"(://[^:/@\[]*:)(?!\d{1,5}(?:[/?#]|$))([^@]*(?:@[^/@]*)*)(?=@)")
"""Also one with `/`, `?`, `#` or brackets as they are: no store can use such a URL, but a screen shows it.
Up to 5 digits are a port."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z-]{0,19}")
_LONGEST_KEY = 512
_SHORT = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_BACKSLASHES = r"(?<!\\)\\+"
"""All of them, of JSON in JSON. Tried at each backslash of a long row, they would take minutes."""

_NOTHING = re.compile(r"(?!)")


class Masks:
    """The credentials of a stack, and everything that looks like a client key.

    Of a client key only the SHA-256 is stored, so that another value, such as a local run's, is learned from
    the first request that carries it. May be used from any thread.
    """

    def __init__(self, *client_keys: str) -> None:
        """`client_keys`: those that are known from the beginning."""
        self._lock = threading.Lock()
        self._values: frozenset[str] = frozenset()
        self._digests: frozenset[str] = frozenset()
        self._client_keys: frozenset[str] = frozenset()
        self._keys = self._pattern = re.compile(_CLIENT_KEY)
        self._escaped = _NOTHING
        self._hide(client_keys, client_keys)

    def know(self, values: Iterable[str], digests: Iterable[str] = ()) -> bool:
        """Hide these values from now on, in what was received before, too. What was hidden stays so.

        `digests`: SHA-256 (hex) of values that are not known; whether there is a new one, for which older
        requests are worth another look.
        """
        with self._lock:
            before = self._digests
            self._digests |= frozenset(digests)
            self._hide(value for value in values if len(value) >= SHORTEST)
            return self._digests != before

    def learn(self, headers: Iterable[tuple[str, str]], target: str) -> None:
        """Look for client keys in a request: in the values of headers and of the query."""
        for word in _words(headers, target):
            if word not in self._client_keys and hashlib.sha256(word.encode()).hexdigest() in self._digests:
                with self._lock:
                    self._hide([word], [word])

    def around_client_keys(self, text: str) -> list[str]:
        """The parts of a text before, between and after client keys; the text alone if it holds none."""
        return self._keys.split(text)

    def text(self, text: str) -> str:
        """A text without credentials."""
        shown = self._pattern.sub(MASK, text)
        # Much slower, and most texts hold no escapes.
        return self._escaped.sub(MASK, shown) if "%" in shown or "\\" in shown else shown

    def header(self, name: str, value: str) -> str:
        """A header's value without credentials."""
        if name.lower() not in HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        return f"{self.text(scheme)}{space}{MASK}" if space and _SCHEME.fullmatch(scheme) else MASK

    def data(self, value: Any) -> Any:
        """A JSON value in which no text holds a credential; `headers` are lists of names and values."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                self.text(name): self._headers(part) if name == "headers" else self.data(part)
                for name, part in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.data(part) for part in value]
        return value

    def _headers(self, value: Any) -> Any:
        if not isinstance(value, list):
            return self.data(value)
        return [[self.text(name), self.header(name, found)] for name, found in value]

    def _hide(self, values: Iterable[str], client_keys: Iterable[str] = ()) -> None:
        hidden, keys = self._values.union(values), self._client_keys.union(client_keys)
        if (hidden, keys) == (self._values, self._client_keys):
            return
        self._values, self._client_keys = hidden, keys
        longest_first = sorted(hidden, key=lambda value: (-len(value), value))
        plain = dict.fromkeys(spelling for value in longest_first for spelling in _plain(value))
        self._keys = re.compile(_any(value for value in longest_first if value in keys))
        self._pattern = re.compile(_any(plain))
        self._escaped = re.compile("|".join(map(_escaped, longest_first)))


def password(url: str) -> str:
    """The password in a URL, as it is written there; empty if there is none."""
    found = _PASSWORD.search(url)
    return found[2] if found else ""


def without_password(url: str) -> str:
    """A URL without the password in it: `mysql://user:…@host/database`."""
    return _PASSWORD.sub(r"\1…", url)


def _any(texts: Iterable[str]) -> str:
    return "|".join([*map(re.escape, texts), _CLIENT_KEY])


def _plain(value: str) -> Iterator[str]:
    """How a value is written where nothing is escaped."""
    yield value
    # A header is read as Latin-1, whatever the client wrote.
    yield _bytes(value).decode("latin-1")
    yield quote_plus(_bytes(value))
    yield from _in_base64(_bytes(value))


def _escaped(value: str) -> str:
    """A pattern of the value in which each character may be escaped, as in URLs, forms and JSON."""
    return "".join(f"(?:{'|'.join(_character(character))})" for character in value)


def _character(character: str) -> Iterator[str]:
    yield re.escape(character)
    yield "(?i:" + "".join(f"%{byte:02x}" for byte in _bytes(character)) + ")"
    units = character.encode("utf-16-be", "surrogatepass")
    codes = (units[start : start + 2].hex() for start in range(0, len(units), 2))
    yield "(?i:" + "".join(rf"{_BACKSLASHES}u{code}" for code in codes) + ")"
    yield _BACKSLASHES + re.escape(_SHORT.get(character, character))
    if character == " ":
        yield r"\+"


def _bytes(text: str) -> bytes:
    """In UTF-8. A secret that was written by hand may hold half of a surrogate pair."""
    return text.encode(errors="surrogatepass")


def _in_base64(value: bytes) -> Iterator[str]:
    """The part of the base64 of any text around the value that the value alone decides."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value).decode().rstrip("=")
        whole = (before + len(value)) * 8 // 6
        inner = encoded[(0, 2, 3)[before] : whole]
        if len(inner) >= 2 * SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")


def _words(headers: Iterable[tuple[str, str]], target: str) -> Iterator[str]:
    texts = [value for _, value in headers]
    texts += re.split("[?&]", target)[1:]
    for text in texts:
        if len(text) <= _LONGEST_KEY:
            yield text
            for separator in (" ", "="):
                _, found, rest = text.partition(separator)
                if found:
                    yield rest.strip()
