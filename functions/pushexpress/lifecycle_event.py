"""`POST …/events/lifecycle`: an app moved to the foreground or the background, or was closed."""

from typing import Annotated

from pydantic import ConfigDict, Field, RootModel

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import Parameters
from pushexpress.fields import InstancePath, listed
from pushexpress.system import accepted, forwarded, pushexpress

USE_SECONDS = 120
"""The event has no timestamp: a late `onscreen` would override a newer `closed`."""


class LifecycleEvent(Parameters):
    """The documented body."""

    event: Annotated[str, listed("onscreen", "background", "closed")] = Field(
        description="`onscreen`, `background` or `closed`."
    )


class Lifecycle(RootModel[LifecycleEvent | None]):
    """The body, or none: one SDK sends a heartbeat without a body every 30 seconds."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


@endpoint(pushexpress, path=InstancePath, body=Lifecycle, success=accepted)
def handler(received: EndpointInput[Lifecycle, InstancePath]) -> OutboundMessage:
    """`POST /api/r/v2/apps/{app_id}/instances/{ic_id}/events/lifecycle`; a heartbeat is never queued."""
    to = received.path
    return OutboundMessage(
        payload=forwarded(received.request, to.app_id, to.ic_id, "events", "lifecycle"),
        scope=(to.app_id, to.ic_id),
        good_for=USE_SECONDS if received.body.root else 0,
    )
