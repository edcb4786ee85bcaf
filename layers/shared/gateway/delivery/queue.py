"""A system's queue (SQS), and how long a message waits for its next try."""

import random

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
