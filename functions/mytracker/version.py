"""`version`: the API's version; the vendor's SDK asks for it without a token."""

from gateway.answer import Success
from gateway.call import HttpRequest, Tell
from gateway.endpoint import Given, endpoint
from gateway.http import path
from gateway.validate import NoValues
from mytracker.system import mytracker_by_status


@endpoint(mytracker_by_status, body=NoValues, success=Success(), keyed=False, tracking=False)
def handler(given: Given[NoValues]) -> Tell:
    """`POST /v1/version`, without anything of the caller, whom nobody knows."""
    del given
    return Tell(payload=HttpRequest(method="POST", path=path("v1", "version")))
