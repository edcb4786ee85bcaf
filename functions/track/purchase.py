"""`purchase`: a user paid real money."""

from typing import Annotated, ClassVar

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from track.event import Event
from track.fields import TEXT, Amount, ProfileId, Region
from track.system import stored, track


class Purchase(Event):
    """A row of PurchaseEvent. The document specifies integer amounts; real clients send `1.99`."""

    never_empty: ClassVar[frozenset[str]] = frozenset({"GrossAmount", "NetAmount"})

    ProfileID: ProfileId
    Region: Region
    Currency: Annotated[str, TEXT, Field(min_length=1, max_length=3)]
    GrossAmount: Amount
    NetAmount: Amount
    PaymentProvider: Annotated[str, TEXT, Field(min_length=1, max_length=45)]
    Product: Annotated[str, TEXT, Field(min_length=1, max_length=45)]


@endpoint(track, body=Purchase, success=stored)
def handler(received: EndpointInput[Purchase]) -> OutboundMessage:
    """Store a purchase event."""
    return OutboundMessage(payload=received.body.row, scope=(str(received.body.ProfileID),))
