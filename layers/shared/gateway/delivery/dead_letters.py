"""What stands in a dead-letter queue: a message that was given up, and why."""

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.data import dataclass
from gateway.core.message import Opaque
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask, PayloadReader

_KEPT_BODY = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """What an operator reads: the message as it was queued, why it was given up, and the upstream's answer.

    `died_at` is Unix seconds; `status` and `body` are the upstream's (`body` cut at 16 KiB), None where it
    gave none. `message` is a task's text, or whatever stood in its place.
    """

    message: str
    reason: str
    died_at: float
    receives: int
    status: int | None = None
    body: bytes | None = None

    @classmethod
    def of(cls, message: str, reason: str, reply: Reply | None, *, died_at: float, receives: int) -> Self:
        """The letter of a message."""
        return cls(
            message=message,
            reason=reason,
            died_at=round(died_at, 3),
            receives=receives,
            status=reply.status if reply else None,
            body=reply.body[:_KEPT_BODY] if reply else None,
        )

    def dumps(self) -> str:
        """The text of the letter."""
        body = None if self.body is None else base64.b64encode(self.body).decode()
        return strict_json.write({"letter": 1, **asdict(self), "body": body}, ascii_only=True).decode()

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read a letter; any other text is a message that SQS itself moved here, after 1,000 receives.

        Never raises: a letter that cannot be read must not keep an operator from the others.
        """
        try:
            data = strict_json.read(text.encode())
        except strict_json.Malformed:
            data = None
        if not isinstance(data, dict) or data.pop("letter", None) != 1:
            return cls(message=text, reason="received too often", died_at=0, receives=0)
        try:
            return cls(**_restored(data))
        except (KeyError, TypeError, ValueError, OverflowError):
            return cls(message=text, reason="unreadable letter", died_at=0, receives=0)

    @property
    def task(self) -> DeliveryTask | None:
        """The task with an opaque payload, where the message is one."""
        return self.task_of(Opaque)

    def task_of(self, payload: PayloadReader) -> DeliveryTask | None:
        """The task, where the message is one with such a payload."""
        try:
            return DeliveryTask.loads(self.message, payload)
        except ValueError:
            return None


def _restored(data: Mapping[str, Any]) -> dict[str, Any]:
    body, status = data.get("body"), data.get("status")
    names = DeadLetter.__annotations__.keys()  # a newer release may have more to say
    restored = {
        **{name: value for name, value in data.items() if name in names},
        "died_at": float(data["died_at"]),
        "body": None if body is None else base64.b64decode(body),
    }
    texts, counts = (data["message"], data["reason"]), (data["receives"], 0 if status is None else status)
    if not (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(count, int) for count in counts)
        and math.isfinite(restored["died_at"])
    ):
        raise ValueError("a part of another type")
    return restored
