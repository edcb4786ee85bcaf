"""`customRevenueBatch`: several `customRevenue` events; one invalid event rejects the batch."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.custom_revenue import CustomRevenue
from mytracker.fields import Batch
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class CustomRevenueBatch(Batch[CustomRevenue]):
    """The body of `customRevenueBatch`."""


@endpoint(mytracker, body=CustomRevenueBatch, success=taken)
def handler(given: Given[CustomRevenueBatch]) -> Tell:
    """`POST /v1/customRevenueBatch/`, unique by the app and all the transactions together."""
    paid = given.body.root
    transactions = [one.idTransaction for one in paid]
    return tell_events("customRevenueBatch", given.request, paid, transactions=transactions)
