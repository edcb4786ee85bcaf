"""`test-app-access`: whether a key may use an app; the vendor's SDK checks the status only."""

from gateway.answer import Success
from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from gateway.validate import NoValues
from mytracker.system import mytracker_by_status
from mytracker.tell import tell_as_it_came


@endpoint(mytracker_by_status, body=NoValues, success=Success(), tracking=False)
def handler(given: Given[NoValues]) -> Tell:
    """`POST /v1/test-app-access?idApp=…`."""
    return tell_as_it_came("test-app-access", given.request)
