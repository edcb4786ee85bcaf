"""What a credential looks like on a screen: as it is if it is the sandbox's, else hidden."""

from __future__ import annotations

import re

_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-user-key"})
_OF_A_LOCAL_RUN = re.compile(r"local-[\w-]+")
HIDDEN = "•" * 8


def shown(name: str, value: str) -> str:
    """A header's value. A scheme (`Auth-Token`, `Key`) stays; what follows is hidden unless it is local."""
    if name.lower() not in _CREDENTIALS:
        return value
    scheme, space, credential = value.rpartition(" ")
    return value if _OF_A_LOCAL_RUN.fullmatch(credential) else f"{scheme}{space}{HIDDEN}"
