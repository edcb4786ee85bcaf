"""`user`: a user arrived, and from where."""

from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from track.event import Event
from track.fields import TEXT, ProfileId, Region
from track.system import stored, track


class User(Event):
    """A row of UserEvent."""

    ProfileID: ProfileId
    Region: Region
    Referrer: Annotated[str, TEXT, Field(max_length=64)] = ""
    Message: Annotated[str, TEXT, Field(max_length=45)] = ""


@endpoint(track, body=User, success=stored)
def handler(received: EndpointInput[User]) -> OutboundMessage:
    """Store a user event."""
    return OutboundMessage(payload=received.body.row, scope=(str(received.body.ProfileID),))
