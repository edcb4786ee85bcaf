"""Faults of ours: what is raised beside the tree of errors is logged and counted, and becomes one of them."""

from collections.abc import Callable

from gateway.core.errors import Fault, GatewayError
from gateway.core.telemetry import count, log


def attempted[Value](
    call: Callable[[], Value], *, event_id: str, system: str, endpoint: str
) -> Value | GatewayError:
    """What a function returns, or the error that it raises; the log has a fault, with what is known of it."""
    try:
        return call()
    except GatewayError as error:
        return error
    except Exception:
        log.exception("fault", event_id=event_id, system=system, endpoint=endpoint)
        count(system, "Fault")
        return Fault()
