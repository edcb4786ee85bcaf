"""`customRevenue`: a payment that MyTracker does not learn of by itself."""

from pydantic import Field

from gateway.core.task import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import Currency, IdentifiedEvent, Text255, Total
from mytracker.messages import events_message
from mytracker.system import mytracker, taken


class CustomRevenue(IdentifiedEvent):
    """The body of `customRevenue`."""

    idTransaction: Text255 = Field(description="Unique in the MyTracker project.")
    currency: Currency = Field(description="ISO 4217.")
    total: Total = Field(description="What was paid.")


@endpoint(mytracker, body=CustomRevenue, success=taken)
def handler(received: EndpointInput[CustomRevenue]) -> OutboundMessage:
    """`POST /v1/customRevenue/`, unique by the app and the transaction."""
    paid = received.body
    return events_message("customRevenue", received.request, [paid], transactions=[paid.idTransaction])
