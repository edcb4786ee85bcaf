"""`registration`: a user signed up."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import UserEvent
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class Registration(UserEvent):
    """The body of `registration`."""


@endpoint(mytracker, body=Registration, success=accepted)
def handler(received: EndpointInput[Registration]) -> OutboundMessage:
    """`POST /v1/registration/`."""
    return events_message("registration", received.request, [received.body])
