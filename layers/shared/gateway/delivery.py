"""Deliver a Call: send it now; what cannot be sent is the queue's."""

import time
from typing import Protocol

from gateway.call import Call, Reply
from gateway.errors import Setup, Transient, Undeliverable, UpstreamError, UpstreamFailed
from gateway.settings import Settings
from gateway.telemetry import took


class Upstream(Protocol):
    """What a system offers: sending one Call, and several at once."""

    def prepare(self) -> None:
        """What can be done during INIT; must not raise."""

    def send(self, call: Call, *, seconds: float) -> Reply:
        """Deliver one Call within `seconds`. Raises Transient, Setup, Refused."""

    def send_many(self, calls: list[Call], *, seconds: float) -> list[UpstreamError | None]:
        """Deliver several, `seconds` for each; what became of each, in order (None: delivered)."""


def deliver(call: Call, upstream: Upstream, settings: Settings, *, deferrable: bool) -> Reply:
    """Send a Call and return the upstream's success. Raises Refused, Undeliverable, UpstreamFailed."""
    seconds = settings.send_seconds if deferrable and settings.delivery != "off" else settings.wait_seconds
    started = time.monotonic()
    try:
        return upstream.send(call, seconds=seconds)
    except (Transient, Setup) as failure:
        raise (Undeliverable if deferrable else UpstreamFailed)(failure) from failure
    finally:
        took(call.system, time.monotonic() - started)
