"""The event sources, which pass the queues' messages to the workers: read, enabled, disabled."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, sleep

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.failures.aws import code
from tools.operator.stack import Stack

ENABLED = "Enabled"
DISABLED = "Disabled"

SWITCH_SECONDS = 300.0
"""How long to wait for a change; AWS takes up to a minute."""

_POLL_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """`state`: Lambda's word, `Enabled`, `Disabling`, `Disabled`, …; messages in a batch, workers at once."""

    state: str
    batch_size: int
    concurrency: int


def read(stack: Stack, system: str) -> EventSource:
    """A system's event source. Raises CommandError, botocore's errors."""
    found = stack.client("lambda").get_event_source_mapping(UUID=stack.event_source(system))
    scaling = found.get("ScalingConfig", {})
    # The local AWS does not store the scaling.
    concurrency = scaling.get("MaximumConcurrency") or stack.parameters.get("DeliveryConcurrency") or 1
    return EventSource(
        state=str(found.get("State", "unknown")),
        batch_size=int(found.get("BatchSize", 10)),
        concurrency=int(concurrency),
    )


def state(stack: Stack, system: str) -> str:
    """The state of a system's event source. Raises CommandError, botocore's errors."""
    return read(stack, system).state


def switch(stack: Stack, system: str, *, on: bool) -> None:
    """Enable or disable it, and wait until it is so. Raises CommandError, botocore's errors."""
    wanted = ENABLED if on else DISABLED
    deadline = monotonic() + SWITCH_SECONDS
    while (now := state(stack, system)) != wanted:
        # Any other state is a change in progress, during which Lambda accepts no other.
        if now in (ENABLED, DISABLED):
            _ask(stack, system, on=on)
        if monotonic() > deadline:
            raise CommandError(f"{system}'s event source is still {now}, not {wanted}: run this again")
        sleep(_POLL_SECONDS)


def _ask(stack: Stack, system: str, *, on: bool) -> None:
    try:
        stack.client("lambda").update_event_source_mapping(UUID=stack.event_source(system), Enabled=on)
    except ClientError as error:
        if code(error) != "ResourceInUseException":
            raise
