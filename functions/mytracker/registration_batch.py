"""`registrationBatch`: several `registration` events; one invalid event rejects the batch."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import Batch
from mytracker.registration import Registration
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class RegistrationBatch(Batch[Registration]):
    """The body of `registrationBatch`."""


@endpoint(mytracker, body=RegistrationBatch, success=taken)
def handler(given: Given[RegistrationBatch]) -> Tell:
    """`POST /v1/registrationBatch/`."""
    return tell_events("registrationBatch", given.request, given.body.root)
