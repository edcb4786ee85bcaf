"""Which apps may pass, and what push.express calls them: else the gateway would be an open relay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

ANY = "*"
ID = r"[A-Za-z0-9_-]{1,64}"


@dataclass(frozen=True)
class Apps:
    """`names`: an app id as clients know it, and as push.express does."""

    names: Mapping[str, str]
    any: bool = False

    @classmethod
    def of(cls, listed: str) -> Self:
        """Read `20523-1212,demo=20523-1213`: ids, aliases of ids, or `*` for any id; none when empty."""
        entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
        pairs = [entry.split("=", 1) for entry in entries if entry != ANY]
        return cls({pair[0].strip(): pair[-1].strip() for pair in pairs}, any=ANY in entries)

    def real(self, app_id: str) -> str | None:
        """push.express's own id of an app, None where the app may not pass or is no id at all."""
        if re.fullmatch(ID, app_id) is None:
            return None
        return self.names.get(app_id, app_id if self.any else None)
