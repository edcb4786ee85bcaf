"""`customEvent`: an event that the app defines."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from mytracker.fields import IdentifiedEvent, Text255, Texts
from mytracker.system import mytracker, taken
from mytracker.tell import tell_events


class CustomEvent(IdentifiedEvent):
    """The body of `customEvent`."""

    customEventName: Text255
    customEventParams: Texts = Field(None, description="Parameters of the event.")

    def conversions(self) -> Mapping[str, Any]:
        """MyTracker takes parameters as texts alone."""
        params = self.customEventParams
        return {} if params is None else {"customEventParams": params}


@endpoint(mytracker, body=CustomEvent, success=taken)
def handler(given: Given[CustomEvent]) -> Tell:
    """`POST /v1/customEvent/`."""
    return tell_events("customEvent", given.request, [given.body])
