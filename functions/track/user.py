"""`user`: a user arrived, and where from."""

from typing import Annotated

from pydantic import Field

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
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
def handler(given: Given[User]) -> Tell:
    """Store a user event."""
    return Tell(payload=given.body.row, scope=(str(given.body.ProfileID),))
