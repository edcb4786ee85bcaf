"""The vendors that the sandbox plays, one file each."""

from tools.sandbox.exchange import Vendor
from tools.sandbox.vendors.mytracker import MyTracker
from tools.sandbox.vendors.onesignal import OneSignal
from tools.sandbox.vendors.pushexpress import PushExpress
from tools.sandbox.vendors.trax import Trax


def every_vendor() -> list[Vendor]:
    """A fresh one of each."""
    return [OneSignal(), Trax(), PushExpress(), MyTracker()]
