"""`loginBatch`: several `login` events; one invalid event rejects the batch."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import Batch
from mytracker.login import Login
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class LoginBatch(Batch[Login]):
    """The body of `loginBatch`."""


@endpoint(mytracker, body=LoginBatch, success=taken)
def handler(given: Given[LoginBatch]) -> Tell:
    """`POST /v1/loginBatch/`."""
    return tell_events("loginBatch", given.request, given.body.root)
