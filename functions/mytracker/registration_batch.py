"""`registrationBatch`: several `registration` events; one invalid event rejects the batch."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import Batch
from mytracker.messages import events_message
from mytracker.registration import Registration
from mytracker.system import accepted, mytracker


class RegistrationBatch(Batch[Registration]):
    """The body of `registrationBatch`."""


@endpoint(mytracker, body=RegistrationBatch, success=accepted)
def handler(received: EndpointInput[RegistrationBatch]) -> OutboundMessage:
    """`POST /v1/registrationBatch/`."""
    return events_message("registrationBatch", received.request, received.body.root)
