"""`POST …/deactivate`: an instance unsubscribes. Undocumented, but both mobile SDKs call it."""

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import NoValues
from pushexpress.fields import InstancePath
from pushexpress.system import answered, forwarded, pushexpress


@endpoint(pushexpress, path=InstancePath, body=NoValues, success=answered)
def handler(received: EndpointInput[NoValues, InstancePath]) -> OutboundMessage:
    """`POST /api/r/v2/apps/{app_id}/instances/{ic_id}/deactivate`; the body is not read."""
    to = received.path
    payload = forwarded(received.request, to.app_id, to.ic_id, "deactivate")
    return OutboundMessage(payload=payload, scope=(to.app_id, to.ic_id))
