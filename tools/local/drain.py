"""How much waits in the queues, and the end of a run: what can be delivered still is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.template.reader import Template

_COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


class Waiting:
    """The queues of a deployment, dead letters not among them."""

    def __init__(self, aws: LocalAws, template: Template, deployed: Deployed) -> None:
        """A system that is off has no queue."""
        self._sqs = aws.client("sqs")
        self._urls = [
            deployed.resources[name] for name in template.queues.values() if name in deployed.resources
        ]

    def count(self) -> int:
        """How many messages are waiting or being worked on."""
        asked = (self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS) for url in self._urls)
        return sum(int(count) for found in asked for count in found["Attributes"].values())

    def drain(self, seconds: float, say: Callable[[int], None], hurry: threading.Event) -> int:
        """Wait until nothing is left, `seconds` at most, or until somebody is in a hurry; what is left."""
        deadline = time.monotonic() + seconds
        while (left := self.count()) and time.monotonic() < deadline and not hurry.is_set():
            say(left)
            hurry.wait(0.2)
        return left
