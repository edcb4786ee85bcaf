"""`track-open`: a user opened a notification."""

from typing import Annotated, Any

from pydantic import Field

from gateway.core import strict_json
from gateway.core.message import HttpRequest, OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import Rule, Uuid, invalid_value
from gateway.inbound.validate import Parameters
from gateway.outbound.http_upstream import path
from onesignal.system import envelope, onesignal

_TRUE = {"anyOf": [{"type": "boolean", "const": True}, {"type": "string", "const": "true"}]}


def _true(value: Any) -> bool:
    # The document specifies `"true"`; its own example sends true.
    if value is True or value == "true":
        return True
    raise invalid_value("must be true")


class TrackOpen(Parameters):
    """The parameters of `track-open`."""

    id: Uuid = Field(description="The notification's id.")
    opened: Annotated[bool, Rule(_true, _TRUE, before=True)]


@endpoint(onesignal, body=TrackOpen, success=envelope("track open success"))
def handler(received: EndpointInput[TrackOpen]) -> OutboundMessage:
    """`PUT /notifications/{id}`."""
    opened = HttpRequest(
        method="PUT",
        path=path("notifications", received.body.id),
        headers={"Content-Type": "application/json"},
        body=strict_json.write({"opened": received.body.opened}),
        account=received.account,
    )
    return OutboundMessage(payload=opened, scope=(received.account,) if received.account else ())
