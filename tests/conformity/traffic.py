"""What functions really ask of AWS while the suite runs: by function, action and resource, with samples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.conformity.sent import Sent

SAMPLES = 5
"""Requests of one kind that are kept whole."""

_RESOURCES = ("QueueUrl", "TableName", "SecretId", "DeliveryStreamName")

BATCHED = {"sqs:SendMessageBatch": "sqs:SendMessage"}
"""Operations that IAM allows by the action of another.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""


@dataclass(frozen=True, order=True)
class Use:
    """An action on a resource: `Use("sqs:SendMessage", "OneSignalQueue")`.

    The resource is its physical id as the request has it, or its logical id once that is known.
    """

    action: str
    resource: str

    def __str__(self) -> str:
        """`sqs:SendMessage on OneSignalQueue`."""
        return f"{self.action} on {self.resource}"


@dataclass
class Traffic:
    """The calls that were seen; `samples` are whole requests by function and use."""

    samples: dict[tuple[str, Use], list[Sent]] = field(default_factory=dict)

    def note(self, function: str, sent: Sent) -> None:
        """Keep a function's request. `function` is its logical id."""
        kept = self.samples.setdefault((function, _use(sent)), [])
        if len(kept) < SAMPLES:
            kept.append(sent)

    def uses(self, logical_ids: Mapping[str, str]) -> dict[str, set[Use]]:
        """What each function used, by its logical id; `logical_ids` are those of resources by physical id."""
        found: dict[str, set[Use]] = {}
        for function, use in list(self.samples):
            resource = logical_ids.get(use.resource, use.resource)
            found.setdefault(function, set()).add(Use(use.action, resource))
        return found


def _use(sent: Sent) -> Use:
    action = sent.action
    if action is None:
        return Use(sent.headers.get("x-amz-target", ""), "")
    said = json.loads(sent.body)
    needed = BATCHED.get(str(action), str(action))
    return Use(needed, str(next((said[name] for name in _RESOURCES if name in said), "")))
