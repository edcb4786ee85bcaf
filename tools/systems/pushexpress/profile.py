"""push.express's profile."""

from tools.systems.profile import Profile
from tools.systems.pushexpress.page import PAGE
from tools.systems.pushexpress.vendor import PushExpress

PROFILE = Profile(
    name="pushexpress",
    prefix="PushExpress",
    title="push.express",
    page=PAGE,
    vendor=PushExpress,
)
