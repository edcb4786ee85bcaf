"""Which dead letters a command is about."""

from __future__ import annotations

from dataclasses import dataclass

from tools.operator.dead_letters.queue import ReceivedLetter


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Letters that meet every condition that is given. Ages are in seconds since the letter was buried.

    `ids` are event ids, or SQS's message ids where a message cannot be read; `error` is a part of the reason,
    or the upstream's status.
    """

    ids: frozenset[str] = frozenset()
    endpoint: str | None = None
    error: str | None = None
    older: float | None = None
    newer: float | None = None

    def takes(self, held: ReceivedLetter, now: float) -> bool:
        """Whether a letter is one of them."""
        age = now - held.buried_at
        return (
            (not self.ids or bool(self.ids & {held.id, held.message_id}))
            and self.endpoint in (None, held.endpoint)
            and (self.error is None or self._is_error(held))
            and (self.older is None or age >= self.older)
            and (self.newer is None or age < self.newer)
        )

    def _is_error(self, held: ReceivedLetter) -> bool:
        return self.error == str(held.letter.status) or str(self.error) in held.letter.reason
