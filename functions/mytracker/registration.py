"""`registration`: a user signed up."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import UserEvent
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class Registration(UserEvent):
    """The body of `registration`."""


@endpoint(mytracker, body=Registration, success=taken)
def handler(given: Given[Registration]) -> Tell:
    """`POST /v1/registration/`."""
    return tell_events("registration", given.request, [given.body])
