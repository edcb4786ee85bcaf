"""MyTracker's other methods: relayed as they come, not validated, never queued."""

import re

from gateway.answer import Success
from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from gateway.request import Request
from gateway.validate import NoValues, Parameters
from mytracker.system import mytracker_by_status, settings
from mytracker.tell import tell_as_it_came

_FAMILIES = tuple(family.strip() for family in settings.other_methods.split(",") if family.strip())


class OtherMethod(Parameters):
    """The path's value."""

    method: str


def _exists(request: Request) -> bool:
    method = request.path_values.get("method", "")
    return re.fullmatch("[A-Za-z0-9]{1,64}", method) is not None and method.startswith(_FAMILIES)


@endpoint(mytracker_by_status, path=OtherMethod, body=NoValues, success=Success(), exists=_exists)
def handler(given: Given[NoValues, OtherMethod]) -> Tell:
    """`POST /v1/{method}` for the families of the setting."""
    return tell_as_it_came(given.path.method, given.request)
