"""`POST …/events/lifecycle`: an app moved to the foreground or the background, or was closed."""

from typing import Annotated

from pydantic import ConfigDict, Field, RootModel

from gateway.core.task import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import Parameters
from pushexpress.fields import InstancePath, listed
from pushexpress.system import accepts, forwarded, pushexpress

USE_SECONDS = 120
"""It has no timestamp: a late `onscreen` would follow a newer `closed`."""


class LifecycleEvent(Parameters):
    """The body that the document shows."""

    event: Annotated[str, listed("onscreen", "background", "closed")] = Field(
        description="`onscreen`, `background` or `closed`."
    )


class Lifecycle(RootModel[LifecycleEvent | None]):
    """The body, or none at all: one SDK says so that it is still there, every 30 seconds."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


@endpoint(pushexpress, path=InstancePath, body=Lifecycle, success=accepts)
def handler(received: EndpointInput[Lifecycle, InstancePath]) -> OutboundMessage:
    """`POST /api/r/v2/apps/{app_id}/instances/{ic_id}/events/lifecycle`; a heartbeat is for now or never."""
    to = received.path
    return OutboundMessage(
        payload=forwarded(received.request, to.app_id, to.ic_id, "events", "lifecycle"),
        scope=(to.app_id, to.ic_id),
        good_for=USE_SECONDS if received.body.root else 0,
    )
