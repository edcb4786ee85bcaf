"""`customRevenue`: a payment that MyTracker does not learn of by itself."""

from pydantic import Field

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import Currency, IdentifiedEvent, Text255, Total
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class CustomRevenue(IdentifiedEvent):
    """The body of `customRevenue`."""

    idTransaction: Text255 = Field(description="Unique in the MyTracker project.")
    currency: Currency = Field(description="ISO 4217.")
    total: Total = Field(description="What was paid.")


@endpoint(mytracker, body=CustomRevenue, success=taken)
def handler(given: Given[CustomRevenue]) -> Tell:
    """`POST /v1/customRevenue/`, unique by the app and the transaction."""
    paid = given.body
    return tell_events("customRevenue", given.request, [paid], transactions=[paid.idTransaction])
