"""`customRevenue`: a payment that MyTracker cannot see by itself."""

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import Currency, IdentifiedEvent, Text255, Total
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class CustomRevenue(IdentifiedEvent):
    """The body of `customRevenue`."""

    idTransaction: Text255 = Field(description="Unique in the MyTracker project.")
    currency: Currency = Field(description="ISO 4217.")
    total: Total = Field(description="The amount paid.")


@endpoint(mytracker, body=CustomRevenue, success=accepted)
def handler(received: EndpointInput[CustomRevenue]) -> OutboundMessage:
    """`POST /v1/customRevenue/`, unique by app and transaction."""
    paid = received.body
    return events_message("customRevenue", received.request, [paid], transactions=[paid.idTransaction])
