"""`POST …/deactivate`: an instance wants no more notifications. Undocumented; both mobile SDKs call it."""

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from gateway.validate import NoValues
from pushexpress.fields import InstancePath
from pushexpress.system import answers, forwarded, pushexpress


@endpoint(pushexpress, path=InstancePath, body=NoValues, success=answers)
def handler(given: Given[NoValues, InstancePath]) -> Tell:
    """`POST /api/r/v2/apps/{app_id}/instances/{ic_id}/deactivate`, the body unread."""
    to = given.path
    payload = forwarded(given.request, to.app_id, to.ic_id, "deactivate")
    return Tell(payload=payload, scope=(to.app_id, to.ic_id))
