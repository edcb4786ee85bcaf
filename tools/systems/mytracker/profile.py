"""MyTracker's profile."""

from tools.systems.mytracker.page import PAGE
from tools.systems.mytracker.vendor import MyTracker
from tools.systems.profile import Profile

PROFILE = Profile(
    name="mytracker",
    prefix="MyTracker",
    title="MyTracker",
    page=PAGE,
    vendor=MyTracker,
)
