"""`customEventBatch`: several `customEvent` events; one invalid event rejects the batch."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.custom_event import CustomEvent
from mytracker.fields import Batch
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class CustomEventBatch(Batch[CustomEvent]):
    """The body of `customEventBatch`."""


@endpoint(mytracker, body=CustomEventBatch, success=accepted)
def handler(received: EndpointInput[CustomEventBatch]) -> OutboundMessage:
    """`POST /v1/customEventBatch/`."""
    return events_message("customEventBatch", received.request, received.body.root)
