"""Trax's profile."""

from tools.systems.profile import Profile
from tools.systems.trax.page import PAGE
from tools.systems.trax.vendor import Trax

PROFILE = Profile(
    name="trax",
    page=PAGE,
    vendor=Trax,
)
