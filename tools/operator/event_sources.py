"""The event sources, which pass the queues' messages to the workers: read, enabled, disabled."""

from __future__ import annotations

from time import monotonic, sleep

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.operator.aws_errors import code
from tools.operator.stack import Stack

ENABLED = "Enabled"
DISABLED = "Disabled"

SWITCH_SECONDS = 300.0
"""How long to wait for a change; AWS takes up to a minute."""

_POLL_SECONDS = 2.0


def state(stack: Stack, system: str) -> str:
    """Lambda's word for the state of a system's event source: `Enabled`, `Disabling`, `Disabled`, …

    Raises CommandError, botocore's errors.
    """
    found = stack.client("lambda").get_event_source_mapping(UUID=stack.event_source(system))
    return str(found.get("State", "unknown"))


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
