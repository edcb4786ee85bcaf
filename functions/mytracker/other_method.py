"""MyTracker's other methods: relayed as received, not validated, never queued."""

from gateway.core.answer import Success
from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import NoValues, Parameters
from mytracker.messages import relayed_message
from mytracker.system import mytracker


class OtherMethod(Parameters):
    """The path's value."""

    method: str


@endpoint(mytracker, path=OtherMethod, body=NoValues, success=Success())
def handler(received: EndpointInput[NoValues, OtherMethod]) -> OutboundMessage:
    """`POST /v1/{method}`, for the prefixes in the setting."""
    return relayed_message(received.path.method, received.request)
