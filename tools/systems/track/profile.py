"""track's profile."""

from tools.systems.profile import Profile
from tools.systems.track.page import PAGE

PROFILE = Profile(
    name="track",
    page=PAGE,
)
