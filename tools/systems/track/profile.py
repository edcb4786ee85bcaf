"""track's profile."""

from tools.systems.profile import Call, Profile
from tools.systems.track.page import PAGE

PROFILE = Profile(
    name="track",
    page=PAGE,
    refused_call=lambda parameter: Call("POST", "/v1/track/item"),
)
