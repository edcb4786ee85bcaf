"""push.express's profile."""

from tools.systems.profile import Profile
from tools.systems.pushexpress.page import PAGE
from tools.systems.pushexpress.vendor import PushExpress

PROFILE = Profile(
    name="pushexpress",
    page=PAGE,
    vendor=PushExpress,
)
