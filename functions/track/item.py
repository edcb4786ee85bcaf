"""`item`: a player acquired an item with gold, with silver or on loan."""

from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from track.event import Event
from track.fields import TEXT, Boolean, Integer, ProfileId, Region
from track.system import stored, track


class Item(Event):
    """A row of ItemEvent. The document requires IsUGC; the original service reads a missing one as false."""

    ProfileID: ProfileId
    Region: Region
    ItemName: Annotated[str, TEXT, Field(min_length=1, max_length=64)]
    ItemType: Annotated[str, TEXT, Field(min_length=1, max_length=45)]
    IsUGC: Boolean = Field(False, description="Whether a user created the item.")
    IsRented: Boolean = False
    PriceGold: Integer = 0
    PriceSilver: Integer = 0


@endpoint(track, body=Item, success=stored)
def handler(received: EndpointInput[Item]) -> OutboundMessage:
    """Store an item event."""
    return OutboundMessage(payload=received.body.row, scope=(str(received.body.ProfileID),))
