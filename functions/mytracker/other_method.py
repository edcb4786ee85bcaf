"""MyTracker's other methods: relayed as they come, not validated, never queued."""

import re

from gateway.core.answer import Success
from gateway.core.task import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.request import Request
from gateway.inbound.validate import NoValues, Parameters
from mytracker.messages import relayed_message
from mytracker.system import mytracker_by_status, settings

_FAMILIES = tuple(family.strip() for family in settings.other_methods.split(",") if family.strip())


class OtherMethod(Parameters):
    """The path's value."""

    method: str


def _exists(request: Request) -> bool:
    method = request.path_values.get("method", "")
    return re.fullmatch("[A-Za-z0-9]{1,64}", method) is not None and method.startswith(_FAMILIES)


@endpoint(mytracker_by_status, path=OtherMethod, body=NoValues, success=Success(), exists=_exists)
def handler(received: EndpointInput[NoValues, OtherMethod]) -> OutboundMessage:
    """`POST /v1/{method}` for the families of the setting."""
    return relayed_message(received.path.method, received.request)
