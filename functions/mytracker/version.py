"""`version`: the API's version; the vendor's SDK asks for it without a token."""

from gateway.core.answer import Success
from gateway.core.message import HttpRequest, OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import NoValues
from gateway.outbound.http_upstream import path
from mytracker.system import mytracker


@endpoint(mytracker, body=NoValues, success=Success())
def handler(received: EndpointInput[NoValues]) -> OutboundMessage:
    """`POST /v1/version`, without anything from the caller, who is unknown."""
    del received
    return OutboundMessage(payload=HttpRequest(method="POST", path=path("v1", "version")))
