"""`customRevenueBatch`: several `customRevenue` events; one invalid event rejects the batch."""

from gateway.core.task import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.custom_revenue import CustomRevenue
from mytracker.fields import Batch
from mytracker.messages import events_message
from mytracker.system import mytracker, taken


class CustomRevenueBatch(Batch[CustomRevenue]):
    """The body of `customRevenueBatch`."""


@endpoint(mytracker, body=CustomRevenueBatch, success=taken)
def handler(received: EndpointInput[CustomRevenueBatch]) -> OutboundMessage:
    """`POST /v1/customRevenueBatch/`, unique by the app and all the transactions together."""
    paid = received.body.root
    transactions = [one.idTransaction for one in paid]
    return events_message("customRevenueBatch", received.request, paid, transactions=transactions)
