"""`customEventBatch`: several `customEvent` events; one invalid event rejects the batch."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.custom_event import CustomEvent
from mytracker.fields import Batch
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class CustomEventBatch(Batch[CustomEvent]):
    """The body of `customEventBatch`."""


@endpoint(mytracker, body=CustomEventBatch, success=taken)
def handler(given: Given[CustomEventBatch]) -> Tell:
    """`POST /v1/customEventBatch/`."""
    return tell_events("customEventBatch", given.request, given.body.root)
