"""`increment-session-length`: a player kept the app in the foreground for more seconds."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import Uuid, integer
from gateway.inbound.validate import Parameters
from onesignal.system import envelope, onesignal, player_message


class IncrementSessionLength(Parameters):
    """The parameters of `increment-session-length`."""

    player_id: Uuid = Field(description="The player's OneSignal id.")
    state: Literal["ping"]
    active_time: Annotated[int, integer(0, 2**63 - 1)] = Field(description="Seconds.")


@endpoint(onesignal, body=IncrementSessionLength, success=envelope("increment session success"))
def handler(received: EndpointInput[IncrementSessionLength]) -> OutboundMessage:
    """`POST /players/{player_id}/on_focus`."""
    focus = {"state": received.body.state, "active_time": received.body.active_time}
    return player_message(received.body.player_id, "on_focus", focus, account=received.account)
