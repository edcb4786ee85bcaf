"""`test-app-access`: whether a key may use an app; the vendor's SDK checks only the status."""

from gateway.core.answer import Success
from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import NoValues
from mytracker.messages import relayed_message
from mytracker.system import mytracker


@endpoint(mytracker, body=NoValues, success=Success())
def handler(received: EndpointInput[NoValues]) -> OutboundMessage:
    """`POST /v1/test-app-access?idApp=…`."""
    return relayed_message("test-app-access", received.request)
