"""A call as a command for a shell: every part quoted, a variable in place of the client key."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.console.message import Message
from tools.masks import HEADERS, MASK, Masks
from tools.terminal import harmless

VARIABLE = '"$CLIENT_KEY"'
"""Is expanded by the shell, and stands outside all quoted parts."""

_NOT_COPIED = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "accept-encoding"),
        *("expect", "te", "trailer", "upgrade", "cookie", "user-agent"),
    }
)
"""Headers that curl sets itself, or that belong to the connection or the browser."""

_BROWSERS = ("sec-", "proxy-")

_RANGE = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|$)", re.IGNORECASE)


def command(request: Message, api: str, masks: Masks, authority: Path | None = None) -> str | None:
    """The command, for bash; None if headers or body are not all there, if the body is no text and holds a
    credential, or if a header or the target holds control characters.

    A body that is no text, or holds control characters, is in base64. `api`: the base URL; `authority`: of
    its certificate, for https. The variable is in place of each client key, and of what a header like
    `Authorization` holds; other credentials are masked.
    """
    if request.is_cut or not request.kept:
        return None
    text = request.text
    before, data = "", []
    if text is None or harmless(text) != text:
        encoded = base64.b64encode(request.body).decode()
        if any(masks.text(written) != written for written in (encoded, request.body.decode("latin-1"))):
            return None
        before, data = f"printf %s {encoded} | base64 -d | ", ["--data-binary @-"]
    elif text:
        data = [f"--data-raw {_quoted(text, masks)}"]
    first = " ".join(_start(request, api, masks, authority))
    written = before + " \\\n  ".join([first, *_headers(request, masks), *data])
    # A terminal may obey what is pasted into it, and show another command than it runs.
    return written if harmless(written) == written else None


def _start(request: Message, api: str, masks: Masks, authority: Path | None) -> Iterator[str]:
    method, target = str(request.start["method"]), str(request.start["target"])
    url = api + (target if target.startswith("/") else "/")
    yield "curl -i"
    if authority is not None:
        yield f"--cacert {shlex.quote(str(authority))}"
    if _RANGE.search(url):
        yield "--globoff"
    if _DOTS.search(target):
        yield "--path-as-is"
    if method == "HEAD" and not request.size:
        yield "--head"
    elif method != ("POST" if request.size else "GET"):
        yield f"-X {shlex.quote(method)}"
    if not target.startswith("/"):  # another host's address, or an option of curl's
        yield f"--request-target {_quoted(target, masks)}"
    yield _quoted(url, masks)


def _headers(request: Message, masks: Masks) -> Iterator[str]:
    has_type = False
    for name, value in request.headers:
        lower = name.lower()
        has_type |= lower == "content-type"
        if lower not in _NOT_COPIED and not lower.startswith(_BROWSERS):
            yield f"-H {_header(name, value, masks)}"
    if request.size and not has_type:
        yield "-H Content-Type:"  # curl would set one of its own


def _header(name: str, value: str, masks: Masks) -> str:
    if value == "":
        return shlex.quote(f"{name};")  # with a colon, curl would leave it out
    if name.lower() in HEADERS:
        return _word(f"{name}: {masks.header(name, value)}".split(MASK))
    return _quoted(f"{name}: {value}", masks)


def _quoted(text: str, masks: Masks) -> str:
    return _word(masks.text(part) for part in masks.around_client_keys(text))


def _word(parts: Iterable[str]) -> str:
    """One word of a shell: the literal parts in quotes, the variable between them."""
    return VARIABLE.join(shlex.quote(part) if part else "" for part in parts) or "''"
