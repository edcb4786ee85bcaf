"""`increment-session-length`: a player kept the app in the foreground for some more seconds."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from gateway.fields import Uuid, integer
from gateway.validate import Parameters
from onesignal.system import onesignal, says, tell_player


class IncrementSessionLength(Parameters):
    """The parameters of `increment-session-length`."""

    player_id: Uuid = Field(description="The player's OneSignal id.")
    state: Literal["ping"]
    active_time: Annotated[int, integer(0, 2**63 - 1)] = Field(description="Seconds.")


@endpoint(onesignal, body=IncrementSessionLength, success=says("increment session success"))
def handler(given: Given[IncrementSessionLength]) -> Tell:
    """`POST /players/{player_id}/on_focus`."""
    focus = {"state": given.body.state, "active_time": given.body.active_time}
    return tell_player(given.body.player_id, "on_focus", focus)
