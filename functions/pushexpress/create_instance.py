"""`POST …/instances`: a newly installed app asks for its instance's id."""

from typing import Annotated

from pydantic import Field

from gateway.call import Tell
from gateway.endpoint import Given, endpoint
from gateway.fields import UUID
from gateway.validate import Parameters
from pushexpress.fields import PRINTABLE, AppPath
from pushexpress.system import answers, forwarded, pushexpress, settings


class Instance(Parameters):
    """The body."""

    ic_token: Annotated[str, UUID if settings.strict else PRINTABLE] = Field(
        description="The installation's own token, unique in the world."
    )
    ext_id: str | None = Field(None, description="An external id, for users who log in and out.")


@endpoint(pushexpress, path=AppPath, body=Instance, success=answers)
def handler(given: Given[Instance, AppPath]) -> Tell:
    """`POST /api/r/v2/apps/{app_id}/instances`: only push.express can make an id."""
    app_id = given.path.app_id
    return Tell(payload=forwarded(given.request, app_id), scope=(app_id, given.body.ic_token))
