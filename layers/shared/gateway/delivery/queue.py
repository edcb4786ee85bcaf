"""A system's queue (SQS), and how long a message waits for its next try."""

import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.outbound import aws

QUEUE_SECONDS = 2.0

MAX_ENTRIES = 10
MAX_BYTES = 1024 * 1024
"""SendMessageBatch's limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""

ENTRY_TRIES = 2
"""How often an entry is sent that SQS reports as failed within an answer of 200."""

FAILED_CALLS = 2
"""After so many failed calls in a row, the queue is taken to be down: nothing more is sent."""

UNSENT = "unsent"
"""The code of a message for which no time was left."""

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


class Queue:
    """The SQS queue at `url`. Methods raise aws.AwsError."""

    def __init__(self, url: str) -> None:
        """Nothing is sent yet."""
        self._url = url

    def send(self, text: str) -> None:
        """Put one message in; when this returns, SQS has it in more than one data centre."""
        body = {"QueueUrl": self._url, "MessageBody": text}
        aws.post("sqs", "SendMessage", body, seconds=QUEUE_SECONDS)

    def send_many(self, texts: Sequence[str], *, seconds: float) -> list[str | None]:
        """Put messages (ASCII) in, by ten and by size, within `seconds`.

        For each, in order: None if SQS has it, otherwise the code of what prevented that. Raises nothing.
        """
        deadline = time.monotonic() + seconds
        codes: list[str | None] = [UNSENT] * len(texts)
        failed_calls = 0
        for part in _parts(texts):
            for _ in range(ENTRY_TRIES):
                left = deadline - time.monotonic()
                if left <= 0 or failed_calls == FAILED_CALLS:
                    return codes
                try:
                    found = self._send_entries(texts, part, seconds=min(QUEUE_SECONDS, left))
                    failed_calls = 0
                except aws.AwsError as error:
                    found = dict.fromkeys(part, error.code)
                    failed_calls += 1
                for index, code in found.items():
                    codes[index] = code
                part = [index for index in part if codes[index] is not None]
                if failed_calls or not part:
                    break
        return codes

    def _send_entries(
        self, texts: Sequence[str], part: Sequence[int], *, seconds: float
    ) -> dict[int, str | None]:
        """Send messages in one call; for each, None or its own code: an answer of 200 may list failures."""
        entries = [{"Id": str(index), "MessageBody": texts[index]} for index in part]
        body = {"QueueUrl": self._url, "Entries": entries}
        answer = aws.post("sqs", "SendMessageBatch", body, seconds=seconds)
        taken = {entry.get("Id") for entry in _entries(answer, "Successful")}
        codes = {entry.get("Id"): str(entry.get("Code")) for entry in _entries(answer, "Failed")}
        return {index: None if str(index) in taken else codes.get(str(index), "unanswered") for index in part}

    def later(self, receipt: str, seconds: int) -> None:
        """Let a message that was received be seen again in `seconds` (0 to 43,200)."""
        body = {"QueueUrl": self._url, "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        aws.post("sqs", "ChangeMessageVisibility", body, seconds=QUEUE_SECONDS)


def _parts(texts: Sequence[str]) -> Iterator[list[int]]:
    """The indices of messages that may go in one call."""
    part: list[int] = []
    size = 0
    for index, text in enumerate(texts):
        if part and (len(part) == MAX_ENTRIES or size + len(text) > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(index)
        size += len(text)
    if part:
        yield part


def _entries(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


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
