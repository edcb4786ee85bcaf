"""MyTracker's profile."""

from tools.systems.mytracker.page import PAGE
from tools.systems.mytracker.vendor import MyTracker
from tools.systems.profile import Profile

PROFILE = Profile(
    name="mytracker",
    page=PAGE,
    vendor=MyTracker,
)
