"""`session`: a user's session started, continued or ended."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from track.event import Event
from track.fields import TEXT, Integer, Region
from track.system import stored, track


class Session(Event):
    """A row of SessionEvent."""

    Region: Region
    SessionID: Annotated[str, TEXT, Field(min_length=1, max_length=32)]
    RemoteIP: Annotated[str, TEXT, Field(min_length=1, max_length=45)]
    SessionType: Annotated[str, TEXT, Field(min_length=1, max_length=32)]
    Message: Annotated[str, TEXT, Field(max_length=45)] = ""
    ProfileID: Integer = 0


@endpoint(track, body=Session, success=stored)
def handler(received: EndpointInput[Session]) -> OutboundMessage:
    """Store a session event."""
    session, profile = received.body.SessionID, received.body.ProfileID
    message = OutboundMessage(
        payload=received.body.row, scope=(session, str(profile)) if profile else (session,)
    )
    return replace(message, formerly=replace(message, scope=(session,)))
