"""A system's queue and its dead letters (SQS), and how long a message waits for its next try."""

import base64
import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.task import DeliveryTask, Reply
from gateway.outbound import aws

QUEUE_SECONDS = 2.0
CAP_SECONDS = 900
"""The longest wait between two tries."""

PROBE_SECONDS = 60
"""The same for one message of a batch that failed: it finds out soon that an upstream has recovered."""

PROBE_RECEIVES = 600
"""After so many tries a message waits like the others, or it would use up what the queue allows (1,000)."""

SPARING_RECEIVES = 800
"""After so many tries a message waits for hours, so that the thousand that the queue allows it last for the
13 days in which it may have to wait for its first send."""

SPARING_SECONDS = 3 * 3600

_FIRST_SECONDS = 2
_KEPT_ANSWER = 16 * 1024


class Queue:
    """The SQS queue at `url`. Methods raise aws.AwsError."""

    def __init__(self, url: str) -> None:
        """Nothing is sent yet."""
        self._url = url

    def send(self, text: str) -> None:
        """Put one message in; when this returns, SQS has it in more than one data centre."""
        body = {"QueueUrl": self._url, "MessageBody": text}
        aws.post("sqs", "SendMessage", body, seconds=QUEUE_SECONDS)

    def later(self, receipt: str, seconds: int) -> None:
        """Let a message that was received be seen again in `seconds` (0 to 43,200)."""
        body = {"QueueUrl": self._url, "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        aws.post("sqs", "ChangeMessageVisibility", body, seconds=QUEUE_SECONDS)


def backoff(receives: int, *, asked: float | None, probe: bool, scale: float, spaced: bool = False) -> int:
    """Whole seconds until the next try: full jitter, doubled by each try, at most 15 min.

    `receives` counts this try; `asked` is the upstream's `Retry-After`, honoured up to the cap; `scale`
    shrinks every wait (a proof need not take a day). `spaced`: the few tries that there are shall outlast a
    short outage, so each waits for 7.5 min at least.
    """
    cap = PROBE_SECONDS if probe and receives <= PROBE_RECEIVES else CAP_SECONDS
    longest = min(cap, _FIRST_SECONDS * 2 ** min(receives, 30))
    shortest = longest / 2 if probe else 0
    if spaced:
        shortest, longest = CAP_SECONDS / 2, CAP_SECONDS
    if receives > SPARING_RECEIVES:
        shortest, longest = SPARING_SECONDS / 2, SPARING_SECONDS
    jittered = random.uniform(shortest, longest)  # noqa: S311 - jitter, not a secret
    return round(scale * max(jittered, min(asked or 0, CAP_SECONDS)))


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
            body=reply.body[:_KEPT_ANSWER] if reply else None,
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
        """The task, where the message is one."""
        try:
            return DeliveryTask.loads(self.message)
        except ValueError:
            return None


def _restored(data: Mapping[str, Any]) -> dict[str, Any]:
    body, status = data.get("body"), data.get("status")
    names = {field.name for field in fields(DeadLetter)}  # a newer release may have more to say
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
