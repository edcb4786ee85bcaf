"""The apps that may pass, and their ids at push.express: without a list this would be an open relay."""

import re
from collections.abc import Mapping
from typing import Self

from gateway.core.data import dataclass

ANY = "*"
ID = r"[A-Za-z0-9_-]{1,64}"


@dataclass(frozen=True)
class Apps:
    """`names`: app ids as clients know them, with the ids at push.express."""

    names: Mapping[str, str]
    any: bool = False

    @classmethod
    def of(cls, listed: str) -> Self:
        """Read `20523-1212,demo=20523-1213`: ids, aliases for ids, or `*` for any id; none if empty."""
        entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
        pairs = [entry.split("=", 1) for entry in entries if entry != ANY]
        return cls({pair[0].strip(): pair[-1].strip() for pair in pairs}, any=ANY in entries)

    def real(self, app_id: str) -> str | None:
        """The app's id at push.express, None if the app may not pass or the id is malformed."""
        if re.fullmatch(ID, app_id) is None:
            return None
        return self.names.get(app_id, app_id if self.any else None)
