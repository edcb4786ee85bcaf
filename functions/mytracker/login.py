"""`login`: a user signed in."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import UserEvent
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class Login(UserEvent):
    """The body of `login`."""


@endpoint(mytracker, body=Login, success=accepted)
def handler(received: EndpointInput[Login]) -> OutboundMessage:
    """`POST /v1/login/`."""
    return events_message("login", received.request, [received.body])
