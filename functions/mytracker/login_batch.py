"""`loginBatch`: several `login` events; one invalid event rejects the batch."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import Batch
from mytracker.login import Login
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class LoginBatch(Batch[Login]):
    """The body of `loginBatch`."""


@endpoint(mytracker, body=LoginBatch, success=accepted)
def handler(received: EndpointInput[LoginBatch]) -> OutboundMessage:
    """`POST /v1/loginBatch/`."""
    return events_message("loginBatch", received.request, received.body.root)
