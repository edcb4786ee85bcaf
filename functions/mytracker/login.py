"""`login`: a user signed in."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import UserEvent
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class Login(UserEvent):
    """The body of `login`."""


@endpoint(mytracker, body=Login, success=taken)
def handler(given: Given[Login]) -> Tell:
    """`POST /v1/login/`."""
    return tell_events("login", given.request, [given.body])
