"""OneSignal's profile."""

from tools.systems.onesignal.page import PAGE
from tools.systems.onesignal.vendor import OneSignal
from tools.systems.profile import Profile

PROFILE = Profile(
    name="onesignal",
    page=PAGE,
    vendor=OneSignal,
)
