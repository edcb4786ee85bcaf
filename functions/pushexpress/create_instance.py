"""`POST …/instances`: a newly installed app requests an id for its instance."""

from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import UUID
from gateway.inbound.validate import Parameters
from pushexpress.fields import PRINTABLE, AppPath
from pushexpress.system import answered, forwarded, pushexpress, settings


class Instance(Parameters):
    """The body."""

    ic_token: Annotated[str, UUID if settings.strict else PRINTABLE] = Field(
        description="The installation's own, globally unique token."
    )
    ext_id: str | None = Field(None, description="An external id, for users who log in and out.")


@endpoint(pushexpress, path=AppPath, body=Instance, success=answered)
def handler(received: EndpointInput[Instance, AppPath]) -> OutboundMessage:
    """`POST /api/r/v2/apps/{app_id}/instances`: only push.express can create an id."""
    app_id = received.path.app_id
    return OutboundMessage(
        payload=forwarded(received.request, app_id), scope=(app_id, received.body.ic_token)
    )
