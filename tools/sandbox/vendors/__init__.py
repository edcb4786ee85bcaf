"""The vendors that the sandbox plays, one file each."""

from tools.sandbox.exchange import Vendor
from tools.sandbox.vendors.onesignal import OneSignal
from tools.sandbox.vendors.trax import Trax


def every_vendor() -> list[Vendor]:
    """A fresh one of each."""
    return [OneSignal(), Trax()]
