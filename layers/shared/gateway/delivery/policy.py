"""What the contract and the settings let happen to a task at its first attempt.

Each combination of a key policy and a queue policy is one that `tests/proofs/model` searches exhaustively;
what nobody may combine cannot be expressed.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from gateway.core.data import dataclass
from gateway.core.identity import RequestIdentity


class KeyPolicy(Enum):
    """What an idempotency key does for the API call."""

    NONE = auto()
    """No key is claimed: each request is a task of its own."""

    CLIENT = auto()
    """The client's own key: claimed and remembered; a second request in flight is told so."""

    NATURAL = auto()
    """The contract's key: claimed and remembered; a second request in flight is queued."""

    UNTIL_KNOWN = auto()
    """The contract's key, remembered only while the outcome of a send is unknown."""

    @property
    def claims(self) -> bool:
        """Whether the key is claimed before the send."""
        return self is not KeyPolicy.NONE

    @property
    def remembers(self) -> bool:
        """Whether a delivery is remembered, so that the same request is answered without another send."""
        return self is not KeyPolicy.UNTIL_KNOWN


class QueuePolicy(Enum):
    """When the task goes into the queue."""

    NEVER = auto()
    """The app needs the upstream's own answer."""

    ON_FAILURE = auto()
    """After a failed send, even if that may have arrived."""

    ON_CERTAIN_FAILURE = auto()
    """After a failed send that certainly did not arrive."""

    FIRST = auto()
    """Without a send: the worker delivers it."""


@dataclass(frozen=True)
class DeliveryPolicy:
    """The two policies. `former`: see idempotency.Claim."""

    key: KeyPolicy = KeyPolicy.NONE
    queue: QueuePolicy = QueuePolicy.ON_FAILURE
    former: RequestIdentity | None = None

    @property
    def may_queue(self) -> bool:
        """Whether the task may be queued at all."""
        return self.queue is not QueuePolicy.NEVER

    def queue_first(self) -> DeliveryPolicy:
        """The policy of the same task while its system is held; only for one that may be queued."""
        return replace(self, queue=QueuePolicy.FIRST)
