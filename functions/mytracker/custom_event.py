"""`customEvent`: an event defined by the app."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from mytracker.fields import IdentifiedEvent, Text255, Texts
from mytracker.messages import events_message
from mytracker.system import accepted, mytracker


class CustomEvent(IdentifiedEvent):
    """The body of `customEvent`."""

    customEventName: Text255
    customEventParams: Texts = Field(None, description="Parameters of the event.")

    def conversions(self) -> Mapping[str, Any]:
        """MyTracker accepts parameters only as strings."""
        params = self.customEventParams
        return {} if params is None else {"customEventParams": params}


@endpoint(mytracker, body=CustomEvent, success=accepted)
def handler(received: EndpointInput[CustomEvent]) -> OutboundMessage:
    """`POST /v1/customEvent/`."""
    return events_message("customEvent", received.request, [received.body])
