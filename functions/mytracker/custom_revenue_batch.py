"""`customRevenueBatch`: several `customRevenue` events; one invalid event rejects the batch."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.custom_revenue import CustomRevenue
from mytracker.fields import Batch
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class CustomRevenueBatch(Batch[CustomRevenue]):
    """The body of `customRevenueBatch`."""


@endpoint(mytracker, body=CustomRevenueBatch, success=accepted)
def handler(received: EndpointInput[CustomRevenueBatch]) -> OutboundMessage:
    """`POST /v1/customRevenueBatch/`, unique by app and all transactions together."""
    paid = received.body.root
    transactions = [event.idTransaction for event in paid]
    return events_message("customRevenueBatch", received.request, paid, transactions=transactions)
