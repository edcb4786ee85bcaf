"""`POST …/events/notification`: a notification was shown or clicked."""

from typing import Annotated

from pydantic import Field

from gateway.core import strict_json
from gateway.core.message import KeyUse, OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import Parameters
from pushexpress.fields import Filled, InstancePath, listed
from pushexpress.system import accepted, forwarded, pushexpress


class Notification(Parameters):
    """The body."""

    msg_id: Filled = Field(description="The message's id; `px.msg_id` of FCM's data.")
    event: Annotated[str, listed("delivered", "clicked")] = Field(description="`delivered` or `clicked`.")


@endpoint(pushexpress, path=InstancePath, body=Notification, success=accepted)
def handler(received: EndpointInput[Notification, InstancePath]) -> OutboundMessage:
    """`POST /api/r/v2/apps/{app_id}/instances/{ic_id}/events/notification`, once per event and message."""
    to, event = received.path, received.body
    return OutboundMessage(
        payload=forwarded(received.request, to.app_id, to.ic_id, "events", "notification"),
        scope=(to.app_id, to.ic_id),
        key=strict_json.write([event.msg_id, event.event]).decode(),
        key_use=KeyUse.QUEUED,
    )
