"""An upstream's reply, as far as the gateway looks at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.core.data import dataclass

LONGEST_RETRY_AFTER = 24 * 3600
"""The longest `Retry-After` that is honoured, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An upstream's own answer, as far as the gateway looks at it. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def retry_after(self) -> int | None:
        """The seconds that `Retry-After` asks for in either form of RFC 9110, at most a day; None for others.

        Seconds for a date, too: the clock of a phone may be wrong.
        """
        text = self.headers.get("retry-after", "").strip()
        if re.fullmatch("[0-9]+", text):
            return min(int(text.lstrip("0")[:6] or 0), LONGEST_RETRY_AFTER)
        if re.fullmatch("[A-Za-z0-9 ,:+-]{1,40}", text) is None:
            return None
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        left = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        return min(max(0, int(left)), LONGEST_RETRY_AFTER)
