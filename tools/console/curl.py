"""A call as a command for a shell: every part quoted, a variable in place of the client key."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterable

from tools.console.masks import Masks
from tools.console.message import Message

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

_OBEYED = re.compile(r"[^\n\t -~\xa0-\U0010ffff]")
"""Control characters: a terminal into which they are pasted may obey them, and run what follows."""


def command(request: Message, api: str, masks: Masks) -> str | None:
    """The command, for bash; None if the body is not all there, or is no text and holds a credential, or if a
    header holds control characters.

    A body that is no text, or holds control characters, is in base64. `api`: the base URL. Credentials other
    than client keys are masked.
    """
    if request.is_cut:
        return None
    parts = ["curl", "-i", "--globoff", "--path-as-is"]
    method, text = str(request.start["method"]), request.text
    if method == "HEAD":
        parts[1] = "--head"
    elif method != ("POST" if request.size else "GET"):
        parts += ["-X", shlex.quote(method)]
    headers = [field for field in request.headers if not _is_dropped(field[0])]
    if request.size and not any(name.lower() == "content-type" for name, _ in headers):
        parts += ["-H", shlex.quote("Content-Type:")]  # curl would set one of its own
    for name, value in headers:
        if _OBEYED.search(value):
            return None
        line = f"{name};" if value == "" else f"{name}: {value}"
        parts += ["-H", _quoted(line, masks)]
    before = ""
    if request.size and (text is None or _OBEYED.search(text)):
        encoded = base64.b64encode(request.body).decode()
        if masks.text(encoded) != encoded:
            return None
        before = f"printf %s {encoded} | base64 -d | "
        parts += ["--data-binary", "@-"]
    elif request.size:
        parts += ["--data-raw", _quoted(text or "", masks)]
    target = str(request.start["target"])
    if not target.startswith("/"):  # another host's address, or an option of curl's
        parts += ["--request-target", _quoted(target, masks)]
        target = "/"
    parts.append(_quoted(api + target, masks))
    return before + " ".join(parts)


def _is_dropped(name: str) -> bool:
    return name.lower() in _NOT_COPIED or name.lower().startswith(_BROWSERS)


def _quoted(text: str, masks: Masks) -> str:
    """One word of a shell: the literal parts in quotes, the variable between them."""
    words = [shlex.quote(masks.text(part)) if part else "" for part in _around(text, masks.client_keys)]
    return VARIABLE.join(words) or "''"


def _around(text: str, keys: Iterable[str]) -> list[str]:
    pattern = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    return re.split(pattern, text) if pattern else [text]
