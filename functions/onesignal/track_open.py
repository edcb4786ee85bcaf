"""`track-open`: a user opened a notification."""

from typing import Annotated, Any

from pydantic import Field

from gateway import wire
from gateway.call import HttpRequest, Tell
from gateway.endpoint import Given, endpoint
from gateway.fields import Rule, Uuid, refusal
from gateway.http import path
from gateway.validate import Parameters
from onesignal.system import onesignal, says

_TRUE = {"anyOf": [{"type": "boolean", "const": True}, {"type": "string", "const": "true"}]}


def _true(value: Any) -> bool:
    # The document says `"true"`, its own example sends true.
    if value is True or value == "true":
        return True
    raise refusal("must be true")


class TrackOpen(Parameters):
    """The parameters of `track-open`."""

    id: Uuid = Field(description="The notification's id.")
    opened: Annotated[bool, Rule(_true, _TRUE, before=True)]


@endpoint(onesignal, body=TrackOpen, success=says("track open success"))
def handler(given: Given[TrackOpen]) -> Tell:
    """`PUT /notifications/{id}`."""
    opened = HttpRequest(
        method="PUT",
        path=path("notifications", given.body.id),
        headers={"Content-Type": "application/json"},
        body=wire.write({"opened": given.body.opened}),
    )
    return Tell(payload=opened)
